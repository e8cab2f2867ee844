import { createHmac } from 'node:crypto';
import type { Sealer } from './seal.js';

const PURPOSE = 'oriel fingerprint';
const NO_SALT = new Uint8Array();
const LENGTH = 12;

/**
 * Short words for secrets, by which people distinguish them: HMAC-SHA-256 under a key out of the ring, so that no one without the ring
 * can try out what a secret may be. After a rotation the same secret has another.
 */
export class Fingerprints {
  readonly #ring: Pick<Sealer, 'derive' | 'ids'>;

  /** By the ring that `ring` has at the time a fingerprint is asked for. */
  constructor(ring: Pick<Sealer, 'derive' | 'ids'>) {
    this.#ring = ring;
  }

  of(secret: string): string {
    const [first = ''] = this.#ring.ids();
    const fingerprint = this.#by(first, secret);
    if (fingerprint === null) throw new Error('A key ring has a first key.');
    return fingerprint;
  }

  /** Also one that an older key of the ring made. */
  matches(secret: string, fingerprint: string): boolean {
    return this.#ring.ids().some((keyId) => this.#by(keyId, secret) === fingerprint);
  }

  #by(keyId: string, secret: string): string | null {
    const key = this.#ring.derive(keyId, PURPOSE, NO_SALT);
    return key && createHmac('sha256', key).update(secret).digest('base64url').slice(0, LENGTH);
  }
}
