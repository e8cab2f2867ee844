import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonFaultAt } from '../../src/net/answer-body.js';

describe('The place where a text stops being JSON', () => {
  it.each([
    ['', 0],
    ['   ', 3],
    ['{"a":1', 6],
    ['{"access_token": x}', 17],
    ['{"access_token": "abc", token_type: 1}', 24],
    ['[1,2,]', 5],
    ['{"a":1,}', 7],
    ['{"a" 1}', 1],
    ['{}x', 2],
    ['[] ]', 3],
    ['{"a":[{},{"b":null}], "c":tru}', 26],
    ["{'a':1}", 1],
    ['{"a":"b\n"}', 5],
    ['01', 1],
    ['<html>', 0],
  ])('of %j is %i', (text, at) => expect(jsonFaultAt(text)).toBe(at));

  it('is the end of what is JSON, and never beyond it', () => {
    fc.assert(fc.property(fc.json(), (text) => jsonFaultAt(text) === text.length));
    fc.assert(
      fc.property(fc.json(), fc.string(), (text, more) => {
        const at = jsonFaultAt(text + more);
        return at >= 0 && at <= text.length + more.length;
      }),
    );
  });

  it('is found in a deep text without overflowing', () => {
    expect(jsonFaultAt('['.repeat(200_000))).toBe(200_000);
  });
});
