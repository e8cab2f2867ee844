import { API_SCOPES } from '../../../domain/admin.js';
import { AppError } from '../../../domain/errors.js';
import { API_KEY_DAYS } from '../../../manage/people/api-keys.js';
import type { AdminRoute, AdminVisit } from '../route.js';
import type { AdminWeb } from '../web.js';

const LIST = '/admin/api-keys';
const SCOPE = 'scope.';

/** The page API keys: which there are, a new one, revoking one. */
export const apiKeyRoutes = (web: AdminWeb): readonly AdminRoute[] => {
  const { apiKeys } = web.manage;
  const section = 'administrators';

  const showNew = (visit: AdminVisit, error: string | null, status = 200): void => {
    const { form } = visit;
    const scopes = API_SCOPES.map((name) => ({ name, chosen: form.has(SCOPE + name) }));
    const days = form.get('days') ?? String(API_KEY_DAYS.usual);
    const model = { name: form.get('name') ?? '', days, most: API_KEY_DAYS.most, scopes, error };
    visit.show('admin/api-key-new', model, { status });
  };

  return [
    {
      method: 'get',
      path: LIST,
      section,
      async handle(visit) {
        const now = web.clock.now();
        const keys = (await apiKeys.list()).map((key) => ({
          ...key,
          state: key.revokedAt !== null ? 'revoked' : key.expiresAt <= now ? 'expired' : 'good',
        }));
        visit.show('admin/api-keys', { keys });
      },
    },
    {
      method: 'get',
      path: `${LIST}/new`,
      section,
      confirm: true,
      handle: (visit) => showNew(visit, null),
    },
    {
      // Answers with a page: the key is shown once, and only its hash is kept.
      method: 'post',
      path: `${LIST}/new`,
      section,
      confirm: true,
      async handle(visit) {
        const { form } = visit;
        const scopes = API_SCOPES.filter((scope) => form.has(SCOPE + scope));
        try {
          const wanted = {
            name: form.get('name') ?? '',
            scopes,
            days: Number(form.get('days') || Number.NaN),
          };
          const { key, secret } = await apiKeys.create(wanted, visit.by);
          visit.show('admin/api-key-made', { key, secret: secret.reveal() });
        } catch (error) {
          if (!(error instanceof AppError && error.code === 'body_invalid')) throw error;
          showNew(visit, error.message, 422);
        }
      },
    },
    {
      method: 'post',
      path: `${LIST}/:id/revoke`,
      section,
      async handle(visit) {
        await apiKeys.revoke(visit.params.id ?? '', visit.by);
        visit.leave({
          kind: 'good',
          message: 'The API key was revoked: no request with it is answered any more.',
        });
        visit.seeOther(LIST);
      },
    },
  ];
};
