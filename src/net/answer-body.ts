import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { jsonFaultAt } from './json-fault.js';

/** Bytes of one answer of an authorization server, before and after it was packed. */
export const MOST_BYTES = 256 * 1024;

/** A body with nothing to read in it. `code` is stable: `empty`, `html`, `not-text`, or `json-syntax at` and the place. */
export class UnreadableBody {
  readonly code: string;

  constructor(code: string) {
    this.code = code;
  }
}

/** Some servers and proxies pack without being asked, and without saying so. */
const packers = [gunzipSync, inflateSync, brotliDecompressSync];

const isText = (bytes: Buffer): boolean => {
  const beginning = bytes.subarray(0, 4);
  if (beginning.readUInt16BE(0) === 0xfffe || beginning.readUInt16BE(0) === 0xfeff) return true;
  return !/[\0\ufffd]/.test(bytes.toString('utf8'));
};

const unpacked = (bytes: Buffer): Buffer | null => {
  if (bytes.length < 2 || isText(bytes)) return bytes;
  for (const unpack of packers) {
    try {
      return unpack(bytes, { maxOutputLength: MOST_BYTES });
    } catch {
      // Not packed in this way.
    }
  }
  return null;
};

/** UTF-8, or UTF-16 where a byte order mark says so; the mark itself is no part of the text. */
const decoded = (bytes: Buffer): string => {
  const mark = bytes.length < 2 ? 0 : bytes.readUInt16BE(0);
  if (mark === 0xfffe) return new TextDecoder('utf-16le').decode(bytes);
  return new TextDecoder(mark === 0xfeff ? 'utf-16be' : 'utf-8').decode(bytes);
};

/** A form's fields; some servers answer so whatever they are asked for. */
const formIn = (text: string): Readonly<Record<string, string>> | null =>
  /^[\w.~%+-]+=[^\s<>{}]*$/.test(text) ? Object.fromEntries(new URLSearchParams(text)) : null;

/** What a text of an authorization server says: JSON, or a form, whatever its media type calls it. */
export const bodyIn = (text: string): unknown => {
  const trimmed = text.replace(/^\ufeff/, '').trim();
  if (trimmed === '') return new UnreadableBody('empty');
  try {
    return JSON.parse(trimmed);
  } catch {
    if (trimmed.startsWith('<')) return new UnreadableBody('html');
    return formIn(trimmed) ?? new UnreadableBody(`json-syntax at ${jsonFaultAt(text)}`);
  }
};

/** The text of an answer, unpacked where it came packed; null where it is none. */
export const textOf = (bytes: Buffer): string | null => {
  const plain = unpacked(bytes);
  return plain === null ? null : decoded(plain);
};

/** As `bodyIn`, of the bytes as they came. */
export const bodyOf = (bytes: Buffer): unknown => {
  const text = textOf(bytes);
  return text === null ? new UnreadableBody('not-text') : bodyIn(text);
};
