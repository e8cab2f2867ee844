import { type Actor, nameOf } from '../../domain/actor.js';
import { API_SCOPES, type ApiKey, type ApiScope, isGood } from '../../domain/administrator.js';
import { AppError } from '../../domain/errors.js';
import { Secret } from '../../domain/secret.js';
import type { ManagePorts } from '../admin-ports.js';

const DAY = 24 * 60 * 60_000;

/** For how many days an API key is good when nothing else is said, and at most. */
export const API_KEY_DAYS = { usual: 90, most: 365 } as const;

const PREFIX = 'oriel_';
const KEY = /^oriel_[\w-]{43}$/;
const NAME = /^[^\p{C}\p{Zl}\p{Zp}]{1,80}$/u;

/** Keys of the administration API. Only their hashes are kept. */
export interface ApiKeys {
  list(): Promise<readonly ApiKey[]>;
  /** `secret` is what a client sends; it cannot be had again. Throws `body_invalid` for a name, scopes or days that cannot be. */
  create(
    wanted: { readonly name: string; readonly scopes: readonly string[]; readonly days: number },
    by: Actor,
  ): Promise<{ readonly key: ApiKey; readonly secret: Secret }>;
  /** Counts from the next call on. Throws `api_key_unknown` when there is none, or it was revoked before. */
  revoke(id: string, by: Actor): Promise<void>;
  /** Whose key this is, noting its use. Throws `api_key_missing` for none, `api_key_invalid` for an unknown, revoked or expired one. */
  authenticate(given: Secret | null): Promise<{ readonly key: ApiKey; readonly actor: Actor }>;
}

const isScope = (scope: string): scope is ApiScope => API_SCOPES.some((known) => known === scope);

export const apiKeys = ({ stores, audit, clock, entropy, digest }: ManagePorts): ApiKeys => {
  const store = stores.apiKeys;

  const checked = (scopes: readonly string[]): readonly ApiScope[] => {
    const known = API_SCOPES.filter((scope) => scopes.includes(scope));
    if (known.length === 0 || !scopes.every(isScope))
      throw new AppError(
        'body_invalid',
        `An API key has one or more scopes, each of: ${API_SCOPES.join(', ')}.`,
      );
    return known;
  };

  /** A key that a key made is not nobody's. */
  const adminBehind = async (by: Actor): Promise<string | null> => {
    if (by.kind === 'admin') return by.id;
    if (by.kind !== 'api-key') return null;
    return (await store.list()).find(({ id }) => id === by.id)?.createdByAdmin ?? null;
  };

  return {
    list: () => store.list(),

    async create({ name, scopes, days }, by) {
      if (!NAME.test(name) || name.trim() !== name)
        throw new AppError(
          'body_invalid',
          'An API key has a name of 1 to 80 characters, by which you know it again.',
        );
      if (!Number.isInteger(days) || days < 1 || days > API_KEY_DAYS.most)
        throw new AppError('body_invalid', `An API key is good for 1 to ${API_KEY_DAYS.most} days.`);
      const secret = new Secret(PREFIX + entropy.secret().reveal());
      const createdAt = clock.now();
      const key = {
        id: entropy.id(),
        name,
        scopes: checked(scopes),
        createdAt,
        createdBy: nameOf(by),
        createdByAdmin: await adminBehind(by),
        expiresAt: createdAt + days * DAY,
      };
      await store.create({ ...key, secretHash: digest.sha256(secret.reveal()) });
      const changes = [
        { path: 'name', before: null, after: name },
        { path: 'scopes', before: null, after: key.scopes.join(' ') },
      ];
      await audit.record({ action: 'api-key.created', by, outcome: 'done', subject: key.id, changes });
      return { key: { ...key, lastUsedAt: null, revokedAt: null }, secret };
    },

    async revoke(id, by) {
      if (!(await store.revoke(id, clock.now())))
        throw new AppError('api_key_unknown', 'There is no such API key that could be revoked.');
      await audit.record({ action: 'api-key.revoked', by, outcome: 'done', subject: id });
    },

    async authenticate(given) {
      if (given === null)
        throw new AppError('api_key_missing', 'Send an API key as “Authorization: Bearer oriel_…”.');
      const secret = given.reveal();
      const key = KEY.test(secret) ? await store.byHash(digest.sha256(secret)) : null;
      const now = clock.now();
      if (key === null || !isGood(key, now))
        throw new AppError('api_key_invalid', 'This API key is unknown, was revoked, or has expired.');
      await store.touch(key.id, now);
      return { key, actor: { kind: 'api-key', id: key.id, name: key.name } };
    },
  };
};
