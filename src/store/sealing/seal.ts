import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import type { SetupKind } from '../../domain/setup-record.js';
import type { Viewer } from '../../domain/viewer.js';
import type { SealingKey } from './sealing-key.js';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Where a viewer's tokens and what leads to them stand. */
export interface TokenPlace {
  readonly kind: 'flow' | 'connection';
  /** Of the flow that brought the tokens; a Connection keeps it for as long as it keeps them. */
  readonly flow: string;
  readonly viewer: Viewer;
  readonly provider: string;
  readonly field: 'tokens' | 'verifier';
  readonly version: number;
}

/** Where the key of a viewer's pseudonym in the audit log stands. */
export interface PersonPlace {
  readonly kind: 'audit-person';
  readonly viewer: Viewer;
}

/** Where the entry of a provider or host stands that an administrator made. */
export interface SetupPlace {
  readonly kind: 'setup';
  readonly record: SetupKind;
  readonly id: string;
  readonly version: number;
}

/** The one place where a sealed text belongs; anywhere else it does not open. */
export type Place = TokenPlace | PersonPlace | SetupPlace;

/** Id of the key that sealed this. */
export const keyIdOf = (sealed: string): string => sealed.slice(0, Math.max(sealed.lastIndexOf('.'), 0));

/** Length before content keeps parts apart that a delimiter would let flow into one another. */
const prefixed = (part: string): Buffer => {
  const content = Buffer.from(part, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
};

/** A ViewerId names host and `sub`, and unlike `sub` it is the same after UTF-8 only if it is the same. */
const partsOf = (place: Place): readonly string[] => {
  if (place.kind === 'audit-person') return ['aud', 'v1', place.viewer.id];
  if (place.kind === 'setup') return ['set', 'v1', place.record, place.id, String(place.version)];
  const { kind, flow, viewer, provider, field, version } = place;
  return ['tok', 'v1', kind, flow, viewer.id, provider, field, String(version)];
};

const associated = (place: Place, keyId: string): Buffer =>
  Buffer.concat([...partsOf(place), keyId].map(prefixed));

interface Ring {
  readonly keys: ReadonlyMap<string, KeyObject>;
  /** The one that seals. */
  readonly current: { readonly id: string; readonly key: KeyObject };
}

const ringOf = (keys: readonly SealingKey[]): Ring => {
  const ring = new Map<string, KeyObject>();
  for (const { id, key } of keys) {
    const bytes = Buffer.from(key.reveal(), 'base64url');
    if (bytes.length !== KEY_BYTES)
      throw new Error(`Key ${id} is not ${KEY_BYTES} bytes in base64url: make one with \`oriel keys new\`.`);
    if (ring.has(id)) throw new Error(`Two keys of the ring are called ${id}: give each an id of its own.`);
    ring.set(id, createSecretKey(bytes));
  }
  const [current] = ring;
  if (current === undefined)
    throw new Error('The key ring is empty: make a key with `oriel keys new` and put it into `keys`.');
  return { keys: ring, current: { id: current[0], key: current[1] } };
};

/**
 * AES-256-GCM (NIST SP 800-38D): the first key of the ring seals, all open. Sealed text is the key's id, a dot, and base64url of
 * a random 96-bit IV, ciphertext and 128-bit tag.
 */
export class Sealer {
  #ring: Ring;

  /** Throws when the ring cannot be used. */
  constructor(keys: readonly SealingKey[]) {
    this.#ring = ringOf(keys);
  }

  seal(content: string, place: Place): string {
    const { current } = this.#ring;
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, current.key, iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(associated(place, current.id));
    const sealed = [iv, cipher.update(content, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return `${current.id}.${Buffer.concat(sealed).toString('base64url')}`;
  }

  /** Null when the key is not in the ring, or the text was changed or is from another place. */
  open(sealed: string, place: Place): string | null {
    const keyId = keyIdOf(sealed);
    const bytes = Buffer.from(sealed.slice(keyId.length + 1), 'base64url');
    const key = this.#ring.keys.get(keyId);
    if (key === undefined || bytes.length < IV_BYTES + TAG_BYTES) return null;
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(associated(place, keyId));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const unproven = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES));
    try {
      // The bytes from `update` are not authenticated yet; `final` throws unless the tag matches.
      return Buffer.concat([unproven, decipher.final()]).toString('utf8');
    } catch {
      return null;
    }
  }

  /** Ids of the keys of the ring; the first seals. */
  ids(): readonly string[] {
    return [...this.#ring.keys.keys()];
  }

  /**
   * A key for one purpose alone, out of a key of the ring (HKDF-SHA256, RFC 5869): neither the key of the ring nor one of another
   * purpose or salt can be derived from it. Null where the ring has no key of that id.
   */
  derive(keyId: string, purpose: string, salt: Uint8Array): KeyObject | null {
    const key = this.#ring.keys.get(keyId);
    if (key === undefined) return null;
    return createSecretKey(Buffer.from(hkdfSync('sha256', key, salt, purpose, KEY_BYTES)));
  }

  /** Takes another ring from now on. Throws, and keeps the ring it has, when that one cannot be used. */
  use(keys: readonly SealingKey[]): void {
    this.#ring = ringOf(keys);
  }
}
