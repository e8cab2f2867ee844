import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStores } from '../../src/store/open-stores.js';
import type { Stores } from '../../src/store/stores.js';
import { everyRow } from '../support/every-row.js';
import { TestClock } from '../support/test-clock.js';
import { keyRing } from './fixtures.js';

describe('Tries at signing in, as the database has them', () => {
  let folder: string;
  let url: string;
  let stores: Stores;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'oriel-tries-'));
    url = `sqlite:${join(folder, 'oriel.db')}`;
    stores = await openStores({ url, keys: keyRing('k'), clock: new TestClock() });
  });
  afterEach(async () => {
    await stores.close();
    rmSync(folder, { recursive: true });
  });

  const rows = async (): Promise<readonly string[]> =>
    (await everyRow(url)).filter((row) => row.startsWith('sign_in_tries '));
  const attempt = (account: string) => stores.signInThrottle.attempt({ account, address: '192.0.2.1' });

  it('contain no names: what is typed as a name may be a password', async () => {
    await attempt('canary');
    await stores.signInThrottle.succeeded({ account: 'canary', address: '192.0.2.1' });
    const all = (await rows()).join('\n');
    expect(all).not.toBe('');
    expect(all).not.toMatch(/canary|192\.0\.2/);
  });

  it('are not written where they are refused, however many there are', async () => {
    for (let n = 0; n < 40; n += 1) expect(await attempt(`name ${n}`)).toBeNull();
    const before = await rows();
    for (let n = 0; n < 30; n += 1) expect(await attempt(`other name ${n}`)).toBe(15 * 60);
    expect(await rows()).toEqual(before);
  });
});
