import { describe, expect, it } from 'vitest';
import { faultsOf, linesOf } from './sample.js';

const bomb = [
  'a: &a [x,x,x,x,x,x,x,x,x]',
  ...'bcdefghi'.split('').map((name, index) => {
    const before = 'abcdefgh'[index];
    return `${name}: &${name} [${Array(9).fill(`*${before}`).join(',')}]`;
  }),
].join('\n');

describe('A file that is not acceptable YAML', () => {
  it.each([
    ['hosts: {}\nhosts: {}', 2, 'this key was already given above'],
    ['hosts:\n  a: 1\n  a: 2', 3, 'this key was already given above'],
    ['a: 1\n---\nb: 2', 2, 'a second document starts here'],
    ['a:\n\tb: 1', 2, 'a tab is used to indent'],
    ['a: @canary', 1, 'a value starts with a reserved character'],
    ['a: "canary\\d"', 1, 'a backslash stands between double quotes, where it starts an escape'],
    ['a: !canary b', 1, 'a value starts with an unknown !tag'],
    ['a: !!binary aGk=', 1, 'a value starts with an unknown !tag'],
    ['a: *canary', 1, 'a value is an *alias of another'],
    ['a: &x 1\nb: *x', 2, 'a value is an *alias of another'],
    ['? [a]\n: 1', 1, 'this key is no text'],
    ['a: "canary', 1, 'this is not well-formed YAML (MISSING_CHAR)'],
  ])('is a fault that shows its line and nothing of its content: %j', (text, line, problem) => {
    const faults = faultsOf(text);
    expect(faults).toContainEqual(expect.objectContaining({ line, problem }));
    expect(JSON.stringify(faults)).not.toContain('canary');
  });

  it('is not blown up by aliases of aliases', () => {
    const startedAt = performance.now();
    expect(faultsOf(bomb).every(({ problem }) => problem === 'a value is an *alias of another')).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it.each(['[', '{a: '])('is not followed into endless depth of %j', (opening) => {
    expect(faultsOf(opening.repeat(20_000)).length).toBeGreaterThan(0);
    expect(faultsOf(`a: ${'['.repeat(20_000)}${']'.repeat(20_000)}`).length).toBeGreaterThan(0);
  });

  it('may have a hundred lists inside each other, and any number beside each other', () => {
    const nested = (levels: number) => `a: ${'['.repeat(levels)}${']'.repeat(levels)}`;
    const tooDeep = expect.objectContaining({ problem: 'the lists and groups are nested too deeply' });
    expect(faultsOf(nested(100))).not.toContainEqual(tooDeep);
    expect(faultsOf(nested(101))).toContainEqual(tooDeep);
    expect(faultsOf(`a: [${'[], '.repeat(200)}]`)).not.toContainEqual(tooDeep);
  });

  it.each([
    ['', ': this is empty'],
    ['# nothing', ': this is empty'],
    ['just text', ': this is not a group of keys'],
    ['- a\n- b', ': this is not a group of keys'],
  ])('is a fault when it holds %j', (text, line) => {
    expect(linesOf(text)).toEqual([line]);
  });

  it.each(['__proto__: {gadgetOrigin: "https://a.example"}', 'hosts: {__proto__: {}}'])(
    'gains nothing from a key that means something to JavaScript: %s',
    (text) => {
      expect(linesOf(text)).toEqual([': this key is called __proto__']);
      expect(linesOf('constructor: 1')).toContain('constructor: this key is not known here');
    },
  );
});
