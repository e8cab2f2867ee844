import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';

/** What became of a body: itself, or why it cannot be had. */
export type Unpacked = Buffer | { readonly problem: 'too-large' | 'unreadable' };

/** Codings on top of each other; servers apply one, and a proxy before them perhaps another. */
const MOST_CODINGS = 3;

type Unpack = (body: Buffer, limits: { readonly maxOutputLength: number }) => Promise<Buffer>;

const isZlib = (body: Buffer): boolean =>
  body.length >= 2 && ((body[0] ?? 0) & 0x0f) === 8 && body.readUInt16BE(0) % 31 === 0;

/** `deflate` is the zlib format (RFC 9110 §8.4.1.2); some servers send the bare stream inside it. */
const undeflate: Unpack = (body, limits) => promisify(isZlib(body) ? inflate : inflateRaw)(body, limits);

const codings: ReadonlyMap<string, Unpack> = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', undeflate],
  ['br', promisify(brotliDecompress)],
]);

/** What names no coding at all. */
const PLAIN = new Set(['', 'identity', 'none', 'utf-8']);

/** A body as it was before it was packed (RFC 9110 §8.4), at most `mostBytes` at every step. */
export const unpack = async (
  encoding: string | readonly string[] | undefined,
  body: Buffer,
  mostBytes: number,
): Promise<Unpacked> => {
  const names = String(encoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => !PLAIN.has(name));
  if (names.length > MOST_CODINGS) return { problem: 'unreadable' };
  let unpacked = body;
  // The coding applied last is named last.
  for (const name of names.reverse()) {
    if (unpacked.length === 0) return unpacked;
    const step = codings.get(name);
    if (step === undefined) return { problem: 'unreadable' };
    try {
      unpacked = await step(unpacked, { maxOutputLength: mostBytes });
    } catch (error) {
      const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
      return { problem: isTooLarge ? 'too-large' : 'unreadable' };
    }
  }
  return unpacked;
};
