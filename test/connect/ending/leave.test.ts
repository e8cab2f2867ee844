import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { continueBulkDisconnects } from '../../../src/connect/ending/bulk-disconnect-steps.js';
import { disconnectViewer } from '../../../src/connect/ending/disconnect.js';
import { eraseViewer, removeHostViewer } from '../../../src/connect/ending/erase-viewer.js';
import { issueTicket } from '../../../src/connect/viewers-connections.js';
import { asViewer } from '../../../src/domain/actor.js';
import { Secret } from '../../../src/domain/secret.js';
import { viewerOf } from '../../../src/domain/viewer.js';
import type { HostTokens } from '../../../src/hosts/host-tokens.js';
import { newFrameSession } from '../../store/fixtures.js';
import { everyRow } from '../../support/every-row.js';
import { type Postgres, sharedPostgres } from '../../support/postgres.js';
import { Browser, bob, type ConnectSetup, HOUR, setUpConnect } from '../connect-setup.js';
import { dyingAfter } from '../dying.js';
import { stepsOf } from '../steps.js';

const SUB = 'canary-sub-4711';
const who = viewerOf('gocd', SUB);
const MINUTE = 60_000;

/** Each text is a token that names its `sub` and `jti`, so `who 1` is one of `who`. */
const hostTokens: Pick<HostTokens, 'verifyFor'> = {
  verifyFor: async (host, token) => {
    const [sub = '', jti = ''] = token.reveal().split(' ');
    return { viewer: viewerOf(host.id, sub), jti, replayableUntil: Number.MAX_SAFE_INTEGER, flowHash: null };
  },
};

let folder: string;
let postgres: Postgres;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oriel-leave-'));
  postgres = await sharedPostgres();
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const engines = {
  SQLite: async () => {
    files += 1;
    return `sqlite:${join(folder, `${files}.db`)}`;
  },
  PostgreSQL: () => postgres.database(),
};

describe.each(Object.entries(engines))('A person who leaves, on %s', (_, newUrl) => {
  let setup: ConnectSetup;
  let url: string;
  afterEach(() => setup.stores.close());

  /** A person of whom everything is stored that can be, beside bob of whom the same is stored. */
  const settle = async () => {
    url = await newUrl();
    setup = await setUpConnect({ url });
    const steps = stepsOf(setup);
    for (const viewer of [who, bob]) {
      const connection = await steps.connect(`account-${viewer.sub}`, 'github', viewer);
      await setup.stores.connectionLists.used(connection.id, 'reviews', setup.clock.now());
      await steps.accepted(`second-${viewer.sub}`, 'mingle', viewer);
      await steps.depart(new Browser(), 'mingle', viewer);
      await issueTicket(setup.ports, viewer, viewer.sub);
      await setup.stores.webSessions.set(
        ...[`key-${viewer.sub}`, JSON.stringify({ visitor: viewer }), setup.clock.now() + HOUR],
        viewer,
      );
      const session = {
        ...{
          id: viewer === who ? `frame-one` : `frame-bob`,
          viewer,
          profile: { name: viewer.sub, email: null },
        },
        ...{ gadget: 'reviews', parameters: {}, locks: '[]', choices: {}, locale: 'en', timeZone: 'UTC' },
        ...{ launchedAt: setup.clock.now(), expiresAt: setup.clock.now() + HOUR },
      };
      await setup.stores.frameSessions.launch(newFrameSession(session, `jti-${viewer === bob}`));
    }
    return steps;
  };
  const traces = async (): Promise<readonly string[]> =>
    (await everyRow(url)).filter((row) => row.includes(SUB));
  const says = (text: string) => removeHostViewer({ ...setup.ports, hostTokens }, 'gocd', new Secret(text));

  it('is disconnected everywhere, and no row of any table names them any more', async () => {
    await settle();
    expect((await traces()).length).toBeGreaterThan(5);
    expect(await says(`${SUB} 1`)).toMatchObject({ total: 1, left: expect.any(Number) });
    await continueBulkDisconnects(setup.ports);
    expect(await traces()).toEqual([]);
    expect(setup.server.revoked).toContain(`access-account-${SUB}-1`);
    expect((await everyRow(url)).filter((row) => row.includes('"bob')).length).toBeGreaterThan(0);
    expect(setup.server.revoked.filter((token) => token.includes('bob'))).toEqual([]);
  });

  it('sees nothing from the first moment, though the provider is down, and is forgotten once it was notified', async () => {
    await settle();
    setup.server.revocation = 'failed';
    expect(await says(`${SUB} 1`)).toMatchObject({ total: 1 });
    await continueBulkDisconnects(setup.ports);
    expect(await setup.stores.connections.find(who, 'github')).toBeNull();
    expect(await setup.stores.flows.pending(who, setup.clock.now())).toEqual([]);
    setup.clock.pass(2000);
    expect(await setup.stores.frameSessions.byBearer('bearer-of-frame-one')).toBeNull();
    expect(await setup.stores.frameSessions.byBearer('bearer-of-frame-bob')).not.toBeNull();
    const asked = await says(`${SUB} 2`);
    expect(asked.left).toBeGreaterThan(0);
    setup.server.revocation = 'revoked';
    setup.clock.pass(HOUR);
    await continueBulkDisconnects(setup.ports);
    expect(await traces()).toEqual([]);
    expect(await says(`${SUB} 3`)).toEqual({ departure: null, total: 0, left: 0 });
  });

  it('who comes back in the meantime counts as someone new, and stays', async () => {
    const steps = await settle();
    setup.server.revocation = 'failed';
    await says(`${SUB} 1`);
    setup.clock.pass(MINUTE);
    const again = await steps.connect('again', 'github', who);
    setup.server.revocation = 'revoked';
    await continueBulkDisconnects(setup.ports);
    setup.clock.pass(HOUR);
    await continueBulkDisconnects(setup.ports);
    expect(await setup.stores.bulkDisconnects.unfinished()).toEqual([]);
    expect(await setup.stores.connections.find(who, 'github')).toEqual(again);
  });

  it('is forgotten though the server is killed at any step', async () => {
    await settle();
    for (let step = 1; (await traces()).length > 0; step += 1) {
      const mortal = { ...setup.ports, stores: dyingAfter(setup.stores, step) };
      await removeHostViewer({ ...mortal, hostTokens }, 'gocd', new Secret(`${SUB} step-${step}`)).catch(
        () => {},
      );
      await continueBulkDisconnects(mortal).catch(() => {});
      setup.clock.pass(MINUTE);
      expect(step).toBeLessThan(100);
    }
    expect(setup.server.revoked).toContain(`access-account-${SUB}-1`);
  });

  it('leaves an audit entry without a name, and entries of theirs that identify no one', async () => {
    await settle();
    const before = (await setup.stores.audit.list({ viewer: who }, { before: null, limit: 50 })).length;
    expect(before).toBeGreaterThan(0);
    await says(`${SUB} 1`);
    await continueBulkDisconnects(setup.ports);
    expect(await setup.stores.audit.list({ viewer: who }, { before: null, limit: 50 })).toEqual([]);
    expect(
      await setup.stores.audit.list({ actions: ['viewer.left'] }, { before: null, limit: 2 }),
    ).toMatchObject([{ actor: { kind: 'host', id: 'gocd' }, host: 'gocd', person: null, outcome: 'done' }]);
    expect(await setup.stores.audit.verify()).toMatchObject({ intact: true });
  });

  it('may erase themselves as well, and learns what became of each permission', async () => {
    await settle();
    const { disconnections, left } = await eraseViewer(setup.ports, who, asViewer(who));
    expect(disconnections).toMatchObject([{ revoked: 'revoked', name: 'GitHub' }]);
    setup.clock.pass(MINUTE);
    await continueBulkDisconnects(setup.ports);
    expect(left).toBe(0);
    expect(await traces()).toEqual([]);
    const [event] = await setup.stores.audit.list({ actions: ['viewer.erased'] }, { before: null, limit: 1 });
    expect(event).toMatchObject({ actor: { kind: 'anonymous' }, host: 'gocd', person: null });
  });

  it('who is erased while a provider is down learns so, and is forgotten later', async () => {
    await settle();
    setup.server.revocation = 'failed';
    const { disconnections, left } = await eraseViewer(setup.ports, who, asViewer(who));
    expect(disconnections).toMatchObject([{ revoked: 'kept' }]);
    expect(left).toBeGreaterThan(0);
    setup.server.revocation = 'revoked';
    setup.clock.pass(HOUR);
    await continueBulkDisconnects(setup.ports);
    expect(await traces()).toEqual([]);
  });

  it('whom only the audit log knows is forgotten there', async () => {
    url = await newUrl();
    setup = await setUpConnect({ url });
    await stepsOf(setup).connect('ada', 'github', who);
    await disconnectViewer(setup.ports, who, 'github');
    await setup.stores.connectionLists.erase(who);
    expect((await traces()).length).toBeGreaterThan(0);
    expect(await says(`${SUB} 1`)).toEqual({ departure: null, total: 0, left: 0 });
    expect(await traces()).toEqual([]);
  });

  it('cannot be made to leave twice by one token', async () => {
    await settle();
    await says(`${SUB} 1`);
    await expect(says(`${SUB} 1`)).rejects.toMatchObject({ code: 'token_replayed' });
    await expect(
      removeHostViewer({ ...setup.ports, hostTokens }, 'nobody', new Secret('x 1')),
    ).rejects.toMatchObject({
      code: 'host_unknown',
    });
  });
});
