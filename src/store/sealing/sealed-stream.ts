import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import type { Sealer } from './seal.js';

const CIPHER = 'aes-256-gcm';
const TAG_BYTES = 16;
const SALT_BYTES = 32;
/** Content of every chunk but the last, which has no more. */
const CHUNK = 64 * 1024;
const SEALED_CHUNK = CHUNK + TAG_BYTES;
const LONGEST_HEADER = 256;
const NEWLINE = 10;

/** What backups are sealed for: nothing else opens with the same key. */
export const BACKUP = 'oriel backup';

const MAGIC = 'oriel-sealed 1';
const HEADER = /^oriel-sealed 1 ([A-Za-z0-9_-]{1,32}) ([A-Za-z0-9_-]{43})$/;

/** The key that sealed this is not in the ring. */
export class KeyMissing extends Error {
  constructor(readonly key: string) {
    super(`It is sealed with the key ${key}, which is not in the key ring.`);
  }
}

/**
 * Its number and whether it is the last make the nonce of a chunk, so that none can be left out, repeated, moved or cut off (STREAM:
 * Hoang, Reyhanitabar, Rogaway, Vizár 2015). A key is used for one stream only, since its salt is new.
 */
const nonceOf = (number: number, isLast: boolean): Buffer => {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(number, 5, 6);
  nonce.writeUInt8(isLast ? 1 : 0, 11);
  return nonce;
};

const keyFor = (ring: Pick<Sealer, 'derive'>, id: string, purpose: string, salt: Buffer): KeyObject => {
  const key = ring.derive(id, purpose, salt);
  if (key === null) throw new KeyMissing(id);
  return key;
};

/** Pieces of `size` bytes and whether each is the last, which may be shorter; one, empty, of nothing. */
async function* cut(
  bytes: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<readonly [piece: Buffer, isLast: boolean]> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const part of bytes) {
    parts.push(Buffer.from(part.buffer, part.byteOffset, part.byteLength));
    length += part.byteLength;
    // The last of what came is held back: it is not known yet whether more will come.
    if (length <= size) continue;
    const all = Buffer.concat(parts);
    let from = 0;
    for (; length - from > size; from += size) yield [all.subarray(from, from + size), false];
    const rest = all.subarray(from);
    parts = [rest];
    length = rest.length;
  }
  yield [Buffer.concat(parts), true];
}

/**
 * Seals a stream under the first key of the ring, for one purpose: AES-256-GCM, chunk by chunk, under a key of its own. Its first line
 * names the key and the salt; nothing else can be read without the ring.
 */
export async function* sealStream(
  plain: AsyncIterable<Uint8Array>,
  ring: Pick<Sealer, 'derive' | 'ids'>,
  purpose: string,
): AsyncGenerator<Buffer> {
  const [id = ''] = ring.ids();
  const salt = randomBytes(SALT_BYTES);
  const key = keyFor(ring, id, purpose, salt);
  const header = Buffer.from(`${MAGIC} ${id} ${salt.toString('base64url')}\n`);
  yield header;
  let number = 0;
  for await (const [chunk, isLast] of cut(plain, CHUNK)) {
    const cipher = createCipheriv(CIPHER, key, nonceOf(number, isLast), { authTagLength: TAG_BYTES });
    cipher.setAAD(header);
    yield Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()]);
    number += 1;
  }
}

const openChunk = (
  key: KeyObject,
  header: Buffer,
  number: number,
  sealed: Buffer,
  isLast: boolean,
): Buffer => {
  if (sealed.length < TAG_BYTES) throw new Error('its end is missing');
  const nonce = nonceOf(number, isLast);
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(header);
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const unproven = decipher.update(sealed.subarray(0, -TAG_BYTES));
  try {
    return Buffer.concat([unproven, decipher.final()]);
  } catch {
    throw new Error(
      'it was changed, cut off, or sealed with another key of that name than the one in the key ring',
    );
  }
};

/** Id of the key that sealed a stream; null where it does not start like a sealed one. */
export const sealedBy = (beginning: Buffer): string | null => {
  const end = beginning.indexOf(NEWLINE);
  const [, id] = HEADER.exec(beginning.toString('latin1', 0, Math.max(end, 0))) ?? [];
  return id ?? null;
};

/** Bytes that are enough for `sealedBy`, and the whole from the start. */
export const peek = async (
  bytes: AsyncIterable<Buffer>,
): Promise<{ readonly beginning: Buffer; readonly whole: AsyncIterable<Buffer> }> => {
  const iterator = bytes[Symbol.asyncIterator]();
  let beginning = Buffer.alloc(0);
  let isOver = false;
  while (!isOver && beginning.length < LONGEST_HEADER && !beginning.includes(NEWLINE)) {
    const next = await iterator.next();
    if (next.done === true) isOver = true;
    else beginning = Buffer.concat([beginning, next.value]);
  }
  async function* whole(): AsyncGenerator<Buffer> {
    yield beginning;
    if (!isOver) yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { beginning, whole: whole() };
};

/**
 * The content of a sealed stream. Every piece that is given out was vouched for; that it is whole is known only at the end, which rejects
 * where it is not. Throws `KeyMissing`, and an Error that says what is wrong with it.
 */
export async function* openStream(
  sealed: AsyncIterable<Buffer>,
  ring: Pick<Sealer, 'derive'>,
  purpose: string,
): AsyncGenerator<Buffer> {
  const { beginning, whole } = await peek(sealed);
  const end = beginning.indexOf(NEWLINE);
  const [, id, salt] = HEADER.exec(beginning.toString('latin1', 0, Math.max(end, 0))) ?? [];
  if (id === undefined || salt === undefined) throw new Error('it does not start like one');
  const header = Buffer.from(beginning.subarray(0, end + 1));
  const key = keyFor(ring, id, purpose, Buffer.from(salt, 'base64url'));
  async function* rest(): AsyncGenerator<Buffer> {
    let skipped = false;
    for await (const part of whole) {
      yield skipped ? part : part.subarray(header.length);
      skipped = true;
    }
  }
  let number = 0;
  for await (const [chunk, isLast] of cut(rest(), SEALED_CHUNK)) {
    yield openChunk(key, header, number, chunk, isLast);
    number += 1;
  }
}
