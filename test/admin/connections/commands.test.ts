import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { SYSTEM } from '../../../src/domain/actor.js';
import { openStores } from '../../../src/store/open-stores.js';
import { freePort, loopback, openFolder } from '../../cli/command-line.js';
import { commandsIn } from '../../cli/in-process.js';
import { bob, connect, keyRing, newFlow } from '../../store/fixtures.js';
import { TestClock } from '../../support/test-clock.js';

/** Commands go by the machine's clock. */
const LONG_AGO = 1_600_000_000_000;
const folder = openFolder();
afterAll(() => folder.remove());

describe('oriel connection', () => {
  let servers = 0;
  let database: string;
  const run = (...args: readonly string[]) =>
    commandsIn({ cwd: folder.path })(...args, '--config', `${servers}.yaml`);
  const inStores = async <T>(
    work: (stores: Awaited<ReturnType<typeof openStores>>) => Promise<T>,
  ): Promise<T> => {
    const stores = await openStores({ url: database, keys: keyRing('k'), clock: new TestClock() });
    try {
      return await work(stores);
    } finally {
      await stores.close();
    }
  };

  beforeEach(async () => {
    servers += 1;
    database = `sqlite:${join(folder.path, `${servers}.db`)}`;
    const key = keyRing('k')[0]?.key.reveal();
    folder.write(`${servers}.yaml`, { ...loopback(await freePort()), database, keys: [`k:${key}`] });
    await inStores(async (stores) => {
      const { id } = await connect(stores, newFlow('f1', { startedAt: LONG_AGO }), {
        account: 'ada',
        now: LONG_AGO,
      });
      await stores.connectionLists.used(id, 'mingle-cards', 1_800_000_000_000);
      const lapsed = await connect(stores, newFlow('f2', { viewer: bob, startedAt: LONG_AGO }), {
        now: LONG_AGO,
      });
      await stores.connections.expire(lapsed, 'revoked');
    });
  });

  it('lists who is connected, for people and for programs, and never a token', async () => {
    const { code, out } = await run('connection', 'list');
    expect(code).toBe(0);
    for (const seen of [
      'person   ada on gocd',
      'mingle: @ada',
      'reconnect (revoked)',
      'mingle-cards 2027-01-15',
    ])
      expect(out).toContain(seen);
    const { out: json } = await run('connection', 'list', '--json', '--status', 'active');
    expect(JSON.parse(json)).toMatchObject({ items: [{ sub: 'ada', status: 'active' }], next: null });
    expect(out + json).not.toMatch(/access-|refresh-/);
    expect(await run('connection', 'list', '--host', 'wiki')).toMatchObject({
      code: 1,
      err: expect.stringContaining('There is no host wiki'),
    });
    expect(await run('connection', 'list', '--status', 'x')).toMatchObject({ code: 1, out: '' });
  });

  it('revokes one, says honestly what came of it, and writes down who did', async () => {
    const { code, out } = await run('connection', 'revoke', 'connection-of-f1');
    expect(code).toBe(0);
    expect(out).toMatch(/^Disconnected here\. /);
    await inStores(async (stores) => {
      expect(
        (await stores.connectionLists.page({ status: 'active' }, { after: null, limit: 9 })).length,
      ).toBe(0);
      const [entry] = await stores.audit.list({}, { before: null, limit: 1 });
      expect(entry).toMatchObject({ action: 'connection.disconnected', actor: { kind: 'command' } });
    });
    const again = await run('connection', 'revoke', 'nothing');
    expect(again).toMatchObject({ code: 1, out: '', err: 'This connection no longer exists.\n' });
  });

  it('starts to revoke all, and reports its progress', async () => {
    expect((await run('connection', 'bulk-disconnects')).out).toBe('There are no bulk disconnects yet.\n');
    expect(await run('connection', 'revoke-all')).toMatchObject({
      code: 1,
      err: 'Name the provider or the host whose connections should end.\n',
    });
    expect((await run('connection', 'revoke-all', '--host', 'gocd')).out).toMatch(
      /gocd: 0 of 2 ended \(0 revoked\), 2 left/,
    );
    const { out } = await run('connection', 'bulk-disconnects', '--json');
    expect(JSON.parse(out)).toMatchObject({ items: [{ bulkDisconnect: { total: 2 }, left: 2 }] });
  });

  it('says why tokens are not renewed, and retries, with an audit entry', async () => {
    await inStores(async (stores) => {
      await stores.clientStops.stop('mingle', 'key', 1_800_000_000_000);
      await stores.audit.append(
        {
          ...{ action: 'gadget.failed', by: SYSTEM, outcome: 'failed', subject: 'mingle-cards' },
          ...{ viewer: bob, provider: 'mingle', code: 'http-503', requestId: 'request-of-bob' },
        },
        Date.now(),
      );
    });
    const { out } = await run('connection', 'trouble');
    expect(out).toContain(': http-503 (showing), request request-of-bob');
    expect(out).toContain('has rejected our client since 2027-01-15');
    expect(out).toContain('1 must connect again: revoked');
    expect(await run('provider', 'retry', 'mingle', '--json')).toMatchObject({
      out: '{"stopped":1}\n',
      err: '',
    });
    await inStores(async (stores) => {
      const [entry] = await stores.audit.list({}, { before: null, limit: 1 });
      expect(entry).toMatchObject({
        action: 'provider.retried',
        provider: 'mingle',
        actor: { kind: 'command' },
      });
    });
  });
});
