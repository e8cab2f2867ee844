import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IntlMessageFormat } from 'intl-messageformat';
import { describe, expect, it } from 'vitest';
import { STATUS } from '../../src/domain/errors.js';
import { Messages, sentencesIn } from '../../src/views/messages.js';

const FOLDER = join('templates', 'messages');
const read = (locale: string) => sentencesIn(readFileSync(join(FOLDER, `${locale}.yaml`), 'utf8'));
const english = read('en');
const others = readdirSync(FOLDER)
  .map((file) => file.replace('.yaml', ''))
  .filter((locale) => locale !== 'en');

interface Element {
  readonly type: number;
  readonly value?: string;
  readonly children?: readonly Element[];
  readonly options?: Readonly<Record<string, { readonly value: readonly Element[] }>>;
}

/** A sentence's arguments and tags, and the branches of its choices. */
interface Shape {
  readonly names: ReadonlySet<string>;
  readonly selects: ReadonlyMap<string, readonly string[]>;
  readonly plurals: ReadonlyMap<string, readonly string[]>;
}

const PLURAL = 6;
const SELECT = 5;
const TAG = 8;
const KINDS: Readonly<Record<number, string>> = {
  1: '',
  2: '',
  3: '',
  4: '',
  5: 'choice ',
  6: 'count ',
  8: 'tag ',
};

/** Words may be marked differently in each language; a link is a link in all. */
const isMarkup = ({ type, value = '' }: Element): boolean =>
  type === TAG && ['b', 'em', 'code'].includes(value);

const everyElement = (elements: readonly Element[]): readonly Element[] =>
  elements.flatMap((each) => [
    each,
    ...everyElement(each.children ?? []),
    ...Object.values(each.options ?? {}).flatMap(({ value }) => everyElement(value)),
  ]);

const shapeOf = (text: string, locale: string): Shape => {
  const elements = everyElement(new IntlMessageFormat(text, locale).getAst() as readonly Element[]);
  const named = elements.filter((each) => KINDS[each.type] !== undefined && !isMarkup(each));
  const branchesOf = (kind: number): ReadonlyMap<string, readonly string[]> =>
    new Map(
      elements
        .filter(({ type }) => type === kind)
        .map(({ value = '', options = {} }) => [value, Object.keys(options).toSorted()]),
    );
  return {
    // A count may be written as a number in its own right too.
    names: new Set(named.map(({ type, value = '' }) => `${KINDS[type]}${value}`)),
    selects: branchesOf(SELECT),
    plurals: branchesOf(PLURAL),
  };
};

describe.each(others)('The sentences in %s', (locale) => {
  const own = read(locale);

  it('are those that there are in English', () => {
    expect([...english.keys()].filter((key) => !own.has(key))).toEqual([]);
    expect([...own.keys()].filter((key) => !english.has(key))).toEqual([]);
  });

  it('take the same arguments, choices and links', () => {
    const differing = [...own].flatMap(([key, text]) => {
      const theirs = shapeOf(english.get(key) ?? '', 'en');
      const ours = shapeOf(text, locale);
      const same =
        JSON.stringify([...ours.names].toSorted()) === JSON.stringify([...theirs.names].toSorted()) &&
        JSON.stringify([...ours.selects]) === JSON.stringify([...theirs.selects]) &&
        JSON.stringify([...ours.plurals.keys()]) === JSON.stringify([...theirs.plurals.keys()]);
      return same ? [] : [`${key}: ${[...ours.names]} for ${[...theirs.names]}`];
    });
    expect(differing).toEqual([]);
  });

  it('have a form for every plural of the language', () => {
    const wanted = new Intl.PluralRules(locale).resolvedOptions().pluralCategories.toSorted();
    const lacking = [...own].flatMap(([key, text]) =>
      [...shapeOf(text, locale).plurals.values()]
        .filter((forms) => wanted.some((each) => !forms.includes(each)))
        .map((forms) => `${key}: ${forms} of ${wanted}`),
    );
    expect(lacking).toEqual([]);
  });
});

it.each(['en', ...others])(
  'No sentence in %s is empty, or has a straight apostrophe, which means something else here',
  (locale) => {
    const faulty = [...read(locale)].filter(([, text]) => text.trim() === '' || text.includes("'"));
    expect(faulty).toEqual([]);
  },
);

const filesIn = (folder: string, ending: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(folder, file));

/** The console and what its pages share alone, and what is documentation or for developers, is English. */
const ENGLISH =
  /^templates\/(admin\/|workshop\/|layouts\/admin|frame\/doctor|site\/error-code|parts\/(admin|chart|connection-select|connections-tabs|bulk-disconnect-progress|first-steps|record-form|record-state|snippet|outlook)\.njk)/;

const templates = [...filesIn('templates', '.njk'), ...filesIn('gadgets', '.njk')].filter(
  (file) => !ENGLISH.test(file),
);
const withoutComments = (file: string): string => readFileSync(file, 'utf8').replace(/\{#[\s\S]*?#\}/g, '');

describe.each(templates)('%s', (file) => {
  const source = withoutComments(file);

  it('holds no sentence of its own', () => {
    const texts = source
      .replace(/\{% block attributes %\}[\s\S]*?\{% endblock %\}/g, ' ')
      .replace(/\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g, ' ')
      .replace(/<script[^>]*>|<[a-z/!][^>]*>/gi, ' ')
      .match(/[\p{L}]{2,}/gu);
    expect((texts ?? []).filter((word) => word !== 'Oriel')).toEqual([]);
    const attributes = [
      ...source.matchAll(/\s(?:aria-label|title|alt|placeholder|content)="([^"{]*[A-Za-z]{2}[^"{]*)"/g),
    ]
      .map(([, text = '']) => text)
      .filter((text) => !/^(XXXX-XXXX|noindex|light dark|width=device-width.*)$/.test(text));
    expect(attributes).toEqual([]);
    const literals = [...source.matchAll(/\{[{%]([\s\S]*?)[%}]\}/g)]
      .flatMap(([, code = '']) => [...code.matchAll(/"([^"]*)"/g)])
      .map(([, text = '']) => text)
      .filter((text) => /\p{L} \p{L}/u.test(text) && !/^[a-z -]+$/.test(text));
    expect(literals).toEqual([]);
  });
});

/** Keys as the templates and the server write them; one that is put together is its prefix. */
const sections = new Set([...english.keys()].map((key) => key.split('.', 1)[0]));

const callsIn = (source: string): readonly (readonly [key: string, isBeginning: boolean])[] =>
  [...source.matchAll(/\b(?:tText|t)\(([^)]*)/g)].flatMap(([, call = '']) =>
    [...(call.split(/,\s*\{/)[0] ?? '').matchAll(/"([a-zA-Z]+(?:\.[\w-]+)*\.?)"(\s*\+)?/g)].map(
      ([, key = '', joined]) => [key, joined !== undefined] as const,
    ),
  );

const used = (): { readonly whole: ReadonlySet<string>; readonly beginnings: readonly string[] } => {
  const calls = [...filesIn('templates', '.njk'), ...filesIn('gadgets', '.njk')].flatMap((file) =>
    callsIn(withoutComments(file)),
  );
  const built = filesIn('src', '.ts').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/`(([a-z]+)\.)\$\{/g)]
      .filter(([, , section = '']) => sections.has(section))
      .map(([, beginning = '']) => beginning),
  );
  return {
    whole: new Set(calls.filter(([, isBeginning]) => !isBeginning).map(([key]) => key)),
    beginnings: [...calls.filter(([, isBeginning]) => isBeginning).map(([key]) => key), ...built],
  };
};

/** The keys of the texts that bundled gadgets bring along. */
const keysOfGadgets = (): readonly string[] =>
  filesIn('gadgets', 'en.yaml').flatMap((file) => [...sentencesIn(readFileSync(file, 'utf8')).keys()]);

describe('The keys of sentences', () => {
  const { whole, beginnings } = used();
  const source = filesIn('src', '.ts').map((file) => readFileSync(file, 'utf8'));

  it('that a template names are in the catalogue', () => {
    expect(whole.size).toBeGreaterThan(150);
    expect([...whole].filter((key) => key.includes('.') && !english.has(key))).toEqual([]);
    const known = [...english.keys(), ...keysOfGadgets()];
    expect(beginnings.filter((each) => !known.some((key) => key.startsWith(each)))).toEqual([]);
  });

  it('that the code names are in the catalogue', () => {
    const named = source.flatMap((text) =>
      [...text.matchAll(/\bas: '([a-z_]+)'/g)].map(([, key = '']) => key),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((key) => !english.has(`errors.${key}`) && !english.has(`failures.${key}`))).toEqual(
      [],
    );
  });

  it('are all used', () => {
    const isUsed = (key: string): boolean => {
      const last = key.slice(key.lastIndexOf('.') + 1);
      if (whole.has(key)) return true;
      if (key.startsWith('errors.') || key.startsWith('failures.'))
        return Object.hasOwn(STATUS, last) || source.some((text) => text.includes(`'${last}'`));
      // The build writes these into embed.js.
      if (key.startsWith('embed.')) return source.some((text) => text.includes(`'${last}'`));
      return beginnings.some((each) => each !== 'errors.' && each !== 'failures.' && key.startsWith(each));
    };
    expect([...english.keys()].filter((key) => !isUsed(key))).toEqual([]);
  });
});

describe('A sentence', () => {
  const messages = new Messages(FOLDER);

  it('that is not there is its key, never a crash and never nothing', () => {
    expect(messages.text('en', 'no.such')).toBe('no.such');
    expect(String(messages.html('de', 'no.<b>'))).toBe('no.&lt;b&gt;');
  });

  it('escapes and isolates what it is given, and makes links of web addresses alone', () => {
    const given = { provider: '<img onerror=1>', page: 'javascript:alert(1)' };
    const html = String(messages.html('en', 'menu.accountHiddenPage', given));
    expect(html).toContain('<bdi>&lt;img onerror=1&gt;</bdi>');
    expect(html).not.toContain('<a');
    expect(
      String(messages.html('en', 'menu.accountHiddenPage', { ...given, page: 'https://x.example/me' })),
    ).toContain(
      '<a href="https://x.example/me" target="_blank" rel="noopener noreferrer nofollow">check which account is signed in</a>',
    );
  });

  it('renders completely when a value is missing', () => {
    expect(messages.text('en', 'states.connect.title')).toBe('Connect  to see this');
  });
});
