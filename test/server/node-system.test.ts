import { expect, it } from 'vitest';
import { systemEntropy } from '../../src/server/node-system.js';

it('no id starts with a hyphen, which a command would take for an option', () => {
  const ids = Array.from({ length: 2000 }, () => systemEntropy.id());
  expect(ids.filter((id) => id.startsWith('-'))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.every((id) => /^[\w-]{22}$/.test(id))).toBe(true);
});
