import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWSHeaderParameters,
  type LocalJWKSet,
} from 'jose';
import { AppError } from '../domain/errors.js';
import type { Clock, Journal } from '../domain/ports.js';

/** Milliseconds: a set is used so long, asked for again no sooner, and kept so long when it cannot be had. */
const FRESH = 10 * 60_000;
const COOLDOWN = 30_000;
const KEPT = 24 * 60 * 60_000;

/** Gets a host's JWKS document as text; rejects on anything but a 200 from that very address. */
export type JwksFetch = (url: string) => Promise<string>;

export type KeyFinder = (header: JWSHeaderParameters) => ReturnType<LocalJWKSet>;

interface KeySet {
  readonly find: ReturnType<typeof createLocalJWKSet>;
  readonly at: number;
}

/** The library itself takes public keys only; what is no key at all must not spoil the others. */
const parse = (text: string): JSONWebKeySet => {
  const document = JSON.parse(text) as JSONWebKeySet;
  return { keys: document.keys.filter((key) => typeof key === 'object' && key !== null) };
};

/**
 * The keys a host publishes (RFC 7517 §5). An unknown `kid` asks once more, so that a host may sign with a new key as soon as it
 * is published; while the address cannot be reached the last good set is used for a day.
 */
export const publishedKeys = (
  url: string,
  { clock, journal, fetchJwks }: { clock: Clock; journal: Journal; fetchJwks: JwksFetch },
): KeyFinder => {
  let current: KeySet | null = null;
  let asking: Promise<void> | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;

  const ask = async (): Promise<void> => {
    askedAt = clock.now();
    try {
      current = { find: createLocalJWKSet(parse(await fetchJwks(url))), at: askedAt };
    } catch (error) {
      journal.warn('host-keys-unavailable', {
        url,
        error: error instanceof Error ? error.message : 'unreadable',
        mend: 'The JWKS URL must answer 200 with a JWK set, without redirects, within five seconds.',
      });
    }
  };

  const renew = async (): Promise<void> => {
    if (clock.now() - askedAt < COOLDOWN && asking === null) return;
    asking ??= ask().finally(() => {
      asking = null;
    });
    await asking;
  };

  const usable = (): KeySet => {
    if (current === null || clock.now() - current.at > KEPT)
      throw new AppError(
        'host_keys_unavailable',
        'The page’s application cannot be asked for its keys just now. Please try again in a minute.',
        `No usable key set from ${url}.`,
      );
    return current;
  };

  return async (header) => {
    if (current === null || clock.now() - current.at > FRESH) await renew();
    try {
      return await usable().find(header);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await renew();
      return usable().find(header);
    }
  };
};
