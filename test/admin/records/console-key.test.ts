import { afterEach, beforeEach, expect, it } from 'vitest';
import { CONSOLE_HOST } from '../../../src/hosts/console-host.js';
import { key, type RecordSetup, setUpRecords } from './record-setup.js';

let app: RecordSetup;
beforeEach(async () => {
  app = await setUpRecords();
});
afterEach(() => app.stores.close());

it('The console’s key changes with the key ring of a running server, and stays the same otherwise', async () => {
  const secret = () => {
    const held = app.directory.host(CONSOLE_HOST)?.key;
    return held?.kind === 'secret' ? held.secret.reveal() : 'none';
  };
  const ringOf = (...letters: readonly string[]) => ({ ...app.config, keys: letters.map(key) });
  expect(await app.setup.adopt(ringOf('a'))).toEqual([]);
  const before = secret();
  expect(await app.setup.adopt(ringOf('a', 'b'))).toEqual([]);
  expect(secret()).toBe(before);
  expect(await app.setup.adopt(ringOf('b', 'a'))).toEqual([]);
  expect(secret()).toMatch(/^[\w-]{43}$/);
  expect(secret()).not.toBe(before);
});
