import { bareRecord, type Data } from '../../domain/data.js';
import { jsonFaultAt } from '../../net/answer-body.js';
import { MOST_DEPTH, NodeCount, record, Unreadable } from './frozen.js';

/** A number stands in the text that no double can hold. */
class Inexact extends Error {}

const isExact = (value: number): boolean =>
  Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));

/** What is copied, and whether its numbers are looked at. */
interface Copying {
  readonly count: NodeCount;
  readonly isOwn: boolean;
}

/** A value of `JSON.parse` inside another. Records and lists alone are worth a call. */
const inner = (value: unknown, copying: Copying, depth: number): Data => {
  if (typeof value === 'object' && value !== null) return copied(value, copying, depth);
  if (typeof value === 'number' && !copying.isOwn && !isExact(value)) throw new Inexact();
  return value as Data;
};

/** For what has something inside. */
const requireDepth = (depth: number): void => {
  if (depth >= MOST_DEPTH) throw new Unreadable('too-deep');
};

/** Makes a record or list of `JSON.parse` frozen data, and copies records into such as inherit nothing. */
const copied = (value: object, copying: Copying, depth: number): Data => {
  if (Array.isArray(value)) {
    const { length } = value;
    copying.count.add(length);
    if (length > 0) requireDepth(depth);
    // A list of `JSON.parse` is ours already, and may stay as it is.
    for (let index = 0; index < length; index += 1) value[index] = inner(value[index], copying, depth + 1);
    return Object.freeze(value);
  }
  const made = bareRecord();
  let fields = 0;
  for (const name in value) {
    if (fields === 0) requireDepth(depth);
    fields += 1;
    made[name] = inner((value as Readonly<Record<string, unknown>>)[name], copying, depth + 1);
  }
  copying.count.add(fields);
  return Object.freeze(made);
};

const toData = (value: unknown, isOwn: boolean): Data => {
  const count = new NodeCount();
  count.add();
  return inner(value, { count, isOwn }, 0);
};

/** Reads JSON that we wrote ourselves: what its numbers were was settled before. */
export const readOwnJson = (text: string): Data => toData(JSON.parse(text), true);

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new Unreadable(`json-syntax at ${jsonFaultAt(text)}`);
  }
};

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;

const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

const QUOTE = 34;
const BACKSLASH = 92;

const unescaped = (quoted: string): string => {
  try {
    return String(JSON.parse(quoted));
  } catch {
    throw new Unreadable('json-syntax');
  }
};

/** Reads JSON as `JSON.parse` does, but keeps whole numbers beyond 2^53 and numbers beyond a double as the text they were. */
class ExactReader {
  readonly #text: string;
  readonly #count = new NodeCount();
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Data {
    const value = this.#value(0);
    this.#space();
    if (this.#at !== this.#text.length) throw new Unreadable('json-syntax');
    return value;
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) return null;
    this.#at += found.length;
    return found;
  }

  #space(): void {
    const next = this.#text.charCodeAt(this.#at);
    if (next <= 32) this.#match(SPACE);
  }

  #take(character: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #value(depth: number): Data {
    this.#count.add();
    if (depth > MOST_DEPTH) throw new Unreadable('too-deep');
    if (this.#take('{')) return this.#object(depth);
    if (this.#take('[')) return this.#array(depth);
    if (this.#text[this.#at] === '"') return this.#string();
    const number = this.#match(NUMBER);
    if (number !== null) return this.#number(number);
    for (const [word, value] of WORDS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    throw new Unreadable('json-syntax');
  }

  #number(text: string): Data {
    const value = Number(text);
    const whole = !/[.eE]/.test(text);
    return whole ? (Number.isSafeInteger(value) ? value : text) : Number.isFinite(value) ? value : text;
  }

  #string(): string {
    if (this.#text[this.#at] !== '"') throw new Unreadable('json-syntax');
    const start = this.#at;
    let escapes = false;
    let at = start + 1;
    for (let code = this.#text.charCodeAt(at); code !== QUOTE; code = this.#text.charCodeAt(at)) {
      if (!(code >= 32)) throw new Unreadable('json-syntax');
      escapes ||= code === BACKSLASH;
      at += code === BACKSLASH ? 2 : 1;
    }
    this.#at = at + 1;
    return escapes ? unescaped(this.#text.slice(start, at + 1)) : this.#text.slice(start + 1, at);
  }

  #array(depth: number): Data {
    const items: Data[] = [];
    if (this.#take(']')) return Object.freeze(items);
    do items.push(this.#value(depth + 1));
    while (this.#take(','));
    if (!this.#take(']')) throw new Unreadable('json-syntax');
    return Object.freeze(items);
  }

  #object(depth: number): Data {
    const entries = new Map<string, Data>();
    if (this.#take('}')) return record(entries);
    do {
      this.#space();
      const name = this.#string();
      if (!this.#take(':')) throw new Unreadable('json-syntax');
      entries.set(name, this.#value(depth + 1));
    } while (this.#take(','));
    if (!this.#take('}')) throw new Unreadable('json-syntax');
    return record(entries);
  }
}

/** Reads JSON in which numbers stand that a double cannot hold; throws `Unreadable`. Four times slower than `JSON.parse`. */
const readExactJson = (text: string): Data => new ExactReader(text).document();

/**
 * Reads JSON (RFC 8259) into frozen data. Of a repeated name the last counts, as in browsers; whole numbers beyond 2^53 and numbers
 * beyond a double are the text they were. Throws `Unreadable`, `json-syntax at` and the place for what is no JSON.
 */
export const readJson = (text: string): Data => {
  try {
    return toData(parsed(text), false);
  } catch (error) {
    if (error instanceof Inexact) return readExactJson(text);
    throw error;
  }
};
