import { createHmac } from 'node:crypto';
import type { Sealer } from './seal.js';

/**
 * Short words for secrets, by which people distinguish them: HMAC-SHA-256 under a key out of the ring, so that no one without the ring
 * can try out what a secret may be. After a rotation the same secret has another.
 */
export interface Fingerprints {
  of(secret: string): string;
  /** Also one that an older key of the ring made. */
  matches(secret: string, fingerprint: string): boolean;
}

const PURPOSE = 'oriel fingerprint';
const NO_SALT = new Uint8Array();
const LENGTH = 12;

/** Fingerprints by the ring that `ring` has at that time. */
export const fingerprintsOf = (ring: Pick<Sealer, 'derive' | 'ids'>): Fingerprints => {
  const by = (keyId: string, secret: string): string | null => {
    const key = ring.derive(keyId, PURPOSE, NO_SALT);
    return key && createHmac('sha256', key).update(secret).digest('base64url').slice(0, LENGTH);
  };
  return {
    of(secret) {
      const [first = ''] = ring.ids();
      const fingerprint = by(first, secret);
      if (fingerprint === null) throw new Error('A key ring has a first key.');
      return fingerprint;
    },
    matches: (secret, fingerprint) => ring.ids().some((keyId) => by(keyId, secret) === fingerprint),
  };
};
