import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const HOME = 'src/connect';
const page = readFileSync(`${HOME}/README.md`, 'utf8');

/** Every name with its file, as “`name` in `file`” or “`name` and `other` in `file`”. */
const named = [...page.matchAll(/((?:`\w+` and )*`\w+`) in\s+`([\w/-]+\.ts)`/g)].flatMap(
  ([, names = '', file = '']) =>
    [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => [name, file] as const),
);

/** The rows that say who calls a function. */
const called = [...page.matchAll(/`(\w+)` in `([\w/-]+\.ts)` \| `([\w/]+)` \|$/gm)].map(
  ([, name = '', file = '', from = '']) => [name, file, from] as const,
);

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => join('src', path));

/** The modules that import this name from this file of `src/connect`. */
const importersOf = (name: string, file: string): readonly string[] =>
  sources.filter((source) => {
    const imports = [...readFileSync(source, 'utf8').matchAll(/^import \{([^}]*)\} from '(\.[^']+)\.js';/gm)];
    return imports.some(
      ([, names = '', path = '']) =>
        relative(HOME, join(dirname(source), `${path}.ts`)) === file &&
        names.split(',').some((each) => each.trim() === name),
    );
  });

const folderOf = (source: string): string => /^src\/(web\/(?:frame|site)|[a-z]+)/.exec(source)?.[1] ?? source;

describe('The steps of connecting as its README lists them', () => {
  it('are many', () => {
    expect(named.length).toBeGreaterThan(40);
    expect(called.length).toBeGreaterThan(30);
  });

  it.each(named)('%s is found in %s, at its top level', (name, file) => {
    const source = readFileSync(`${HOME}/${file}`, 'utf8');
    expect(source).toMatch(new RegExp(`^export (async function|class|const|function) ${name}\\b`, 'm'));
  });

  it.each(called)(
    '%s in %s is called from %s, and outside src/connect from nowhere else',
    (name, file, from) => {
      const folders = new Set(importersOf(name, file).map(folderOf));
      if (from !== 'connect') folders.delete('connect');
      expect([...folders]).toEqual([from]);
    },
  );

  it('are all that pages, console and server call', () => {
    const listed = new Set(named.map(([name]) => name));
    const missing = sources
      .filter((source) => /^src\/(web|admin|server)/.test(source))
      .flatMap((source) =>
        [
          ...readFileSync(source, 'utf8').matchAll(
            /^import \{([^}]*)\} from '[./]+connect\/([\w/-]+)\.js';/gm,
          ),
        ].flatMap(([, names = '', file = '']) =>
          names
            .split(',')
            .map((each) => each.trim())
            .filter((name) => name !== '')
            .filter((name) =>
              new RegExp(`^export async function ${name}\\b`, 'm').test(
                readFileSync(`${HOME}/${file}.ts`, 'utf8'),
              ),
            ),
        ),
      )
      .filter((name) => !listed.has(name));
    expect(missing).toEqual([]);
  });
});
