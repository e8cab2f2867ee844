import { expect, it } from 'vitest';
import { cursorOf, positionIn } from '../../src/admin/page-cursor.js';
import { systemDigest } from '../../src/server/node-system.js';

it('A cursor works only for the list that it came from', () => {
  const cursor = cursorOf(systemDigest, 'audit', '42');
  expect(positionIn(systemDigest, 'audit', cursor)).toBe('42');
  expect(() => positionIn(systemDigest, 'connections', cursor)).toThrow('This cursor is not valid');
});
