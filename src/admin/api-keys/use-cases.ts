import { type Actor, nameOf } from '../../domain/actor.js';
import { API_SCOPES, type ApiKey, isGood } from '../../domain/administrator.js';
import { AppError } from '../../domain/errors.js';
import { Secret } from '../../domain/secret.js';
import type { Deps } from '../admin-deps.js';
import { misfitsOf } from '../checked.js';
import { newApiKey } from './schema.js';

const DAY = 24 * 60 * 60_000;
const PREFIX = 'oriel_';
const KEY = /^oriel_[\w-]{43}$/;

/** All keys of the administration API. Only hashes of their secrets are kept. */
export function listApiKeys({ stores }: Deps<never, 'apiKeys'>): Promise<readonly ApiKey[]> {
  return stores.apiKeys.list();
}

/** Who is behind a key: a key that was made by another key goes back to that key's administrator. */
async function adminBehind({ stores }: Deps<never, 'apiKeys'>, by: Actor): Promise<string | null> {
  if (by.kind === 'admin') return by.id;
  if (by.kind !== 'api-key') return null;
  return (await stores.apiKeys.list()).find(({ id }) => id === by.id)?.createdByAdmin ?? null;
}

/** `secret` is what a client sends; it is not kept. Throws `body_invalid` for what does not fit `newApiKey`. */
export async function createApiKey(
  deps: Deps<'audit' | 'clock' | 'digest' | 'entropy', 'apiKeys'>,
  wanted: { readonly name: string; readonly scopes: readonly string[]; readonly days: number },
  by: Actor,
): Promise<{ readonly key: ApiKey; readonly secret: Secret }> {
  const { stores, audit, clock, digest, entropy } = deps;
  const [misfit] = misfitsOf(newApiKey, wanted);
  if (misfit !== undefined) throw new AppError('body_invalid', misfit.message);
  const { name, scopes, days } = wanted;
  const secret = new Secret(PREFIX + entropy.secret().reveal());
  const createdAt = clock.now();
  const key = {
    id: entropy.id(),
    name,
    scopes: API_SCOPES.filter((scope) => scopes.includes(scope)),
    createdAt,
    createdBy: nameOf(by),
    createdByAdmin: await adminBehind(deps, by),
    expiresAt: createdAt + days * DAY,
  };
  await stores.apiKeys.create({ ...key, secretHash: digest.sha256(secret.reveal()) });
  const changes = [
    { path: 'name', before: null, after: name },
    { path: 'scopes', before: null, after: key.scopes.join(' ') },
  ];
  await audit.record({ action: 'api-key.created', by, outcome: 'done', subject: key.id, changes });
  return { key: { ...key, lastUsedAt: null, revokedAt: null }, secret };
}

/** Counts from the next call on. Throws `api_key_unknown` when there is none, or it was revoked before. */
export async function revokeApiKey(
  { stores, audit, clock }: Deps<'audit' | 'clock', 'apiKeys'>,
  id: string,
  by: Actor,
): Promise<void> {
  if (!(await stores.apiKeys.revoke(id, clock.now())))
    throw new AppError('api_key_unknown', 'There is no such API key, or it was already revoked.');
  await audit.record({ action: 'api-key.revoked', by, outcome: 'done', subject: id });
}

/** Whose key this is; its use is noted. Throws `api_key_missing` for none, `api_key_invalid` for an unknown, revoked or expired one. */
export async function authenticateApiKey(
  { stores, clock, digest }: Deps<'clock' | 'digest', 'apiKeys'>,
  given: Secret | null,
): Promise<{ readonly key: ApiKey; readonly actor: Actor }> {
  if (given === null)
    throw new AppError('api_key_missing', 'Send an API key as “Authorization: Bearer oriel_…”.');
  const secret = given.reveal();
  const key = KEY.test(secret) ? await stores.apiKeys.byHash(digest.sha256(secret)) : null;
  const now = clock.now();
  if (key === null || !isGood(key, now))
    throw new AppError('api_key_invalid', 'This API key is unknown, was revoked, or has expired.');
  await stores.apiKeys.touch(key.id, now);
  return { key, actor: { kind: 'api-key', id: key.id, name: key.name } };
}
