import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { addFilters } from '../../src/views/filters/all.js';
import { PIECE_EXAMPLES } from '../views/support/piece-examples.js';
import { pieces } from '../views/support/pieces.js';
import { render } from '../views/support/try-template.js';
import { FILTER_DATA, FILTERS } from './filter-examples.js';

const REFERENCE = 'docs/view-reference.md';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const code = (text: string): string => (text.trim() === '' ? '*nothing*' : `\`${cell(text.trim())}\``);

const filterTables = (): string =>
  Object.entries(FILTERS)
    .map(([title, filters]) => {
      const rows = Object.entries(filters).flatMap(([name, { does, examples }]) =>
        examples.map((example, index) => {
          const [first, second] = index === 0 ? [`\`${name}\``, cell(does)] : ['', ''];
          return `| ${first} | ${second} | ${code(example)} | ${code(render(example, { ...FILTER_DATA, locale: 'en', timeZone: 'UTC' }))} |`;
        }),
      );
      return [
        `### ${title}`,
        '',
        '| filter | does | for example | gives |',
        '|---|---|---|---|',
        ...rows,
      ].join('\n');
    })
    .join('\n\n');

const pieceSections = (): string =>
  pieces()
    .map(({ name, parameters, summary, described }) => {
      const rows = parameters.map((each) => `| \`${each}\` | ${cell(described[each] ?? '')} |`);
      return [
        `### ${name}`,
        '',
        summary.replace(/\{%.*%\}/, (found) => `\`${found}\``),
        '',
        ...(rows.length > 0 ? ['| argument | is |', '|---|---|', ...rows, ''] : []),
        '```njk',
        PIECE_EXAMPLES[name]?.source ?? '',
        '```',
        '',
        `![${name}, in light and dark](images/piece-${name}.png)`,
      ].join('\n');
    })
    .join('\n\n');

const STATUS_WORDS = 'good, bad, busy, warning, neutral';

const reference = (): string => `# Reference of views

This page is generated from \`templates/oriel.njk\` and the filters: \`UPDATE_REFERENCE=1 npx vitest run test/docs/view-reference\`. [Writing a gadget](gadgets.md) explains how
views, requests and parameters belong together.

## Filters

Nunjucks’ own filters are there too, except \`safe\`. The examples are shown in English, in UTC.

${filterTables()}

## Pieces

\`{% from "oriel" import list, row %}\`. Arguments are given by name or in this order. \`kind\` is one of ${STATUS_WORDS}.

${pieceSections()}
`;

it('The reference of views is current', () => {
  if (process.env.UPDATE_REFERENCE === '1') writeFileSync(REFERENCE, reference());
  expect(readFileSync(REFERENCE, 'utf8')).toBe(reference());
});

it('The reference of views has every filter that a view may use, and its pictures', () => {
  const names: string[] = [];
  addFilters({ addFilter: (name: string) => names.push(name), getFilter: () => () => '' } as never);
  const ours = names.filter(
    (name) => !['json', 'fragment', 'safe', 'replace', 'path'].includes(name) && !name.startsWith('_'),
  );
  expect(
    Object.values(FILTERS)
      .flatMap((filters) => Object.keys(filters))
      .toSorted(),
  ).toEqual(ours.toSorted());
  for (const { name } of pieces()) expect(existsSync(`docs/images/piece-${name}.png`), name).toBe(true);
});
