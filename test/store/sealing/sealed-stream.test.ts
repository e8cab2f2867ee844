import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Sealer } from '../../../src/store/sealing/seal.js';
import {
  BACKUP,
  KeyMissing,
  openStream,
  sealedBy,
  sealStream,
} from '../../../src/store/sealing/sealed-stream.js';
import { keyRing } from '../fixtures.js';

const ring = new Sealer([...keyRing('new'), ...keyRing('old')]);
const CHUNK = 64 * 1024;
const SEALED = CHUNK + 16;

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

const whole = async (bytes: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const all: Uint8Array[] = [];
  for await (const each of bytes) all.push(each);
  return Buffer.concat(all);
};

const sealed = (content: Buffer, by = ring, purpose = BACKUP) =>
  whole(sealStream(pieces(content, 10_000), by, purpose));
const opened = (bytes: Buffer, size = 7_000, by = ring, purpose = BACKUP) =>
  whole(openStream(pieces(bytes, size), by, purpose));
const headerOf = (bytes: Buffer): number => bytes.indexOf(10) + 1;

describe('A sealed stream', () => {
  it.each([0, 1, 9_999, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5])(
    'opens as it was, of %d bytes, however it arrives',
    async (length) => {
      const content = randomBytes(length);
      const bytes = await sealed(content);
      for (const size of [1 + Math.floor(bytes.length / 50), 7_000, SEALED, bytes.length])
        expect((await opened(bytes, size)).equals(content)).toBe(true);
    },
  );

  it('names its key, and is sealed by the first; the same content is never sealed twice alike', async () => {
    const content = Buffer.from('canary of the content');
    const [one, other] = [await sealed(content), await sealed(content)];
    expect(sealedBy(one)).toBe('new');
    expect(one.includes('canary')).toBe(false);
    // Without the tag at the end, which vouches for the header too: each has a key of its own.
    const sealedText = (bytes: Buffer): Buffer => bytes.subarray(headerOf(bytes), -16);
    expect(sealedText(one)).toHaveLength(content.length);
    expect(sealedText(one).equals(sealedText(other))).toBe(false);
  });

  it('opens with any key of the ring, and names the one that is missing', async () => {
    const content = Buffer.from('content');
    const bytes = await sealed(content, new Sealer(keyRing('old')));
    expect((await opened(bytes)).equals(content)).toBe(true);
    const missing = opened(bytes, 100, new Sealer(keyRing('other')));
    await expect(missing).rejects.toThrow(KeyMissing);
    await expect(missing).rejects.toMatchObject({ key: 'old' });
    await expect(opened(bytes, 100, ring, 'another purpose')).rejects.toThrow(/it was changed/);
  });

  const content = randomBytes(3 * CHUNK + 100);
  const chunk = (bytes: Buffer, number: number): Buffer =>
    bytes.subarray(headerOf(bytes) + number * SEALED, headerOf(bytes) + (number + 1) * SEALED);
  const header = (bytes: Buffer): Buffer => bytes.subarray(0, headerOf(bytes));
  const put = (bytes: Buffer, ...numbers: readonly number[]): Buffer =>
    Buffer.concat([header(bytes), ...numbers.map((number) => chunk(bytes, number))]);
  const damages: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
    'without its last chunk': (bytes) => put(bytes, 0, 1, 2),
    'without its first chunk': (bytes) => put(bytes, 1, 2, 3),
    'with two chunks in another order': (bytes) => put(bytes, 1, 0, 2, 3),
    'with a chunk twice': (bytes) => put(bytes, 0, 0, 1, 2, 3),
    'with an end in the middle': (bytes) => put(bytes, 0, 3),
    'cut off by one byte': (bytes) => bytes.subarray(0, -1),
    'cut off in a chunk': (bytes) => bytes.subarray(0, headerOf(bytes) + SEALED + 20),
    'of a header alone': header,
    'with a byte more': (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]),
    'with another stream behind it': (bytes) => Buffer.concat([bytes, bytes]),
    'with another salt': (bytes) => {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed[headerOf(bytes) - 5] === 65 ? 66 : 65, headerOf(bytes) - 5);
      return changed;
    },
    'that names another key of the ring': (bytes) =>
      Buffer.from(bytes.toString('latin1').replace(' new ', ' old '), 'latin1'),
  };
  it.each(Object.keys(damages))('%s does not open', async (name) => {
    const bytes = damages[name]?.(await sealed(content)) ?? Buffer.alloc(0);
    await expect(opened(bytes)).rejects.toThrow(/changed|end is missing/);
  });

  it('with one bit changed anywhere does not open', async () => {
    const bytes = await sealed(content.subarray(0, CHUNK + 50));
    for (let at = headerOf(bytes); at < bytes.length; at += 4_001) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8((changed[at] ?? 0) ^ 1, at);
      await expect(opened(changed)).rejects.toThrow(/it was changed/);
    }
  });

  it('goes through in pieces: neither writing nor reading holds all of it', async () => {
    let made = 0;
    async function* long(): AsyncGenerator<Buffer> {
      for (; made < 400; made += 1) yield Buffer.alloc(CHUNK, made % 256);
    }
    let read = 0;
    for await (const part of openStream(sealStream(long(), ring, BACKUP), ring, BACKUP)) {
      read += part.length;
      expect(made * CHUNK - read).toBeLessThan(8 * CHUNK);
    }
    expect(read).toBe(400 * CHUNK);
  });
});
