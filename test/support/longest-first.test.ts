import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LONG } from './longest-first.js';

it('Tests that are started first for their length are there', () => {
  expect(LONG.filter((file) => !existsSync(file))).toEqual([]);
});
