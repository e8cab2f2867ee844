import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { type Ended, openFolder, start } from './command-line.js';
import { commandsIn, runHere } from './in-process.js';

vi.setConfig({ testTimeout: 60_000 });

const folder = openFolder();
const run = commandsIn({ cwd: folder.path, env: {} });
afterAll(() => folder.remove());

const DEFINITION = `title: Builds
description: The builds of a project.
parameters:
  project: { title: Project, type: identifier, required: true }
requests:
  builds:
    provider: ci
    path: /projects/{project}/builds
    format: json
`;
const VIEW = `{% from "oriel" import list, row %}
{% call list(otherwise="None.") %}
{% for build in answers.builds.data.items %}
{{ row(title=build.name, end=build.seconds | duration) }}
{% endfor %}
{% endcall %}
`;
const SAMPLE = JSON.stringify({
  parameters: { project: 'apollo' },
  answers: {
    builds: {
      data: { items: [{ name: 'Build', seconds: 5 }] },
      fetchedAt: 0,
      stale: false,
      pages: 1,
      more: false,
    },
  },
});
const SOUND = { 'gadget.yaml': DEFINITION, 'view.njk': VIEW, 'sample.json': SAMPLE };

let made = 0;
const nextId = (): string => {
  made += 1;
  return `builds-${made}`;
};
const write = (files: Readonly<Record<string, string>>, id = nextId()): string => {
  for (const [name, text] of Object.entries({ ...SOUND, ...files })) {
    const path = join(folder.path, id, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return id;
};
const checked = (files: Readonly<Record<string, string>>): Promise<Ended> =>
  run('gadget', 'check', write(files));

interface Found {
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly excerpt: string | null;
  readonly problem: string;
  readonly expected: string;
  readonly example: string | null;
}

/** Each fault as `file:line:column problem`. */
const faultsOf = async (files: Readonly<Record<string, string>>): Promise<readonly Found[]> => {
  const { out, code } = await run('gadget', 'check', write(files), '--json');
  const { ok, gadgets } = JSON.parse(out) as { ok: boolean; gadgets: [{ faults: Found[] }] };
  expect(code).toBe(ok ? 0 : 1);
  return gadgets[0].faults;
};
const placesOf = async (files: Readonly<Record<string, string>>): Promise<readonly string[]> =>
  (await faultsOf(files)).map(
    ({ file, line, column, problem }) => `${file.split('/').at(-1)}:${line}:${column} ${problem}`,
  );
const inPath = (path: string, parameters = ''): Readonly<Record<string, string>> => ({
  'gadget.yaml': DEFINITION.replace('/projects/{project}/builds', path).replace(
    'requests:',
    `${parameters}requests:`,
  ),
});

describe('oriel gadget check, on what a stranger got wrong', () => {
  it('shows where a block starts that is not ended, with the line and a caret', async () => {
    const view = '<p>Hello</p>\n  {% if parameters.project %}\n<p>{{ answers.builds.data.name }}</p>\n';
    const { code, out, err } = await checked({ 'view.njk': view });
    expect({ code, err }).toEqual({ code: 1, err: '\n1 mistake in 1 gadget.\n' });
    expect(out.replace(/builds-\d+/, 'builds')).toBe(
      [
        'builds/view.njk:2:3: the block "if" is not ended.',
        '     2 |   {% if parameters.project %}',
        '           ^^^^^^^^^^^^^^^^^^^^^^^^^^^',
        '    expected: an end for each block, after what belongs into it.',
        '    write:    {% endif %}',
        '',
      ].join('\n'),
    );
  });

  it('finds a filter that does not exist, and the one that was meant', async () => {
    const faults = await faultsOf({ 'view.njk': '<p>\n{{ answers.builds.data.name | truncat(3) }}\n</p>' });
    expect(faults).toMatchObject([
      { line: 2, column: 31, problem: 'there is no filter "truncat"', example: 'truncate' },
    ]);
    const place = await placesOf({ 'view.njk': '{{ answers.builds.data | safe }}' });
    expect(place).toEqual(['view.njk:1:26 there is no filter "safe": all output is escaped']);
  });

  it('accepts a duration of nothing, which is shown as nothing', async () => {
    const { code, out } = await checked({
      'view.njk': '<p>{{ answers.builds.data.nothing | duration }}</p>',
    });
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('has no mistakes') });
  });

  it('says that `follow` does nothing for JSON', async () => {
    const definition = `${DEFINITION}    follow: { rel: next, pages: 3 }\n`;
    expect(await faultsOf({ 'gadget.yaml': definition })).toMatchObject([
      {
        line: 10,
        column: 5,
        excerpt: '    follow: { rel: next, pages: 3 }',
        problem: 'this does nothing for the format json',
      },
    ]);
  });

  it('finds a search text that is pasted into a query without quotes', async () => {
    const definition = `${DEFINITION}    query: { jql: "project = {project} AND text ~ {words}" }\n`.replace(
      'requests:',
      '  words: { title: Words, type: text, required: true }\nrequests:',
    );
    const faults = await faultsOf({
      'gadget.yaml': definition.replace('/projects/{project}/builds', '/rest/api/3/search/jql'),
    });
    expect(faults).toMatchObject([
      {
        line: 11,
        column: 51,
        problem: expect.stringContaining('{words} stands unquoted'),
        example: 'jql: { jql: … }',
      },
    ]);
  });

  it('finds `{me.user}`, and names the values there are', async () => {
    expect(await faultsOf(inPath('/users/{me.user}/projects/{project}'))).toMatchObject([
      {
        line: 8,
        column: 19,
        problem: 'nothing that has parts is called "me" here',
        example: expect.stringContaining('{account.id}'),
      },
    ]);
  });

  it('finds a value with a slash in a path, and how to write it', async () => {
    const parameters = '  repo: { title: Repository, type: text, default: a/b }\n';
    expect(await faultsOf(inPath('/projects/{project}/{repo}', parameters))).toMatchObject([
      { line: 9, problem: expect.stringContaining('the character "/"'), example: '{repo as path}' },
    ]);
  });

  it('checks every gadget of a folder, whatever is wrong with one of them', async () => {
    for (const id of ['ann', 'ben', 'cid'])
      write(id === 'ben' ? { 'gadget.yaml': 'title: Ben\n' } : {}, `several/${id}`);
    const { code, out } = await run('gadget', 'check', 'several');
    expect(code).toBe(1);
    expect(out).toContain('ann has no mistakes.');
    expect(out).toContain('several/ben/gadget.yaml:1');
    expect(out).toContain('cid has no mistakes.');
  });
});

describe('oriel gadget check', () => {
  it('finds answers, parameters, macros and variables that do not exist', async () => {
    const view = [
      '{% from "oriel" import list, rwo %}',
      '{% from "./part.njk" import cell, cel %}',
      '{{ answers.build.data }}{{ parameters.projct }}',
      '{{ lits() }}{{ buidl.name }}{{ list() }}{{ cell(answers.builds) }}',
      '{% if buidl is oddd %}{% endif %}',
    ].join('\n');
    expect(
      await placesOf({ 'view.njk': view, 'part.njk': '{% macro cell(x) %}{{ x }}{% endmacro %}' }),
    ).toEqual(
      expect.arrayContaining([
        'view.njk:1:30 "oriel" has no macro "rwo"',
        'view.njk:2:35 "./part.njk" has no macro "cel"',
        'view.njk:3:12 the gadget has no request "build"',
        'view.njk:3:39 the gadget has no parameter "projct"',
        'view.njk:4:4 there is no macro or function "lits"',
        'view.njk:4:16 there is no variable "buidl"',
        'view.njk:5:16 there is no test "oddd"',
      ]),
    );
  });

  it('finds parameters and answers that nothing uses, and requests that are never made', async () => {
    const definition = `${DEFINITION}  spare: { provider: ci, path: /spare, format: text }
  never: { provider: ci, path: "/{s}", format: json, each: { of: spare, as: s } }
`.replace('requests:', '  unused: { title: Unused, type: text }\nrequests:');
    const places = await placesOf({ 'gadget.yaml': definition });
    expect(places).toContain('gadget.yaml:5:3 nothing uses the parameter "unused"');
    expect(places).toContain('gadget.yaml:12:3 nothing uses the answer to "never"');
    expect(places).toContain(
      'gadget.yaml:12:3 the request "never" is never made: "spare" is a text, which has no items',
    );
  });

  it.each([
    [
      'an attribute without quotes',
      '<p title={{ answers.builds.data.items[0].name }}>x</p>',
      'without quotes',
    ],
    [
      'a view that runs away',
      '{% for n in range(0, 1000000) %}{{ answers.builds.data.n }}{% endfor %}',
      'too much to show',
    ],
    ['a partial that is not there', '{% include "./none.njk" %}{{ answers.builds }}', 'there is no template'],
    [
      'a text that no language has',
      '{{ t("mine.none") }}{{ answers.builds }}',
      'there is no text "mine.none"',
    ],
    [
      'a block that does not exist',
      '{% iff parameters.project %}{{ answers.builds }}',
      'there is no block "iff"',
    ],
    ['an end without a block', '{{ answers.builds }}{% endfor %}', 'there is no block "for" that this ends'],
    ['a value that is not closed', '{{ answers.builds \n<p>', 'this {{ is not closed'],
  ])('finds %s', async (_, view, problem) => {
    const { code, out } = await checked({ 'view.njk': view });
    expect(code).toBe(1);
    expect(out).toContain(problem);
  });

  it('says where in the line a partial is named that is not there, and where a text is', async () => {
    const view = '{% include "./none.njk" %}\n<p>{{ t("mine.none") }}{{ answers.builds }}</p>';
    expect(await placesOf({ 'view.njk': view })).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^view\.njk:1:13 there is no template ".\/none\.njk"/),
        'view.njk:2:10 there is no text "mine.none"',
      ]),
    );
    const { out } = await checked({ 'view.njk': view });
    expect(out).toContain(
      '     2 | <p>{{ t("mine.none") }}{{ answers.builds }}</p>\n                  ^^^^^^^^^',
    );
  });

  it('says on which line of a language a text cannot be read, and after which one is missing', async () => {
    const texts = {
      'view.njk': '{{ t("one") }}{{ answers.builds }}',
      'texts/en.yaml': 'one: One\ntwo: "{count, plural, other {#}}"\nthree: Three\n',
      'texts/de.yaml': 'one: Eins\ntwo: "{count, plural"\n',
    };
    const places = await placesOf(texts);
    expect(places).toContain('de.yaml:2:1 the text "three" is missing');
    expect(
      await placesOf({ ...texts, 'texts/de.yaml': 'one: Eins\ntwo: "{count, plural"\nthree: Drei\n' }),
    ).toEqual([expect.stringMatching(/^de\.yaml:2:1 two: /)]);
  });

  it('finds what a hostile answer would do to a link', async () => {
    const sample = SAMPLE.replace('"name":"Build"', '"name":"https://ci.example/1"');
    const link = (href: string) => ({
      'sample.json': sample,
      'view.njk': `{% for each in answers.builds.data.items %}${href}{% endfor %}`,
    });
    expect((await checked(link('<a href="{{ each.name }}">x</a>'))).out).toContain(
      'a link leads to a script',
    );
    expect((await checked(link('{{ each.name | link("x") }}'))).code).toBe(0);
  });

  it('names a sample that is no JSON, a folder without gadgets, and one that does not exist', async () => {
    expect((await checked({ 'sample-long.json': '{' })).out).toContain(
      'sample-long.json: this sample cannot be used',
    );
    mkdirSync(join(folder.path, 'empty'));
    const empty = await run('gadget', 'check', 'empty');
    expect(empty).toMatchObject({ code: 1, err: expect.stringContaining('There is no gadget in') });
    expect(await run('gadget', 'check', 'nowhere')).toMatchObject({
      code: 1,
      err: expect.stringContaining('nowhere'),
    });
  });

  it('finds samples that a view would never get, with their lines', async () => {
    const paged = `${DEFINITION}    pages: { by: page, items: items, atMost: 2 }\n`;
    const faultsOf = async (definition: string, sample: object): Promise<string> =>
      (await checked({ 'gadget.yaml': definition, 'sample.json': JSON.stringify(sample, null, 1) })).out;
    const whole = { answers: { builds: { data: { items: [] } } } };
    expect(await faultsOf(paged, { answers: { builds: { data: [] } } })).toMatch(
      /sample\.json:3:3: the answer "builds" is a list, which .*\n.*\n +\^{8}\n.*\n.*the list at items in "data"/,
    );
    expect(await faultsOf(paged, whole)).not.toContain('sample.json:');
    expect(await faultsOf(`${DEFINITION}    pick: items\n`, whole)).toContain(
      'sample.json:3:3: the answer "builds" has the whole response as its data',
    );
    const each = DEFINITION.replace('requests:', 'requests:\n  all: { provider: ci, path: /all }');
    expect(await faultsOf(`${each}    each: { of: all, as: one }\n`, whole)).toContain(
      'sample.json:3:3: the answer "builds" is not what "each" gives',
    );
    const graphql = `${DEFINITION}    graphql: "query { items }"\n`;
    expect(await faultsOf(graphql, { answers: { builds: { data: { data: { items: [] } } } } })).toContain(
      'sample.json:3:3: the answer "builds" has the whole response as its data',
    );
    for (const data of [{ items: [] }, {}, null])
      expect(await faultsOf(graphql, { answers: { builds: { data } } })).not.toContain('sample.json:');
    const named = DEFINITION.replace('type: identifier', 'type: text');
    expect(await faultsOf(named, { parameters: { project: 'a/b' }, answers: {} })).toMatch(
      /sample\.json:3:3: the request "builds" could not be made with this value: .*slash/,
    );
    const strange = { parameters: { projekt: 'a' }, answers: { bilds: { data: 1 } } };
    const said = await faultsOf(DEFINITION, strange);
    expect(said).toContain('sample.json:3:3: there is no parameter "projekt"');
    expect(said).toContain('sample.json:6:3: there is no request "bilds"');
  });

  it('warns of a way into an answer that no sample has, and takes the gadget as sound', async () => {
    const warned = async (files: Readonly<Record<string, string>>): Promise<string> => {
      const { code, out, err } = await checked(files);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      return out;
    };
    expect(await warned({})).not.toContain('Warning');
    const view = VIEW.replace('data.items', 'data.itmes');
    expect((await warned({ 'view.njk': view })).replace(/builds-\d+/, 'builds')).toContain(
      [
        'Warning: builds/view.njk:3:37: no sample has "itmes" in answers.builds.data.',
        '     3 | {% for build in answers.builds.data.itmes %}',
        '                                             ^^^^^',
        '    expected: one of items; or a sample that has it.',
        '    write:    items',
      ].join('\n'),
    );
    const others = `${DEFINITION}  latest:
    provider: ci
    given: { name: { from: builds, take: items.nmae, type: text } }
    path: /latest
    query: { name: "{name}" }
`;
    const latest = `${VIEW}{{ answers.latest.data.title }}{{ answers.builds.data.items.length }}`;
    const said = await warned({ 'gadget.yaml': others, 'view.njk': latest });
    expect(said).toMatch(/gadget\.yaml:\d+:\d+: no sample has "nmae" in builds\.items\./);
    // Of what no sample has an answer to nothing is known.
    expect(said).not.toContain('"title"');
    const json = JSON.parse((await run('gadget', 'check', write({ 'view.njk': view }), '--json')).out);
    expect(json).toMatchObject({ ok: true, gadgets: [{ faults: [], warnings: [{ line: 3, column: 37 }] }] });
  });

  it('says where in a line YAML cannot be read', async () => {
    expect(await placesOf({ 'gadget.yaml': 'title: Builds\ndescription: @all\n' })).toEqual([
      'gadget.yaml:2:14 a value starts with a reserved character',
    ]);
    const unknown = DEFINITION.replace('format: json', 'format: json\n    pages: { by: page, sixe: 5 }');
    expect(await placesOf({ 'gadget.yaml': unknown })).toEqual([
      'gadget.yaml:10:24 this key is not known here',
    ]);
  });

  it('has nothing against the gadgets that come with Oriel', async () => {
    const checked = await runHere('gadget', 'check', 'gadgets');
    expect(checked).toMatchObject({ code: 0, err: '' });
    expect(checked.out).not.toContain('Warning');
  });

  it('runs as a process of its own, in the folder of the gadget, without configuration', async () => {
    const cwd = join(folder.path, write({ 'view.njk': '{{ answers.builds | tiem }}' }));
    const { code, out } = await start(['gadget', 'check'], { cwd }).ended;
    expect(code).toBe(1);
    expect(out).toContain('view.njk:1:21: there is no filter "tiem".');
    expect(out).toContain('    write:    time');
  });
});
