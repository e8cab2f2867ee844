import { readFileSync } from 'node:fs';
import type { ConnectMode } from '../../domain/flow.js';
import type { Endpoint, Language, SnippetFacts } from './snippet-facts.js';

const PRINTABLE = /^[ -~]$/;
const HALF_CHARACTER = /\p{Surrogate}/gu;

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0');

const units = (character: string): readonly number[] =>
  Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));

/** Double-quoted; what is not printable ASCII, or means something between such quotes, is written as an escape. */
const quoting =
  (special: string, escaped: (character: string) => string) =>
  (text: string): string => {
    const body = Array.from(text.replace(HALF_CHARACTER, '\ufffd'), (character) => {
      if (special.includes(character)) return `\\${character}`;
      return PRINTABLE.test(character) ? character : escaped(character);
    });
    return `"${body.join('')}"`;
  };

const codePoint = (character: string): number => character.codePointAt(0) ?? 0;
const inBraces = (character: string): string => `\\u{${hex(codePoint(character), 1)}}`;
const inEightDigits = (character: string): string => `\\U${hex(codePoint(character), 8)}`;

/**
 * Java reads `\uXXXX` before anything else, so that an escaped quotation mark or line end would end the literal: control characters
 * are written in octal instead.
 */
const forJava = (character: string): string =>
  codePoint(character) < 256
    ? `\\${codePoint(character).toString(8).padStart(3, '0')}`
    : units(character)
        .map((unit) => `\\u${hex(unit, 4)}`)
        .join('');

/** A text as a string literal of each language: whatever the text holds, it stays inside. Half characters become U+FFFD. */
export const literal = {
  node: quoting('"\\', inBraces),
  python: quoting('"\\', inEightDigits),
  // `#` starts an interpolation.
  ruby: quoting('"\\#', inBraces),
  java: quoting('"\\', forJava),
  // `$` starts a variable.
  php: quoting('"\\$', inBraces),
  go: quoting('"\\', inEightDigits),
} as const;

const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** The value of an HTML attribute, with its quotes. U+0000, which HTML cannot hold, becomes U+FFFD. */
export const attribute = (text: string): string => {
  const escaped = text
    .replace(HALF_CHARACTER, '\ufffd')
    .replaceAll('\0', '\ufffd')
    .replace(/[&<>"']/g, (character) => HTML[character] ?? character)
    .replace(/[\t\n\f\r]/g, (character) => `&#${codePoint(character)};`);
  return `"${escaped}"`;
};

/*
 * Each snippet is a template, `templates/snippets/NAME.txt`. A line that starts with %% is a directive:
 *
 *   %% title T, %% file F     what the language and the file are called
 *   %% install COMMAND        what installs the library it needs, where it needs one
 *   %% each LIST TEXT         how one item of {{LIST}} is written; commas separate them
 *   %% lines LIST TEXT        the same, where each item starts a line of its own
 *   %% if A, B  %% else  %% end      lines for one of these cases; %% if not A, B for none of them
 *
 * {{name}} is a value; those of a list's item are known in its TEXT.
 */

const FOLDER = new URL('../../../templates/snippets/', import.meta.url);
const DIRECTIVE = /^%% (title|file|install|each|lines|if not|if|else|end) ?(.*)$/;

const texts = new Map<string, readonly string[]>();

const linesOf = (template: string): readonly string[] => {
  const known = texts.get(template) ?? readFileSync(new URL(`${template}.txt`, FOLDER), 'utf8').split('\n');
  texts.set(template, known);
  return known;
};

/** The open `if`s after a line that opens, turns or closes one. */
const nextOpen = (open: readonly boolean[], directive: string, isOne: boolean): readonly boolean[] => {
  switch (directive) {
    case 'if':
      return [...open, isOne];
    case 'if not':
      return [...open, !isOne];
    case 'else':
      return [...open.slice(0, -1), open.at(-1) === false];
    default:
      return open.slice(0, -1);
  }
};

const FLOW = new Set(['if', 'if not', 'else', 'end']);

/** The lines that are for these cases, and the other directives among them. */
const select = (lines: readonly string[], cases: readonly string[]) => {
  const directives: (readonly [directive: string, words: string])[] = [];
  const kept: string[] = [];
  /** For each `if` that is open: whether its lines count, as far as it alone decides. */
  let open: readonly boolean[] = [];
  for (const line of lines) {
    const [, directive = '', words = ''] = DIRECTIVE.exec(line) ?? [];
    if (FLOW.has(directive)) {
      const isOne = words.split(', ').some((word) => cases.includes(word));
      open = nextOpen(open, directive, isOne);
    } else if (!open.includes(false)) {
      if (directive === '') kept.push(line);
      else directives.push([directive, words]);
    }
  }
  return { directives, code: kept.join('\n') };
};

type Texts = Readonly<Record<string, string>>;

const fillIn = (text: string, values: Texts): string =>
  text.replace(/\{\{(\w+)\}\}/g, (all, name: string) => values[name] ?? all);

/** Each list as one text, written as its directive says. */
const written = (
  lists: Readonly<Record<string, readonly Texts[]>>,
  directives: readonly (readonly [directive: string, words: string])[],
): Texts =>
  Object.fromEntries(
    directives.flatMap(([directive, words]) => {
      if (directive !== 'each' && directive !== 'lines') return [];
      const [, name = '', text = ''] = /^(\w+) (.*)$/.exec(words) ?? [];
      const items = (lists[name] ?? []).map((item) => fillIn(text, item));
      return [[name, directive === 'each' ? items.join(', ') : items.map((item) => `\n${item}`).join('')]];
    }),
  );

/** A snippet, and what its template says of it. */
export interface Filled {
  readonly code: string;
  readonly title: string | null;
  readonly file: string | null;
  readonly install: string | null;
}

/** Fills a template. The values are inserted as they are: they must be literals of the template's language already. */
export const fillTemplate = (
  template: string,
  {
    cases,
    values,
    lists,
  }: {
    readonly cases: readonly string[];
    readonly values: Texts;
    readonly lists: Readonly<Record<string, readonly Texts[]>>;
  },
): Filled => {
  const { directives, code } = select(linesOf(template), cases);
  const said = new Map(directives);
  return {
    code: fillIn(code, { ...values, ...written(lists, directives) }),
    title: said.get('title') ?? null,
    file: said.get('file') ?? null,
    install: said.get('install') ?? null,
  };
};

/** The token endpoint in this language, for what is known of a host. */
export const endpointIn = (language: Language, facts: SnippetFacts): Endpoint => {
  const { algorithm, namesKey, origins } = facts;
  const isSecret = algorithm === 'HS256';
  const quote = literal[language];
  const { code, title, file, install } = fillTemplate(language, {
    cases: [algorithm, ...(isSecret ? ['secret'] : []), ...(namesKey && !isSecret ? ['kid'] : [])],
    values: {
      host: quote(facts.host),
      gadget: quote(facts.gadget),
      gadgetOrigin: quote(facts.gadgetOrigin),
      algorithm,
      keySet: namesKey ? 'JWKS' : 'record',
    },
    lists: { origins: origins.map((origin) => ({ origin: quote(origin) })) },
  });
  return { language, title: title ?? language, file: file ?? '', install, code };
};

/** What a host's page is made with. `parameters` are texts, as the page's attributes give them. */
export interface PageFacts {
  readonly host: string;
  readonly gadget: string;
  readonly title: string;
  readonly gadgetOrigin: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

/** The script and the element. With `doctor` the element examines the page around it. */
export const elementSnippet = (
  { host, gadget, title, gadgetOrigin, parameters }: PageFacts,
  doctor = false,
): string =>
  fillTemplate('element', {
    cases: doctor ? ['doctor'] : [],
    values: {
      script: attribute(`${gadgetOrigin}/embed.js`),
      host: attribute(host),
      gadget: attribute(gadget),
      title: attribute(title),
    },
    lists: { parameters: parameters.map(([name, value]) => ({ name, value: attribute(value) })) },
  }).code;

/** A form and a frame, for a page without script; the host's server writes a fresh token into each page. */
export const formSnippet = ({ host, gadget, title, gadgetOrigin, parameters }: PageFacts): string =>
  fillTemplate('form', {
    cases: [],
    values: {
      action: attribute(`${gadgetOrigin}/h/${encodeURIComponent(host)}/g/${encodeURIComponent(gadget)}`),
      button: attribute(`Show ${title}`).slice(1, -1),
      title: attribute(title),
    },
    lists: {
      parameters: parameters.map(([name, value]) => ({
        name: attribute(`p.${name}`),
        value: attribute(value),
      })),
    },
  }).code;

/** What the headers of the host's page must allow, and two ways to say so. */
export interface HeaderAdvice {
  /** Directive of the page's Content-Security-Policy → what it must list. */
  readonly policy: readonly (readonly [directive: string, source: string])[];
  /** One sentence on Cross-Origin-Opener-Policy. */
  readonly opener: string;
  readonly nginx: string;
  readonly helmet: string;
}

/**
 * The headers of a page that embeds gadgets. In the mode `opener` the connect window must keep its opener; in the others
 * nothing depends on it.
 */
export const headerAdvice = (gadgetOrigin: string, mode: ConnectMode): HeaderAdvice => {
  const needsOpener = mode === 'opener';
  const known = { cases: needsOpener ? ['opener'] : [], values: { gadgetOrigin }, lists: {} };
  return {
    policy: [
      ['script-src', gadgetOrigin],
      ['frame-src', gadgetOrigin],
      ['form-action', gadgetOrigin],
    ],
    opener: needsOpener
      ? 'Cross-Origin-Opener-Policy must be same-origin-allow-popups or absent: under same-origin, gadgets show but viewers cannot connect.'
      : 'Cross-Origin-Opener-Policy may be anything, same-origin included: this host’s connect mode does not need the opener.',
    nginx: fillTemplate('nginx', known).code,
    helmet: fillTemplate('helmet', known).code,
  };
};
