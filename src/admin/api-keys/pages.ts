import { API_SCOPES } from '../../domain/administrator.js';
import { AppError } from '../../domain/errors.js';
import type { AdminRoute, AdminVisit } from '../console-route.js';
import type { AdminWeb } from '../console-web.js';
import { API_KEY_DAYS } from './use-cases.js';

const LIST = '/admin/api-keys';
const SCOPE = 'scope.';

/** Field → what is wrong with it. */
type Wrong = { readonly [field in 'name' | 'days' | 'scopes']?: string };

const wrongIn = ({ scopes, days }: { readonly scopes: readonly string[]; readonly days: number }): Wrong => ({
  ...(!(Number.isInteger(days) && days >= 1 && days <= API_KEY_DAYS.most) && {
    days: `A whole number from 1 to ${API_KEY_DAYS.most} is needed.`,
  }),
  ...(scopes.length === 0 && { scopes: 'Choose at least one.' }),
});

/** The page API keys: which there are, a new one, revoking one. */
export const apiKeyRoutes = (web: AdminWeb): readonly AdminRoute[] => {
  const { apiKeys } = web.manage;
  const section = 'administrators';

  const showNew = (visit: AdminVisit, errors: Wrong, status = 200): void => {
    const { form } = visit;
    const scopes = API_SCOPES.map((name) => ({ name, chosen: form.has(SCOPE + name) }));
    const days = form.get('days') ?? String(API_KEY_DAYS.usual);
    const model = { name: form.get('name') ?? '', days, most: API_KEY_DAYS.most, scopes, errors };
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
      handle: (visit) => showNew(visit, {}),
    },
    {
      // Answers with a page: the key is shown once, and only its hash is kept.
      method: 'post',
      path: `${LIST}/new`,
      section,
      confirm: true,
      async handle(visit) {
        const { form } = visit;
        const wanted = {
          name: form.get('name') ?? '',
          scopes: API_SCOPES.filter((scope) => form.has(SCOPE + scope)),
          days: Number(form.get('days') || Number.NaN),
        };
        const wrong = wrongIn(wanted);
        if (Object.keys(wrong).length > 0) return showNew(visit, wrong, 422);
        try {
          const { key, secret } = await apiKeys.create(wanted, visit.by);
          visit.show('admin/api-key-made', { key, secret: secret.reveal() });
        } catch (error) {
          if (!(error instanceof AppError && error.code === 'body_invalid')) throw error;
          showNew(visit, { name: error.message }, 422);
        }
      },
    },
    {
      method: 'post',
      path: `${LIST}/:id/revoke`,
      section,
      confirm: true,
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
