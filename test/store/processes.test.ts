import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStores } from '../../src/store/open-stores.js';
import { TestClock } from '../support/test-clock.js';
import { keyRing, NOW } from './fixtures.js';

const script = fileURLToPath(new URL('../../dist/test/store-process.js', import.meta.url));

describe('processes that share a SQLite file', () => {
  let folder: string;
  let url: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'oriel-store-'));
    url = `sqlite:${join(folder, 'oriel.db')}`;
  });
  afterEach(() => rm(folder, { recursive: true }));

  const run = (command: 'open' | 'write'): { child: ChildProcess; printed: () => string } => {
    const child = spawn(process.execPath, [script, command, url]);
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        text += chunk;
      });
    return { child, printed: () => text };
  };

  it('may all start at once on a new file', async () => {
    const processes = Array.from({ length: 4 }, () => run('open'));
    await Promise.all(processes.map(({ child }) => once(child, 'close')));
    expect(processes.map(({ printed }) => printed())).toEqual(Array(4).fill('opened\n'));
  });

  it('lose nothing that was answered when one is killed', async () => {
    const { child, printed } = run('write');
    while (!printed().includes('\n50\n') && child.exitCode === null)
      await once(child.stdout as never, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(child.signalCode, printed()).toBe('SIGKILL');
    const last = Number(printed().trim().split('\n').at(-1));
    const stores = await openStores({ url, keys: keyRing('k'), clock: new TestClock() });
    const taken = Array.from({ length: last + 1 }, (_, n) => stores.tickets.take(`ticket-${n}`, NOW));
    expect((await Promise.all(taken)).filter((each) => each === null)).toEqual([]);
    await stores.close();
  });
});
