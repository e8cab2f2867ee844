import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';

const VALUE =
  /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const KEY = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"[ \t\n\r]*:/y;
const SPACE = /[ \t\n\r]*/y;

class Scanner {
  readonly #text: string;
  /** What closes the lists and objects that are open. */
  readonly #open: string[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  fault(): number {
    while (this.#value());
    return this.#at;
  }

  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found !== undefined;
  }

  #next(): string | undefined {
    this.#match(SPACE);
    return this.#text[this.#at];
  }

  #take(character: string): boolean {
    if (this.#next() !== character) return false;
    this.#at += 1;
    return true;
  }

  #key(): boolean {
    this.#match(SPACE);
    return this.#match(KEY);
  }

  /** Reads a value, or the beginning of a list or object; whether another must follow. */
  #value(): boolean {
    if (this.#take('{')) {
      this.#open.push('}');
      return this.#next() === '}' ? this.#goesOn() : this.#key();
    }
    if (this.#take('[')) {
      this.#open.push(']');
      return this.#next() === ']' ? this.#goesOn() : true;
    }
    this.#match(SPACE);
    return this.#match(VALUE) && this.#goesOn();
  }

  /** Behind a value: closes what is closed there; whether another value must follow. */
  #goesOn(): boolean {
    for (let closer = this.#open.at(-1); closer !== undefined; closer = this.#open.at(-1)) {
      if (this.#take(',')) return closer === ']' || this.#key();
      if (!this.#take(closer)) return false;
      this.#open.pop();
    }
    this.#match(SPACE);
    return false;
  }
}

/**
 * Where a text stops being JSON (RFC 8259), counted in characters from 0; its length where it ends too early. The platform's own messages
 * name the place in some versions only, and quote the text.
 */
export const jsonFaultAt = (text: string): number => new Scanner(text).fault();

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
