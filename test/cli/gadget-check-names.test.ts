import { afterAll, describe, expect, it, vi } from 'vitest';
import { DEFINITION, openGadgets } from './checked-gadgets.js';

vi.setConfig({ testTimeout: 60_000 });

const { folder, run, write, faultsOf } = openGadgets({ 'view.njk': '<p>{{ answers.builds.data }}</p>\n' });
afterAll(() => folder.remove());

const problemsOf = async (files: Readonly<Record<string, string>>): Promise<readonly string[]> =>
  (await faultsOf(files)).map(({ line, column, problem }) => `${line}:${column} ${problem}`);

describe('oriel gadget check, on what is imported', () => {
  it('takes no argument and no variable of a piece for a piece', async () => {
    const view = '{% from "oriel" import otherwise, title, columns, list %}\n{{ answers.builds.data }}';
    expect(await problemsOf({ 'view.njk': view })).toEqual([
      '1:24 "oriel" has no macro "otherwise"',
      '1:35 "oriel" has no macro "title"',
      '1:42 "oriel" has no macro "columns"',
    ]);
  });

  it('offers pieces alone', async () => {
    const [fault] = await faultsOf({
      'view.njk': '{% from "oriel" import pil %}\n{{ answers.builds.data }}',
    });
    expect(fault).toMatchObject({ example: 'pill', expected: expect.stringMatching(/\blist\b.*\brow\b/) });
    expect(fault?.expected).not.toMatch(/\b(?:kind|known|otherwise|rows|heads|_\w+)\b/);
  });

  it('knows what a partial has for others', async () => {
    const part =
      '{% set shade = "a" %}{% if shade %}{% macro two() %}{% set inner = 1 %}{{ inner }}{% endmacro %}{% endif %}{% macro one(way) %}{{ way }}{% endmacro %}';
    const view = (names: string) =>
      `{% from "./part.njk" import ${names} %}{{ answers.builds.data }}{{ one(1) }}{{ two() }}`;
    expect(await problemsOf({ 'part.njk': part, 'view.njk': view('one, two, shade') })).toEqual([]);
    expect(await problemsOf({ 'part.njk': part, 'view.njk': view('one, two, way, inner') })).toEqual([
      '1:39 "./part.njk" has no macro "way"',
      '1:44 "./part.njk" has no macro "inner"',
    ]);
  });
});

describe('oriel gadget check, on what flows', () => {
  const TWO = `${DEFINITION}  cards:
    provider: mingle
    given: { card: { from: builds, take: card, type: integer } }
    path: /cards/{card}
    format: json
`;
  const view = '<p>{{ answers.builds.data }}{{ answers.cards.data }}</p>\n';

  it('says what is sent from one provider to another', async () => {
    const id = write({ 'gadget.yaml': TWO, 'view.njk': view });
    const { out } = await run('gadget', 'check', id);
    expect(out).toContain(`without data.\nNumbers from ci are sent to mingle.\n`);
    const json = JSON.parse((await run('gadget', 'check', id, '--json')).out);
    expect(json.gadgets).toMatchObject([{ flows: ['Numbers from ci are sent to mingle.'] }]);
  });

  it('has nothing to say of a gadget whose data stays where it is', async () => {
    const json = JSON.parse((await run('gadget', 'check', write({}), '--json')).out);
    expect(json.gadgets).toMatchObject([{ flows: [] }]);
  });
});
