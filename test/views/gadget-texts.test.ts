import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadCatalog } from '../../src/gadgets/load-gadgets.js';
import { compileFaults, NunjucksViews } from '../../src/views/nunjucks-views.js';
import type { ContentModel } from '../../src/views/view-models.js';
import { reading } from '../gadgets/reading.js';
import { htmlFaults } from './support/html-faults.js';
import { textOf } from './support/our-views.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'oriel-texts-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const DEFINITION = `
title: Builds
description: The builds of a project.
parameters:
  project: { title: Project, type: identifier, required: true }
`;
const EN =
  'none: Nothing runs.\nruns: "{count, plural, one {# build runs} other {# builds run}}"\nby: By {who}\n';
const DE =
  'title: Läufe\nparameters: { project: Projekt }\nnone: Nichts läuft.\nruns: "{count, plural, one {# Lauf} other {# Läufe}}"\nby: Von {who}\n';

const write = (id: string, files: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries({ 'gadget.yaml': DEFINITION, ...files })) {
    const file = join(root, id, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
};
const load = () => loadCatalog([root], reading);

const faults = async (): Promise<readonly string[]> =>
  (await load()).faults.map(({ file, line, problem }) => `${relative(root, file)}:${line ?? ''} ${problem}`);

/** What `oriel check` holds against the templates and texts. */
const checked = async (): Promise<readonly string[]> => {
  const { entries, faults: found } = await load();
  expect(found).toEqual([]);
  return compileFaults({ templates: 'templates', gadgets: entries }).map(
    ({ file, problem }) => `${relative(root, file)}: ${problem}`,
  );
};

const open = async (): Promise<(id: string, model?: Partial<ContentModel>) => string> => {
  const { entries, faults: found } = await load();
  expect(found).toEqual([]);
  const views = new NunjucksViews({ templates: 'templates', gadgets: entries });
  return (id, model = {}) => {
    const entry = entries.find(({ gadget }) => gadget.id === id);
    if (entry === undefined) throw new Error(`there is no ${id}`);
    return views.content({
      gadget: entry.gadget,
      ...{ parameters: {}, answers: {}, unknown: {}, missing: [], connected: [] },
      ...{ locale: 'en', timeZone: 'UTC', stale: false, ...model },
    });
  };
};

describe('The texts of a gadget', () => {
  const translated = {
    'view.njk':
      '<p title="{{ tText("none") }}">{{ t("runs", { count: 2 }) }}, {{ t("by", { who: "<b>" }) }}, {{ gadget.parameters[0].title }}</p>{{ t("common.cancel") }}',
    'texts/en.yaml': `title: Builds\nparameters: { project: Project }\n${EN}`,
    'texts/de.yaml': DE,
  };

  it('are said in the language of the viewer, in a regional form of it, and in English for everyone else', async () => {
    write('builds', translated);
    const show = await open();
    const german = show('builds', { locale: 'de-AT' });
    expect(german).toContain('<h1 class="unseen">Läufe</h1>');
    expect(german).toContain(
      '<p title="Nichts läuft.">2 Läufe, Von <bdi>&lt;b&gt;</bdi>, Projekt</p>Abbrechen',
    );
    expect(htmlFaults(german)).toEqual([]);
    expect(show('builds', { locale: 'ja' })).toContain('2 builds run');
    expect(show('builds')).toContain('<h1 class="unseen">Builds</h1>');
  });

  it('come before those of the catalogue, and are those of no other gadget', async () => {
    write('builds', {
      'view.njk': '{{ t("common.cancel") }} {{ t("none") }}',
      'texts/en.yaml': 'common: { cancel: Stop the build }\nnone: Mine\n',
    });
    write('other', { 'view.njk': '{{ t("common.cancel") }} {{ t("none") }}' });
    const show = await open();
    expect(show('builds')).toContain('Stop the build Mine');
    expect(show('other')).toContain('Cancel none');
  });

  it('in a language that the rest of the page is not in say so, and their direction', async () => {
    write('builds', { 'view.njk': '{{ t("none") }}', 'texts/he.yaml': 'none: אין\n' });
    const show = await open();
    expect(show('builds', { locale: 'he' })).toContain(
      '<div class="oriel-content" lang="he" dir="rtl">אין</div>',
    );
  });

  it('change the gadget’s version when they change, as its partials do', async () => {
    const versions = new Set<string | undefined>();
    for (const files of [
      {},
      { 'texts/en.yaml': 'a: A\n' },
      { 'texts/en.yaml': 'a: B\n' },
      { 'part.njk': 'x' },
      { 'part.njk': 'y' },
    ]) {
      write('builds', { 'view.njk': 'x', ...files });
      versions.add((await load()).entries[0]?.gadget.version);
    }
    expect(versions.size).toBe(5);
  });
});

describe('Faults of texts', () => {
  it('are a locale that is none, a value that is no text, what is missing, too much or named wrongly, each with its line', async () => {
    write('builds', {
      'view.njk': 'x',
      'texts/en.yaml': 'a: A\nb: B\nparameters:\n  branch: Branch\n',
      'texts/de.yaml': 'a: A\nc: C\nparameters: { branch: Zweig }\nd: 7\n',
      'texts/deutsch_1.yaml': 'a: A\nb: B\nparameters: { branch: Zweig }\n',
      'texts/fr.yaml': 'a: [\n',
    });
    expect(await faults()).toEqual([
      'builds/texts/de.yaml:4 this is no text',
      'builds/texts/deutsch_1.yaml:1 "deutsch_1" names no locale',
      expect.stringMatching(/^builds\/texts\/fr\.yaml:\d this is not well-formed YAML/),
      'builds/texts/en.yaml:4 there is no parameter "branch"',
      'builds/texts/de.yaml:1 the text "b" is missing',
      'builds/texts/de.yaml:2 en.yaml has no text "c"',
      expect.stringContaining('fr.yaml:1 the text "a" is missing'),
      expect.stringContaining('fr.yaml:1 the text "b" is missing'),
      expect.stringContaining('fr.yaml:1 the text "parameters.branch" is missing'),
    ]);
  });

  it('are messages that cannot be read, arguments that differ, and texts that a template names and are not there', async () => {
    write('builds', {
      'view.njk':
        '{% from "./part.njk" import x %}{{ t("here") }}{{ t("gone", { a: 1 }) }}{{ t("view.nothing") }}{{ t("kind." + parameters.kind) }}',
      'part.njk': "{% macro x() %}{{ tText('lost') }}{% endmacro %}",
      'texts/en.yaml': 'here: "{count, plural, one {one}}"\nby: By {who}\n',
      'texts/de.yaml': 'here: Hier {\nby: Von {wem}\n',
    });
    expect((await checked()).toSorted()).toEqual([
      'builds/part.njk: there is no text "lost"',
      expect.stringMatching(/^builds\/texts\/de\.yaml: by: \{wh?em\} is not in every locale/),
      expect.stringMatching(/^builds\/texts\/de\.yaml: here: this is no ICU message/),
      expect.stringMatching(/^builds\/texts\/en\.yaml: here: this is no ICU message/),
      'builds/view.njk: there is no text "gone"',
    ]);
  });

  it('are dates and times that a text writes itself, in the server’s time zone; they keep no viewer from the rest', async () => {
    write('builds', {
      'view.njk': '{{ t("due", { day: "soon" }) }} and {{ t("good", { day: "2026-11-25" | date }) }}',
      'texts/en.yaml': 'due: Due {day, date, medium}\ngood: Good {day}\n',
    });
    expect(await checked()).toEqual([
      expect.stringMatching(
        /^builds\/texts\/en\.yaml: due: dates and times are written by filters.* say \{day\}/,
      ),
    ]);
    expect(textOf((await open())('builds'))).toContain('due and Good Nov 25, 2026');
  });

  it('never keep a viewer from the rest', async () => {
    write('builds', {
      'view.njk': '{{ t("bad") }} and {{ t("good") }}',
      'texts/en.yaml': 'bad: "{"\ngood: Good\n',
    });
    expect(textOf((await open())('builds'))).toContain('bad and Good');
  });
});

describe('Partials', () => {
  const PART = '{% macro hello(name) %}Hello {{ name }}{% endmacro %}';

  it('of a gadget’s own folder are imported and included, whatever they are called', async () => {
    write('builds', {
      'view.njk':
        '{% from "./part.njk" import hello %}{{ hello("<b>") }}{% include "builds/connect.njk" %}{% include "connect.njk" %}',
      'part.njk': PART,
      'connect.njk': '{% import "part.njk" as p %}[{{ p.hello("again") }}]',
    });
    write('site', { 'view.njk': 'x', 'home.njk': 'not the page' });
    expect(textOf((await open())('builds'))).toContain('Hello <b>[Hello again][Hello again]');
    const { entries } = await load();
    const views = new NunjucksViews({ templates: 'templates', gadgets: entries });
    expect(views.page('site/home', { assets: {} })).not.toContain('not the page');
    expect(await checked()).toEqual([]);
  });

  it.each([
    'other/view.njk',
    'other/part.njk',
    './../other/part.njk',
    '../other/part.njk',
    'gadget:other/part.njk',
    'parts/state.njk',
    'states/content.njk',
    'gone.njk',
  ])('of other gadgets, and pages of ours, cannot be reached: %s', async (name) => {
    write('other', { 'view.njk': 'secret', 'part.njk': PART });
    write('builds', { 'view.njk': `{% include "${name}" %}` });
    write('sly', { 'view.njk': '{% include answers.a.data %}' });
    const show = await open();
    expect(() => show('builds')).toThrow('there is no template');
    const answer = { data: name as never, fetchedAt: 0, stale: false, pages: 1, more: false };
    expect(() => show('sly', { answers: { a: answer } })).toThrow('there is no template');
    expect(await checked()).toEqual([
      `builds/view.njk: there is no template "${name}" in the folder of builds, and views use no others but "oriel"`,
    ]);
  });
});

it('What is connected is found by the id of its provider, and as a list', async () => {
  write('builds', {
    'view.njk':
      '{{ connected.mingle.site }} {{ connected["length"] }} {{ connected.github.site }}{% for each in connected %}[{{ each.name }}]{% endfor %}',
  });
  const of = { account: null, tells: true, accountPage: null };
  const connected = [
    { ...of, provider: 'mingle', name: 'Mingle', site: 'https://mingle.example' },
    { ...of, provider: 'length', name: 'Length', site: null },
  ];
  expect((await open())('builds', { connected })).toContain('https://mingle.example 2 [Mingle][Length]');
});
