import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IntlMessageFormat } from 'intl-messageformat';
import { LRUCache } from 'lru-cache';
import { parse } from 'yaml';
import type { GadgetTexts } from '../domain/gadget.js';
import { baseLocaleOf } from '../domain/gadget-locale.js';
import { closestLocale, directionOf } from '../domain/locales.js';
import { link, name, plainName } from './filters/texts.js';
import { escapeHtml, html, isHtml, textOf } from './html.js';

/** Every sentence is there in this locale; the others fall back to it. */
export const FALLBACK = 'en';

/** What a sentence is given. HTML that a filter made stays as it is; all other text is a name or another foreign text. */
export type MessageValues = Readonly<Record<string, unknown>>;

type Part = string | object;

/** Tags that translators may use without being given anything. */
const MARKUP: Readonly<Record<string, string>> = { b: 'strong', code: 'code', em: 'em' };

const markedUp = (part: Part): string => (typeof part === 'string' ? escapeHtml(part) : String(part));
const joined = (parts: readonly Part[]): string => parts.map(markedUp).join('');

/** What ICU MessageFormat calls the parts of a sentence; see `TYPE` of @formatjs/icu-messageformat-parser. */
const ARGUMENT = 1;
const TAG = 8;
const DATE = 3;
const TIME = 4;

interface Element {
  readonly type: number;
  readonly value?: unknown;
  readonly children?: readonly Element[];
  readonly options?: Readonly<Record<string, { readonly value: readonly Element[] }>>;
}

const elementsIn = (elements: readonly Element[]): readonly Element[] =>
  elements.flatMap((each) => [
    each,
    ...elementsIn(each.children ?? []),
    ...Object.values(each.options ?? {}).flatMap(({ value }) => elementsIn(value)),
  ]);

/**
 * The argument that a sentence writes as a date or a time itself: that would be in the server's time zone, and fail on what a provider writes.
 * Null where there is none.
 */
const momentIn = (elements: readonly Element[]): string | null => {
  const found = elementsIn(elements).find(({ type }) => type === DATE || type === TIME);
  return found === undefined ? null : String(found.value);
};

type Formatters = NonNullable<NonNullable<ConstructorParameters<typeof IntlMessageFormat>[3]>['formatters']>;

/** Ways to write numbers, and rules of plurals, that are kept: those of our own sentences and of many gadgets' texts. */
const MOST_FORMATTERS = 500;

const numbers = new LRUCache<string, Intl.NumberFormat>({ max: MOST_FORMATTERS });
const plurals = new LRUCache<string, Intl.PluralRules>({ max: MOST_FORMATTERS });

/**
 * What sentences write numbers and choose plurals with, shared by all of them: a sentence's own would be made for each, and found by
 * putting their options into JSON each time it is said.
 */
const SHARED: Formatters = {
  getNumberFormat(locales, options) {
    const key = options === undefined ? String(locales) : JSON.stringify([locales, options]);
    const known = numbers.get(key) ?? new Intl.NumberFormat(locales, options);
    numbers.set(key, known);
    return known;
  },
  getPluralRules(locales, options) {
    const key = `${locales} ${options?.type}`;
    const known = plurals.get(key) ?? new Intl.PluralRules(locales, options);
    plurals.set(key, known);
    return known;
  },
  getDateTimeFormat: (locales, options) => new Intl.DateTimeFormat(locales, options),
};

/** One sentence of one locale, compiled. */
class Message {
  readonly #format: IntlMessageFormat;
  readonly #isRightToLeft: boolean;
  /** Arguments that are printed, as against those that only choose between branches. */
  readonly #printed = new Set<string>();
  readonly #tags = new Set<string>();
  readonly #names = new Set<string>();
  #constant: object | null = null;

  constructor(text: string, locale: string) {
    this.#format = new IntlMessageFormat(text, locale, undefined, {
      captureLocation: false,
      formatters: SHARED,
    });
    if (momentIn(this.#format.getAst() as readonly Element[]) !== null)
      throw new Error('Dates and times are written by filters.');
    this.#isRightToLeft = directionOf(locale) === 'rtl';
    for (const { type, value } of elementsIn(this.#format.getAst() as readonly Element[])) {
      if (typeof value !== 'string') continue;
      if (type === TAG) this.#tags.add(value);
      else if (type === ARGUMENT) this.#printed.add(value);
      if (type !== 0 && type !== TAG) this.#names.add(value);
    }
  }

  html(values: MessageValues): object {
    const isConstant = this.#names.size === 0 && [...this.#tags].every((tag) => Object.hasOwn(MARKUP, tag));
    if (!isConstant)
      return html(joined(this.#parts(values, (value) => (isHtml(value) ? value : name(value)))));
    this.#constant ??= html(joined(this.#parts({}, name)));
    return this.#constant;
  }

  text(values: MessageValues): string {
    const plain = (value: unknown): string => {
      const words = plainName(value);
      // A name of the other direction must not turn the sentence around it.
      return RIGHT_TO_LEFT.test(words) === this.#isRightToLeft ? words : `\u2068${words}\u2069`;
    };
    return this.#parts(values, plain, (parts) => parts.map(String).join(''))
      .map(String)
      .join('');
  }

  #parts(
    values: MessageValues,
    printing: (value: unknown) => Part,
    element?: (parts: readonly Part[]) => Part,
  ): readonly Part[] {
    const given: Record<string, unknown> = {};
    for (const each of this.#names) {
      const value = values[each];
      if (!this.#printed.has(each)) given[each] = typeof value === 'object' ? textOf(value) : (value ?? '');
      else given[each] = typeof value === 'number' ? value : printing(value ?? '');
    }
    for (const tag of this.#tags)
      given[tag] =
        element ??
        ((parts: readonly Part[]): Part => {
          const inner = html(joined(parts));
          const plain = MARKUP[tag];
          // Any other tag is a link, to the address that has its name.
          return plain === undefined ? link(values[tag], inner) : html(`<${plain}>${inner}</${plain}>`);
        });
    return this.#format.formatToParts(given as never).map(({ value }) => value as Part);
  }
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** The sentences of a file by their keys, which are joined by dots. */
export const sentencesIn = (source: string): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  const collect = (value: unknown, path: string): void => {
    if (typeof value === 'string') found.set(path, value);
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) collect(inner, path === '' ? key : `${path}.${key}`);
  };
  collect(parse(source), '');
  return found;
};

const FILE = /^([A-Za-z-]+)\.yaml$/;
/** Tags of browsers whose catalogue is remembered. */
const MOST_TAGS = 1000;

/** Files of sentences that are remembered: those of our own locales, and some that were before. */
const MOST_FILES = 30;

const readFiles = new LRUCache<string, ReadonlyMap<string, string>>({ max: MOST_FILES });

/**
 * The sentences of a file. To parse one takes a tenth of a second, and a reload, the check of each gadget, and every other server of this
 * process want the same ones: the same text is parsed once.
 */
const sentencesOfFile = (file: string): ReadonlyMap<string, string> => {
  const source = readFileSync(file, 'utf8');
  const key = createHash('sha256').update(source).digest('base64url');
  const sentences = readFiles.get(key) ?? sentencesIn(source);
  readFiles.set(key, sentences);
  return sentences;
};

/** Where sentences come from: a locale's are read when it is first asked for. */
interface Source {
  readonly locales: readonly string[];
  /** All sentences are there in this one. */
  readonly base: string;
  /** Whether they are the product's, of which a broken one must not go unnoticed. */
  readonly isOurs: boolean;
  read(catalogue: string): ReadonlyMap<string, string>;
}

const inFolder = (folder: string): Source => {
  const locales = readdirSync(folder)
    .flatMap((file) => FILE.exec(file)?.[1] ?? [])
    .toSorted();
  if (!locales.includes(FALLBACK)) throw new Error(`${join(folder, `${FALLBACK}.yaml`)} is missing.`);
  const read = (catalogue: string) => sentencesOfFile(join(folder, `${catalogue}.yaml`));
  return { locales, base: FALLBACK, isOurs: true, read };
};

const ofGadget = (texts: GadgetTexts): Source => {
  const locales = Object.keys(texts);
  return {
    locales,
    base: baseLocaleOf(locales) ?? FALLBACK,
    isOurs: false,
    read: (catalogue) => new Map(Object.entries(texts[catalogue] ?? {})),
  };
};

/** What is wrong with a text, compared with the one it translates; null where nothing is. */
export const messageFault = (text: string, locale: string, translated = text): string | null => {
  const astOf = (each: string): readonly Element[] =>
    new IntlMessageFormat(each, locale, undefined, { captureLocation: false }).getAst() as readonly Element[];
  const namesOf = (ast: readonly Element[]): readonly string[] =>
    elementsIn(ast).flatMap(({ type, value }) =>
      type !== 0 && typeof value === 'string' && !Object.hasOwn(MARKUP, value) ? [value] : [],
    );
  try {
    const ast = astOf(text);
    const moment = momentIn(ast);
    if (moment !== null)
      return `dates and times are written by filters, which know the viewer’s time zone: say {${moment}} here, and pass it as \`x | date\`, \`day\`, \`clock\` or \`time\``;
    const [own, theirs] = [new Set(namesOf(ast)), new Set(namesOf(astOf(translated)))];
    const differing =
      [...own].find((each) => !theirs.has(each)) ?? [...theirs].find((each) => !own.has(each));
    return differing === undefined ? null : `{${differing}} is not in every locale`;
  } catch (error) {
    return `this is no ICU message (${error instanceof Error ? error.message : String(error)})`;
  }
};

/**
 * Every sentence that a viewer can meet, in every locale there is a file for, or the texts of one gadget. A file is read when its locale is first
 * asked for, a sentence compiled when it is first said; what a locale lacks is said in English.
 */
export class Messages {
  readonly locales: readonly string[];
  readonly #source: Source;
  readonly #sentences = new Map<string, ReadonlyMap<string, string>>();
  readonly #compiled = new Map<string, Message>();
  readonly #catalogues = new Map<string, string>();
  readonly #directions = new Map<string, 'ltr' | 'rtl'>();

  constructor(source: string | GadgetTexts) {
    this.#source = typeof source === 'string' ? inFolder(source) : ofGadget(source);
    this.locales = this.#source.locales;
  }

  /** The locale that this one is served with. */
  catalogueOf(locale: string): string {
    const known = this.#catalogues.get(locale);
    if (known !== undefined) return known;
    const found = closestLocale(locale, this.locales) ?? this.#source.base;
    if (this.#catalogues.size >= MOST_TAGS) this.#catalogues.clear();
    this.#catalogues.set(locale, found);
    return found;
  }

  /** Which way a catalogue is written: remembered, since finding out takes as long as a dozen rows of a table. */
  directionIn(catalogue: string): 'ltr' | 'rtl' {
    const direction = this.#directions.get(catalogue) ?? directionOf(catalogue);
    this.#directions.set(catalogue, direction);
    return direction;
  }

  has(key: string): boolean {
    return this.#sentencesOf(this.#source.base).has(key);
  }

  /** A sentence as HTML: what it is given is escaped, and isolated from the direction of the text around it. */
  html(locale: string, key: string, values: MessageValues = {}): object {
    return this.#find(locale, key)?.html(values) ?? html(escapeHtml(key));
  }

  /** A sentence as plain text, for titles, attributes and scripts. */
  text(locale: string, key: string, values: MessageValues = {}): string {
    return this.#find(locale, key)?.text(values) ?? key;
  }

  #sentencesOf(catalogue: string): ReadonlyMap<string, string> {
    const known = this.#sentences.get(catalogue);
    if (known !== undefined) return known;
    const read = this.#source.read(catalogue);
    this.#sentences.set(catalogue, read);
    return read;
  }

  #find(locale: string, key: string): Message | null {
    const catalogue = this.catalogueOf(locale);
    const own = this.#message(catalogue, key);
    const { base } = this.#source;
    return own === null && catalogue !== base ? this.#message(base, key) : own;
  }

  #message(catalogue: string, key: string): Message | null {
    const place = `${catalogue} ${key}`;
    const known = this.#compiled.get(place);
    if (known !== undefined) return known;
    const text = this.#sentencesOf(catalogue).get(key);
    if (text === undefined || text === '') return null;
    try {
      const made = new Message(text, catalogue);
      this.#compiled.set(place, made);
      return made;
    } catch (error) {
      // A mistake of a translator, which a test or `oriel check` finds, costs no viewer the sentence.
      if (this.#source.isOurs && catalogue === FALLBACK) throw error;
      return null;
    }
  }
}
