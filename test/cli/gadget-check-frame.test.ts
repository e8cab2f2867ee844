import { afterAll, describe, expect, it, vi } from 'vitest';
import { openGadgets } from './checked-gadgets.js';

vi.setConfig({ testTimeout: 60_000 });

const USED = '{{ answers.builds.data }}';

const { folder, faultsOf } = openGadgets({ 'view.njk': USED });
afterAll(() => folder.remove());

/** Line, and what the caret is under. */
const marksOf = async (files: Readonly<Record<string, string>>): Promise<readonly string[]> =>
  (await faultsOf(files)).map(
    ({ line, column, length, excerpt }) =>
      `${line} ${excerpt?.slice((column ?? 1) - 1, (column ?? 1) - 1 + length)}`,
  );

describe('oriel gadget check, on a style', () => {
  it('finds variables that nothing declares, and the one that was meant', async () => {
    const faults = await faultsOf({
      'style.css':
        '.a { color: var(--color-text-primry); }\n.b { margin: calc(var( --not-there, 2px) * 2); }\n',
    });
    expect(faults).toMatchObject([
      {
        ...{ line: 1, column: 17, length: 19, example: 'var(--color-text-primary)' },
        problem: 'there is no variable "--color-text-primry", so that this does nothing',
      },
      { line: 2, problem: expect.stringContaining('"--not-there"'), example: null },
    ]);
  });

  it.each([
    ['a variable of the frame', '.a { color: var(--color-text-danger); background: var(--soft) }'],
    ['its own', ':root { --mine: 1px; }\n.a { --theirs:2px; margin: var(--mine) var(--theirs) }'],
    [
      'one that it registers',
      '@property --turn { syntax: "<angle>"; inherits: false; initial-value: 0deg }\n.a { rotate: var(--turn) }',
    ],
    [
      'what is only spoken of',
      '/* var(--none) url(x.png) @import "y" */ .a::before { content: "var(--none) url(x)" }',
    ],
    [
      'a picture that needs no loading',
      '.a { background: url("data:image/png;base64,AA==") } .b { fill: url(#shade) }',
    ],
  ])('lets pass %s', async (_, css) => {
    expect(await faultsOf({ 'style.css': css })).toEqual([]);
  });

  it.each([
    ['.a {\n  background: url(http://evil.example/x.png);\n}', '2 url(http://evil.example/x.png)'],
    ['.a { background: no-repeat url( "./x.png" ) }', '1 url( "./x.png" )'],
    ["@font-face { font-family: x; src: url('x.woff2') }", "1 url('x.woff2')"],
    ['.a { background: image-set("x.png" 1x) }', '1 image-set("x.png" 1x)'],
    ['\n@import "other.css";', '2 @import "other.css";'],
    ['@import url(//evil.example/a.css) screen;', '1 @import url(//evil.example/a.css) screen;'],
  ])('finds what a frame would have to load: %s', async (css, mark) => {
    expect(await marksOf({ 'style.css': css })).toEqual([mark]);
  });
});

describe('oriel gadget check, on what the policy of the frame blocks', () => {
  it.each([
    ['<p>\n<script>alert(1)</script>', '2 script'],
    ['<button type="button"\n onclick="go()">x</button>', '2 onclick'],
    ["<img alt='' OnError = x>", '1 OnError'],
    ['<p class="{{ "a > b" }}" style="color: red">x</p>', '1 style'],
    ['<style>p { color: red }</style>', '1 style'],
    ['<iframe src="https://x.example"></iframe>', '1 iframe'],
    ['<link rel="stylesheet" href="x.css">', '1 link'],
  ])('finds %s', async (html, mark) => {
    expect(await marksOf({ 'view.njk': `${html}${USED}` })).toEqual([mark]);
    expect(await marksOf({ 'part.njk': html, 'view.njk': `{% include "./part.njk" %}${USED}` })).toEqual([
      mark,
    ]);
  });

  it('lets pass what only looks like it', async () => {
    const html =
      '{# <script> #}<!-- <style> --><p title="a onclick=x style=y" data-on="1">{{ "<script>" }} on=1</p><scripted-thing></scripted-thing>';
    expect(await faultsOf({ 'view.njk': `${html}${USED}` })).toEqual([]);
  });
});

describe('oriel gadget check, on providers', () => {
  it('finds one that the gadget does not have, and the one that was meant', async () => {
    const view = `<p>{{ connected.nobody.site }}\n{{ connected["cii"].name }}</p>${USED}`;
    expect(await faultsOf({ 'view.njk': view })).toMatchObject([
      { line: 1, column: 17, problem: 'the gadget has no provider "nobody"', expected: 'one of ci' },
      { line: 2, problem: 'the gadget has no provider "cii"', example: 'ci' },
    ]);
  });

  it('lets pass those it has, the list, and what else is called so', async () => {
    const view = `{% macro one(connected) %}{{ connected.what }}{% endmacro %}{{ one({}) }}${USED}`;
    expect(await faultsOf({ 'view.njk': view })).toEqual([]);
    const usual = `{{ connected.ci.site }}{{ connected[0].name }}{{ connected.length }}{% for each in connected %}{{ each.name }}{% endfor %}${USED}`;
    expect(await faultsOf({ 'view.njk': usual })).toEqual([]);
  });
});
