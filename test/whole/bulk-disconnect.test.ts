import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { BulkDisconnect } from '../../src/domain/bulk-disconnect.js';
import type { ConnectionId } from '../../src/domain/connection.js';
import { Secret } from '../../src/domain/secret.js';
import { viewerOf } from '../../src/domain/viewer.js';
import { type Query, sql } from '../../src/store/engine/sql.js';
import { openSqlite } from '../../src/store/engine/sqlite.js';
import { openStores } from '../../src/store/open-stores.js';
import type { Stores } from '../../src/store/stores.js';
import { freePort, openFolder, type Started, start } from '../cli/command-line.js';
import { aside, flowTo, NOW, newFlow, tokenSet } from '../store/fixtures.js';
import { TestClock } from '../support/test-clock.js';

const PEOPLE = 40;
const KEY = Buffer.alloc(32, 9).toString('base64url');
const clock = new TestClock('runs');

/** A revocation endpoint (RFC 7009) that takes its time, and remembers what it was asked. */
const startRevoking = async (delay: number) => {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      setTimeout(() => {
        asked.push(new URLSearchParams(body).get('token') ?? '');
        response.writeHead(200).end();
      }, delay);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    asked,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((done) => server.close(done)),
  };
};

const connectAll = async (stores: Stores): Promise<void> => {
  // The steps up to a consent are taken at the fixtures' own time.
  const expiresAt = Math.max(NOW, Date.now()) + 600_000;
  for (let n = 0; n < PEOPLE; n += 1) {
    const now = Date.now() - 1000;
    const id = `flow-${n}`;
    const given = {
      viewer: viewerOf('gocd', `person-${n}`),
      startedAt: now,
      expiresAt,
      ticketExpiresAt: expiresAt,
    };
    const tokens = tokenSet(String(n), { issuedAt: now, expiresAt: now + 3_600_000 });
    const flow = await flowTo(stores).accepted(newFlow(id, given), tokens);
    const made = { id: `connection-${n}` as ConnectionId, flow, tokens, account: null, scopes: ['read'] };
    await stores.connections.activate({ ...made, ...aside(id), now });
    await stores.flows.end(id, ['accepted'], 'active', null);
    await stores.flows.forget(id);
  }
};

describe('a bulk disconnect, while Oriel is killed and started again', () => {
  const folder = openFolder();
  let running: Started | undefined;
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    running?.child.kill('SIGKILL');
    await running?.ended;
    for (const close of closing.splice(0)) await close();
    folder.remove();
  });

  it('loses nothing: every permission is taken back, refresh token first, and counted once', async () => {
    const provider = await startRevoking(120);
    closing.push(() => provider.close());
    const stores = await openStores({
      url: `sqlite:${folder.path}/oriel.db`,
      keys: [{ id: 'k', key: new Secret(KEY) }],
      clock,
    });
    closing.push(() => stores.close());
    await connectAll(stores);
    const { id } = await stores.bulkDisconnects.start({
      ...{ id: 'departure', leaver: { kind: 'connections', provider: 'mingle', host: null } },
      ...{ startedAt: Date.now(), startedBy: 'root' },
    });

    const port = await freePort();
    const file = folder.write('oriel.yaml', {
      gadgetOrigin: `http://127.0.0.1:${port}`,
      siteOrigin: `http://localhost:${port}`,
      listen: { host: '127.0.0.1', port },
      database: 'sqlite:./oriel.db',
      keys: [`k:${KEY}`],
      hosts: {
        gocd: {
          origins: ['http://localhost:1'],
          key: { algorithm: 'HS256', secret: 'a-secret-of-a-host-of-enough-bytes' },
          gadgets: ['mingle-cards'],
          providers: ['mingle'],
        },
      },
      providers: {
        mingle: {
          preset: 'mingle',
          url: provider.url,
          revocationEndpoint: `${provider.url}/revoke`,
          client: { id: 'client-1', secret: 'a-client-secret' },
          allowAddresses: ['127.0.0.0/8'],
        },
      },
    });
    const serve = async (): Promise<void> => {
      running = start(['serve', '--config', file], { cwd: folder.path });
      await running.saying('"ready"');
    };
    const kill = async (): Promise<void> => {
      running?.child.kill('SIGKILL');
      await running?.ended;
      // The next one takes over a job when the killed one's time for it is over; here that is at once.
      await write(sql`update job set taken_until = 0 where taken_by is not null`);
    };
    const write = async (query: Query): Promise<void> => {
      const database = await openSqlite(`${folder.path}/oriel.db`);
      await database.write(query);
      await database.close();
    };
    const seen = (): Promise<BulkDisconnect | null> => stores.bulkDisconnects.byId(id);

    await serve();
    await expect.poll(() => provider.asked.length, { timeout: 20_000, interval: 20 }).toBeGreaterThan(8);
    await kill();
    const before = await seen();
    expect(before?.finishedAt).toBeNull();
    expect(await stores.bulkDisconnects.left(before as BulkDisconnect)).toBeGreaterThan(0);

    await serve();
    const after = provider.asked.length;
    await expect
      .poll(() => provider.asked.length, { timeout: 20_000, interval: 20 })
      .toBeGreaterThan(after + 8);
    await kill();

    // What the killed processes had in hand is asked again when their time for it is over; here that is at once.
    await write(sql`update connection set lease_until = 0 where status = 'revoking'`);
    await serve();
    await expect.poll(async () => (await seen())?.finishedAt ?? null, { timeout: 90_000 }).not.toBeNull();
    expect(await seen()).toMatchObject({ total: PEOPLE, revoked: PEOPLE, unrevoked: 0 });
    expect(await stores.connectionLists.counts()).toEqual([]);
    for (let n = 0; n < PEOPLE; n += 1) {
      const refresh = provider.asked.indexOf(`refresh-${n}`);
      expect(refresh).toBeGreaterThanOrEqual(0);
      expect(provider.asked.indexOf(`access-${n}`)).toBeGreaterThan(refresh);
    }
    // Asked again are only those whose answer was lost by a kill.
    expect(provider.asked.length).toBeLessThanOrEqual(2 * PEOPLE + 2 * 10);
  }, 150_000);
});
