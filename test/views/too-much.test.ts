import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TooMuchToShow } from '../../src/domain/views.js';
import { nunjucksViews } from '../../src/views/nunjucks-views.js';
import { sample } from './support/our-views.js';

const NAME = 'A card that lights up when a build breaks';
const rows = (count: number) => Array.from({ length: count }, (_, number) => ({ number, name: NAME }));

const VIEWS: Readonly<Record<string, string>> = {
  prints: '{% for row in answers.cards.data %}<p>{{ row.number }} {{ row.name }}</p>{% endfor %}',
  loops: '{% for row in answers.cards.data %}{% for other in answers.cards.data %}{% endfor %}{% endfor %}',
  looks: '{% for row in answers.cards.data %}{% set name = row.name %}{% endfor %}',
  long: '{{ answers.cards.data[0].name }}',
};

describe('A view of a gadget', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'oriel-views-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const show = (view: string, data: readonly unknown[]): string => {
    const model = sample('mingle-cards');
    const gadget = { ...model.gadget, view: `${view}/view.njk` };
    mkdirSync(join(folder, view), { recursive: true });
    writeFileSync(join(folder, view, 'view.njk'), VIEWS[view] ?? '');
    const views = nunjucksViews({
      templates: 'templates',
      gadgets: [{ gadget, folder: join(folder, view) }],
    });
    const answer = { data: data as never, fetchedAt: 0, stale: false, pages: 1, more: false };
    return views.content({ ...model, gadget, answers: { cards: answer } });
  };

  it('shows thousands of rows', () => {
    expect(show('prints', rows(4000))).toContain(`3999 ${NAME}`);
  });

  it.each([
    ['prints', rows(30_000)],
    ['loops', rows(3000)],
    ['looks', rows(60_000)],
    ['long', [{ name: 'x'.repeat(4_000_000) }]],
  ] as const)(
    'that %s more than can be made while everyone else waits is stopped, and the next one is not',
    (view, data) => {
      expect(() => show(view, data)).toThrow(TooMuchToShow);
      expect(show('prints', rows(2))).toContain(`1 ${NAME}`);
    },
  );
});
