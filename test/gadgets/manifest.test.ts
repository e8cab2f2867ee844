import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Fault } from '../../src/domain/fault.js';
import { gadgetOf } from '../../src/gadgets/load-gadgets.js';
import { gadgetJsonSchema, readManifest } from '../../src/gadgets/manifest.js';
import { mistakesOf } from '../../src/gadgets/manifest-checks.js';
import { reading } from './reading.js';

const faultsOf = (text: string): readonly Fault[] => {
  const read = readManifest('gadget.yaml', text, reading);
  if ('faults' in read) return read.faults;
  const { gadget, mistakes } = gadgetOf(read.manifest, {
    id: 'x',
    version: 'v',
    view: 'x/view.njk',
    style: null,
    texts: {},
  });
  return [...mistakes, ...mistakesOf(gadget)].map(read.fault);
};

const problems = (more: Record<string, unknown>): string[] =>
  faultsOf(stringify({ title: 'T', description: 'D', ...more }, { aliasDuplicateObjects: false })).map(
    ({ path, problem }) => `${path}: ${problem}`,
  );

const project = { title: 'Project', type: 'identifier', required: true };
const list = { title: 'Cards', type: 'list', of: { type: 'text' } };
const request = { provider: 'p', path: '/x', format: 'xml' };

describe('the faults of a definition', () => {
  it('are all reported at once, with line, expectation and example', () => {
    const text = [
      'title: ""',
      'descripton: A typing error',
      'parameters:',
      '  Project: { title: Project, type: identifier }',
      '  cards: { title: Cards, type: liszt }',
      'requests:',
      '  cards: { path: 7, provider: mingle, format: yaml, ttl: -1 }',
    ].join('\n');
    expect(faultsOf(text).map(({ path, line }) => [path, line])).toEqual([
      ['title', 1],
      ['description', 1],
      ['parameters.Project', 4],
      ['parameters.cards.type', 5],
      ['requests.cards.path', 7],
      ['requests.cards.format', 7],
      ['requests.cards.ttl', 7],
      ['descripton', 2],
    ]);
    expect(faultsOf(text).find(({ path }) => path === 'requests.cards.path')).toEqual({
      file: 'gadget.yaml',
      path: 'requests.cards.path',
      line: 7,
      column: 12,
      problem: 'this is not text; put it in quotes',
      expected: 'A path below the provider’s `api`; {name} stands for a parameter',
      example: '/projects/{project}/cards.xml',
    });
    expect(faultsOf(text).at(-1)?.example).toBe('description');
  });

  it.each([
    [
      { parameters: { host: project, 'on-it': project } },
      [
        'parameters.host: the name "host" is reserved for an attribute of the host element',
        'parameters.on-it: the name "on-it" is reserved for an attribute of the host element',
      ],
    ],
    [
      { parameters: { size: { title: 'S', type: 'integer', min: 5, max: 2, default: 'x' } } },
      [
        'parameters.size.default: no host page could give this value: must be a whole number from 5 to 2',
        'parameters.size: no number is at least `min` and at most `max`',
      ],
    ],
    [
      { requests: { a: { ...request, path: '/{nothing}' } } },
      ['requests.a.path: the gadget has no parameter "nothing"'],
    ],
    [
      { requests: { a: { ...request, edition: 'Today' } } },
      ['requests.a.edition: this is not a lower-case word like `legacy`'],
    ],
    [
      { requests: { a: request }, images: ['https://x.example', '*.example.com'] },
      [
        'images[0]: "https://x.example" is neither a host such as avatars.example.com nor "{provider}"',
        'images[1]: "*.example.com" is not one host: each is named in full',
      ],
    ],
    [{ images: ['x.example'] }, ['images: this does nothing for a gadget that asks no provider']],
    [
      { requests: { a: { ...request, when: ['cards'] } } },
      ['requests.a.when[0]: the gadget has no parameter "cards"'],
    ],
    [
      {
        parameters: { project },
        requests: { a: { ...request, narrow: { project: { request: 'b', path: 'x' } } } },
      },
      [
        'requests.a.narrow.project: "project" is no parameter that is a list of texts',
        'requests.a.narrow.project.request: the gadget has no other request "b"',
      ],
    ],
    [
      {
        parameters: { cards: list, more: list },
        requests: {
          a: { ...request, narrow: { cards: { request: 'b', path: 'x' } } },
          b: { ...request, when: ['cards', 'more'] },
        },
      },
      ['requests.a.narrow.cards.request: "b" is not made without more, and this request is'],
    ],
    [
      {
        parameters: { cards: list },
        requests: {
          a: { ...request, narrow: { cards: { request: 'b', path: 'x' } } },
          b: { ...request, narrow: { cards: { request: 'a', path: 'x' } } },
          c: { ...request, narrow: { cards: { request: 'a', path: 'x' } } },
        },
      },
      [
        'requests.a.narrow: "a" waits for "b", which waits for "a"',
        'requests.b.narrow: "b" waits for "a", which waits for "b"',
      ],
    ],
  ])('include nonsense: %j', (more, expected) => {
    expect(problems(more)).toEqual(expected);
  });

  it('are found in any text, and nothing is ever thrown', () => {
    const leaf = fc.oneof(
      fc.constantFrom(
        'list',
        'text',
        'mql',
        '/{a}',
        '{',
        'a',
        '__proto__',
        'constructor',
        '',
        null,
        -1,
        true,
      ),
      fc.string({ maxLength: 5 }),
      fc.double(),
    );
    const key = fc.constantFrom(
      ...[
        'title',
        'description',
        'parameters',
        'requests',
        'type',
        'of',
        'default',
        'path',
        'query',
        'narrow',
        'when',
      ],
      ...[
        'provider',
        'format',
        'mql',
        'request',
        'follow',
        'a',
        '__proto__',
        'constructor',
        'toString',
        'x y',
      ],
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        leaf,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(
        fc.oneof(
          tree.map((value) => stringify(value, { aliasDuplicateObjects: false })),
          fc.string({ unit: 'binary' }),
        ),
        (text) => {
          expect(Array.isArray(faultsOf(text))).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe('the JSON Schema of gadget.yaml', () => {
  it('is the one in the repository (`vitest -u` writes it)', async () => {
    await expect(`${JSON.stringify(gadgetJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
      '../../docs/schemas/gadget.schema.json',
    );
  });
});
