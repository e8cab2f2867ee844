import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SYSTEM } from '../../../src/domain/actor.js';
import type { Connection } from '../../../src/domain/connection.js';
import { Secret } from '../../../src/domain/secret.js';
import { viewerOf } from '../../../src/domain/viewer.js';
import { openStores } from '../../../src/store/open-stores.js';
import { freePort, loopback, openFolder, start } from '../../cli/command-line.js';
import { commandsIn } from '../../cli/in-process.js';
import { connect, keyRing, newFlow, revealed } from '../../store/fixtures.js';
import { TestClock } from '../../support/test-clock.js';

// Several processes, one after the other, each of which may wait for its turn on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const PEOPLE = 300;
const folder = openFolder();
const textOf = (id: string): string => `${id}:${keyRing(id)[0]?.key.reveal()}`;

const configuration = (name: string, database: string, port: number, ...keys: readonly string[]): string =>
  folder.write(`${name}.yaml`, {
    ...loopback(port),
    database: `sqlite:${database}`,
    keys: keys.map(textOf),
  });

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const open = async (database: string, ...keys: readonly string[]) => {
  const url = `sqlite:${database}`;
  const stores = await openStores({ url, keys: keyRing(...keys), clock: new TestClock() });
  closing.push(() => stores.close());
  return stores;
};

const connectedPeople = async () => {
  const path = mkdtempSync(join(tmpdir(), 'oriel-rotation-'));
  closing.push(() => rmSync(path, { recursive: true }));
  const database = join(path, 'oriel.db');
  const stores = await open(database, 'old');
  const people = Array.from({ length: PEOPLE }, (_, n) => viewerOf('gocd', `person ${n}`));
  const connections = await Promise.all(
    people.map((viewer, n) => connect(stores, newFlow(`f${n}`, { viewer }))),
  );
  return { database, connections };
};

const openedBy = async (database: string, key: string, connections: readonly Connection[]) => {
  const stores = await open(database, key);
  const tokens = await Promise.all(connections.map((each) => stores.connections.tokens(each)));
  return tokens.filter((each) => each !== null).map((each) => revealed(each)?.accessToken);
};

const rotating = (config: string, ...more: readonly string[]) =>
  start(['keys', 'rotate', '--config', config, ...more], { cwd: folder.path });

describe('oriel keys rotate', () => {
  it('killed at any point, again and again, it loses nothing and finishes', async () => {
    const { database, connections } = await connectedPeople();
    const config = configuration('killed', database, 9, 'new', 'old');
    let kills = 0;
    for (;;) {
      const run = rotating(config);
      // It has started; how far it gets differs each time.
      run.child.stderr?.once('data', () => setTimeout(() => run.child.kill('SIGKILL'), 15 + 35 * kills));
      const { code, out } = await run.ended;
      if (code === 0) {
        expect(out).toContain('Nothing is sealed by old any more');
        break;
      }
      // Killed, and not failed.
      expect(code).toBeNull();
      kills += 1;
    }
    expect(kills).toBeGreaterThan(0);
    expect(await openedBy(database, 'new', connections)).toEqual(
      connections.map(({ flow }) => `access-${flow}`),
    );
  });

  it('goes from the old key to the new one beside a running server, which says when it is not ready', async () => {
    const { database, connections } = await connectedPeople();
    const port = await freePort();
    const serving = (...keys: readonly string[]) => configuration('server', database, port, ...keys);
    const config = serving('old');
    const server = start(['serve', '--config', config], { cwd: folder.path });
    await server.saying('"ready"');
    closing.push(async () => {
      server.child.kill('SIGTERM');
      await server.ended;
    });
    const run = (...args: readonly string[]) => commandsIn({ cwd: folder.path })(...args, '--config', config);

    serving('new', 'old');
    const early = await run('keys', 'rotate');
    expect(early).toMatchObject({ code: 1, err: expect.stringContaining('oriel reload') });
    expect(await openedBy(database, 'old', connections)).toHaveLength(PEOPLE);

    expect(await run('reload')).toMatchObject({ code: 0 });
    expect(await run('keys', 'rotate')).toMatchObject({
      code: 0,
      out: expect.stringContaining('Nothing is sealed by old any more'),
    });
    serving('new');
    expect(await run('reload')).toMatchObject({ code: 0 });
    expect(await openedBy(database, 'new', connections)).toHaveLength(PEOPLE);
    const stores = await open(database, 'new');
    const [entry] = await stores.audit.list({ actions: ['keys.rotated'] }, { before: null, limit: 1 });
    expect(entry).toMatchObject({ actor: { kind: 'command' }, outcome: 'done' });
    expect((await stores.audit.verify()).intact).toBe(true);
  });

  it('refuses to give up what a missing key sealed, unless asked to', async () => {
    const { database, connections } = await connectedPeople();
    const sealed = await open(database, 'old');
    await sealed.setup.put({
      ...{ kind: 'provider', id: 'wiki', version: null, entry: new Secret('{}'), secretsSetAt: {} },
      ...{ now: 0, by: 'ruth', audit: { action: 'provider.created', by: SYSTEM, outcome: 'done' } },
    });
    const config = configuration('missing', database, 9, 'new');
    const refused = await rotating(config).ended;
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('old');
    expect(await openedBy(database, 'old', connections)).toHaveLength(PEOPLE);
    const discarded = await rotating(config, '--discard').ended;
    // Of each person the Connection, and what its flow still holds.
    expect(discarded.out).toContain(
      `${2 * PEOPLE + 1} of ${2 * PEOPLE + 1} could not be opened and were given up: their viewers must connect again`,
    );
    expect(discarded.out).toContain('One provider or host can’t be opened');
    const stores = await open(database, 'new');
    expect((await stores.connections.byId(connections[0]?.id as Connection['id']))?.status).toBe('reconnect');
  });

  it('lists the keys with what each of them sealed', async () => {
    const { database } = await connectedPeople();
    const args = ['keys', 'list', '--json', '--config', configuration('list', database, 9, 'new', 'old')];
    const { out } = await commandsIn({ cwd: folder.path })(...args);
    expect(JSON.parse(out).items).toMatchObject([
      { id: 'new', role: 'seals', rows: 0 },
      { id: 'old', role: 'opens' },
    ]);
  });
});
