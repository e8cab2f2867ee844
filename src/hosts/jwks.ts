import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWSHeaderParameters,
  type LocalJWKSet,
} from 'jose';
import { AppError } from '../domain/errors.js';
import type { Clock, Journal } from '../domain/system.js';
import type { JwksFetch } from '../net/guarded-fetch.js';

/** Milliseconds: how long a set is used, and how long it is kept when it cannot be fetched. */
const FRESH = 10 * 60_000;
const KEPT = 24 * 60 * 60_000;
/** An old set is requested again no sooner than this: while its address hangs, no other request waits for it. */
const BETWEEN_RENEWALS = 30_000;
/** An unknown `kid` is looked up no sooner than this after the last request: anyone can invent one. */
const BETWEEN_LOOKS = 3_000;

export type KeyFinder = (header: JWSHeaderParameters) => ReturnType<LocalJWKSet>;

interface KeySet {
  readonly find: ReturnType<typeof createLocalJWKSet>;
  readonly at: number;
}

/** The library itself takes public keys only; an invalid key must not make the others unusable. */
const parse = (text: string): JSONWebKeySet => {
  const document = JSON.parse(text) as JSONWebKeySet;
  return { keys: document.keys.filter((key) => typeof key === 'object' && key !== null) };
};

/**
 * The keys a host publishes (RFC 7517 §5). An unknown `kid` fetches the set again immediately, so that a host may sign with a new key as soon as
 * it is published; while the address cannot be reached the last good set is used for a day.
 */
export const publishedKeys = (
  url: string,
  { clock, journal, fetchJwks }: { clock: Clock; journal: Journal; fetchJwks: JwksFetch },
): KeyFinder => {
  let current: KeySet | null = null;
  let asking: Promise<void> | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;

  const ask = async (): Promise<void> => {
    askedAt = clock.monotonic();
    try {
      current = { find: createLocalJWKSet(parse(await fetchJwks(url))), at: askedAt };
    } catch (error) {
      journal.warn('host-keys-unavailable', {
        url,
        error: error instanceof Error ? error.message : 'unreadable',
        fix: 'The JWKS URL must answer 200 with a JWK set, without redirects, within five seconds. Of private addresses it may have those that `outgoing.allow` of oriel.yaml allows.',
      });
    }
  };

  const renew = async (between: number): Promise<void> => {
    if (clock.monotonic() - askedAt < between && asking === null) return;
    asking ??= ask().finally(() => {
      asking = null;
    });
    await asking;
  };

  const usable = (): KeySet => {
    if (current === null || clock.monotonic() - current.at > KEPT)
      throw new AppError('host_keys_unavailable', {}, `No usable key set from ${url}.`);
    return current;
  };

  return async (header) => {
    if (current === null || clock.monotonic() - current.at > FRESH) await renew(BETWEEN_RENEWALS);
    try {
      return await usable().find(header);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await renew(BETWEEN_LOOKS);
      return usable().find(header);
    }
  };
};
