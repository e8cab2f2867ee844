import { API_SCOPES } from '../../domain/administrator.js';
import { misfitsOf } from '../checked.js';
import type { AdminRoute, AdminVisit, ConsoleDeps } from '../console-route.js';
import { API_KEY_DAYS, newApiKey } from './schema.js';
import { createApiKey, listApiKeys, revokeApiKey } from './use-cases.js';

const LIST = '/admin/api-keys';
const SCOPE = 'scope.';

/** Field → what is wrong with it. */
type Wrong = { readonly [field in 'name' | 'days' | 'scopes']?: string };

const wrongIn = (wanted: unknown): Wrong =>
  Object.fromEntries(
    misfitsOf(newApiKey, wanted)
      .map(({ place, message }) => [place.split('.')[0], message] as const)
      .toReversed(),
  );

/** The page API keys: which there are, a new one, revoking one. */
export const apiKeyRoutes = (deps: ConsoleDeps): readonly AdminRoute[] => {
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
        const now = deps.clock.now();
        const keys = (await listApiKeys(deps)).map((key) => ({
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
      // The response is a page: the key is shown once, and only its hash is kept.
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
        const { key, secret } = await createApiKey(deps, wanted, visit.by);
        visit.show('admin/api-key-made', { key, secret: secret.reveal() });
      },
    },
    {
      method: 'post',
      path: `${LIST}/:id/revoke`,
      section,
      confirm: true,
      async handle(visit) {
        await revokeApiKey(deps, visit.params.id ?? '', visit.by);
        visit.leave({
          kind: 'good',
          message: 'API key revoked. It no longer works.',
        });
        visit.seeOther(LIST);
      },
    },
  ];
};
