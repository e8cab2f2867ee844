import { expect, it } from 'vitest';
import { lackingScopes } from '../../src/providers/scopes.js';

const impliedScopes = { all: ['write'], write: ['read'], read: ['write'] };

it.each([
  [['all'], ['read', 'write', 'all'], []],
  [['read'], ['all'], ['all']],
  [[], ['read'], ['read']],
  [['Read'], ['read'], ['read']],
  [['constructor'], ['toString'], ['toString']],
])('Of %j granted, %j needs %j more', (granted, needed, lacking) => {
  expect(lackingScopes({ impliedScopes }, granted, needed)).toEqual(lacking);
  expect(lackingScopes({}, needed, needed)).toEqual([]);
});
