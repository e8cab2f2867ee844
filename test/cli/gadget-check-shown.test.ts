import { afterAll, describe, expect, it, vi } from 'vitest';
import { type Found, openGadgets } from './checked-gadgets.js';

vi.setConfig({ testTimeout: 60_000 });

const SAMPLE = JSON.stringify({ answers: { builds: { data: { items: [{ name: 'Build' }] } } } });
const SEVEN = 'no answer, empty answers, sample.json and 4 more';

const { folder, run, write, faultsOf } = openGadgets({ 'sample.json': SAMPLE });
afterAll(() => folder.remove());

/** What the caret is under, of each fault, behind file and line. */
const marksOf = (faults: readonly Found[]): readonly string[] =>
  faults.map(({ file, line, column, length, excerpt }) => {
    const marked = (excerpt ?? '').slice((column ?? 1) - 1, (column ?? 1) - 1 + length);
    return `${file.split('/').at(-1)}:${line} ${marked}`;
  });

const USED = '{# #}<p>{{ answers.builds.data.total }}</p>\n\n';
const CALL = 'answers.builds.data.login';

describe('oriel gadget check, on a view that fails when it is shown', () => {
  it('has line, column, excerpt and caret, once, with what shows it', async () => {
    const id = write({ 'view.njk': `<ul>\n  <li>ok</li>\n  <li>{{ ${CALL}() }}</li>\n</ul>\n` });
    const { out, err } = await run('gadget', 'check', id);
    expect(err).toBe('\n1 mistake in 1 gadget.\n');
    expect(out).toContain(
      [
        `${id}/view.njk:3:10: shown with ${SEVEN}, the view fails: Unable to call \`answers["builds"]["data"]["login"]\`, which is undefined or falsey.`,
        `     3 |   <li>{{ ${CALL}() }}</li>`,
        `                  ${'^'.repeat(CALL.length)}`,
        '    expected: a view that shows whatever a provider answers.',
        '',
      ].join('\n'),
    );
  });

  it.each([
    ['in the first line', `{{ ${CALL}() }}`, `view.njk:1 ${CALL}`],
    ['of nothing', `${USED}<p>\n{{ answers.builds.gone.x() }}</p>`, 'view.njk:4 answers.builds.gone.x'],
    ['in a condition', `${USED}{% if ${CALL}(1) %}x{% endif %}`, `view.njk:3 ${CALL}`],
    ['in what is set', `${USED}{% set x = ${CALL}() %}{{ x }}`, `view.njk:3 ${CALL}`],
    ['in a for loop', `${USED}{% for n in [1, 2] %}\n\n{{ ${CALL}(n) }}{% endfor %}`, `view.njk:5 ${CALL}`],
    [
      'in a macro',
      `${USED}{% macro one(x) %}\n<b>{{ x.y() }}</b>\n{% endmacro %}\n\n{{ one(1) }}\n`,
      'view.njk:4 x.y',
    ],
    [
      'in a called block',
      `{% from "oriel" import list %}\n${USED}{% call list(otherwise="None.") %}\n<li></li>\n<li>{{ ${CALL}() }}</li>\n{% endcall %}`,
      `view.njk:6 ${CALL}`,
    ],
    [
      'in an argument of a piece',
      `{% from "oriel" import row %}\n${USED}{{ row(\n  title=${CALL}()\n) }}`,
      `view.njk:5 ${CALL}`,
    ],
    [
      'behind an earlier call that works',
      `${USED}{{ range(3) | length }}\n\n{{ ${CALL}() }}`,
      `view.njk:5 ${CALL}`,
    ],
  ])('says where a call of nothing stands: %s', async (_, view, mark) => {
    expect(marksOf(await faultsOf({ 'view.njk': view }))).toEqual([mark]);
  });

  it.each([
    ['in a line of its own', `${USED}{{ range(2) | length }}\n\n{{ answers.builds.stale | groupby }}`, 5],
    ['in a loop', `${USED}{% for n in [1] %}\n{{ n | matches("(") }}\n{% endfor %}`, 4],
    ['in a macro', `${USED}{% macro one(x) %}\n\n{{ x | matches("(") }}\n{% endmacro %}{{ one("a") }}`, 5],
    ['behind another filter', `${USED}{{ "a" | upper | matches("(") }}`, 3],
  ])('says where a filter stands that fails: %s', async (_, view, line) => {
    const marks = marksOf(await faultsOf({ 'view.njk': view }));
    expect(marks).toEqual([expect.stringMatching(new RegExp(`^view\\.njk:${line} (?:matches|groupby)$`))]);
  });

  it.each([
    ['included', '{% include "./part.njk" %}', `<p>\n\n{{ ${CALL}() }}</p>`, `part.njk:3 ${CALL}`],
    [
      'whose macro is imported',
      '{% from "./part.njk" import one %}\n\n{{ one(answers.builds.data) }}',
      '{% macro one(data) %}\n<p>\n{{ data.login() }}</p>{% endmacro %}',
      'part.njk:3 data.login',
    ],
  ])('names the partial: %s', async (_, view, part, mark) => {
    const faults = await faultsOf({ 'view.njk': `${USED}${view}`, 'part.njk': part });
    expect(marksOf(faults)).toEqual([mark]);
  });

  it('reports each place once, with the samples that show it', async () => {
    const faults = await faultsOf({
      'view.njk': `{% if answers.builds.data %}\n{{ ${CALL}() }}\n{% else %}\n{{ ${CALL}() }}\n{% endif %}`,
    });
    expect(marksOf(faults).toSorted()).toEqual([`view.njk:2 ${CALL}`, `view.njk:4 ${CALL}`]);
    expect(faults.map(({ problem }) => problem.replace(/, the view.*/, '')).toSorted()).toEqual([
      'shown with no answer, empty answers, sample.json without the answer "builds"',
      'shown with sample.json, sample.json with hostile texts, sample.json with long texts and 1 more',
    ]);
  });

  it('says of a view with too much to show where, how much is allowed, and what to write', async () => {
    const faults = await faultsOf({
      'view.njk': `${USED}{% for n in range(0, 9000) %}\n{% for m in range(0, 9000) %}{{ m }}{% endfor %}\n{% endfor %}`,
    });
    expect(faults).toMatchObject([
      {
        line: 4,
        problem: `shown with ${SEVEN}, the view has too much to show: it takes more than 100000 steps`,
        example: '{% for item in items | take(100) %}',
      },
    ]);
  });

  it.each([
    ['a macro that calls itself', '{% macro f() %}\n{{ f() }}{% endmacro %}{{ f() }}'],
    [
      'loops that print nothing',
      '{% set x = range(0, 900) %}\n{% for n in x %}{% for m in x %}{% endfor %}{% endfor %}',
    ],
    ['a view that includes itself', '<p>\n{% include "./view.njk" %}</p>'],
  ])('reports once what runs away: %s', async (_, view) => {
    const faults = await faultsOf({ 'view.njk': `${USED}${view}` });
    expect(faults).toMatchObject([{ problem: expect.stringContaining('100000 steps') }]);
    expect([3, 4]).toContain(faults[0]?.line);
  });

  it('has the place in oriel gadget test too', async () => {
    const id = write({
      'view.njk': `${USED}{% if answers.builds.data.items == null %}\n{{ ${CALL}() }}{% endif %}`,
    });
    const { out } = await run('gadget', 'test', id, '--no-browser', '--update');
    expect(out).toContain(`${id}/view.njk:4:4: shown with`);
  });
});
