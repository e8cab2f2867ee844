import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectDeps } from '../../../src/connect/connect-deps.js';
import { activateFlow } from '../../../src/connect/consent/activate-flow.js';
import { continueBulkDisconnects } from '../../../src/connect/ending/bulk-disconnect-steps.js';
import { AccessTokens } from '../../../src/connect/tokens/access-tokens.js';
import type { BulkDisconnect, Leaver } from '../../../src/domain/bulk-disconnect.js';
import { Secret } from '../../../src/domain/secret.js';
import { viewerOf } from '../../../src/domain/viewer.js';
import { replacing } from '../../support/replacing.js';
import { alice, Browser, bob, type ConnectSetup, github, setUpConnect } from '../connect-setup.js';
import { stepsOf } from '../steps.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const ofGithub: Leaver = { kind: 'provider', provider: 'github' };

describe('A bulk disconnect', () => {
  let connectSetup: ConnectSetup;
  let steps: ReturnType<typeof stepsOf>;
  let ports: ConnectDeps;

  beforeEach(async () => {
    connectSetup = await setUpConnect();
    steps = stepsOf(connectSetup);
    ports = connectSetup.ports;
  });
  afterEach(() => connectSetup.stores.close());

  const start = (leaver: Leaver): Promise<BulkDisconnect> =>
    connectSetup.stores.bulkDisconnects.start({
      ...{ id: ports.entropy.id(), leaver, startedAt: connectSetup.clock.now(), startedBy: 'root' },
    });

  /** GitHub serves no one any more, and is kept only to revoke at. */
  const removeGithub = (): void => {
    const { directory } = ports;
    ports = {
      ...ports,
      directory: replacing(directory, {
        provider: (id) => (id === 'github' ? undefined : directory.provider(id)),
        leaving: (id) => (id === 'github' ? github : undefined),
      }),
    };
  };

  const putRecord = () =>
    connectSetup.stores.setup.put({
      ...{
        kind: 'provider',
        id: 'github',
        version: null,
        entry: new Secret('{}'),
        secretsSetAt: {},
        leaving: true,
      },
      secretsSetAt: {},
      ...{ now: connectSetup.clock.now(), by: 'root' },
      audit: { action: 'provider.removed', by: { kind: 'command', name: 'root' }, outcome: 'done' },
    });

  it('of a provider revokes everyone’s permission once, counts them and forgets the provider', async () => {
    await steps.connect('ada');
    await steps.connect('bo', 'github', bob);
    const elsewhere = await steps.connect('ada', 'mingle');
    await putRecord();
    const { id } = await start(ofGithub);
    removeGithub();
    await continueBulkDisconnects(ports);
    expect([...connectSetup.server.revoked].sort()).toEqual(['access-ada-1', 'access-bo-2']);
    expect(await connectSetup.stores.bulkDisconnects.byId(id)).toMatchObject({
      total: 2,
      revoked: 2,
      unrevoked: 0,
    });
    connectSetup.clock.pass(MINUTE);
    await continueBulkDisconnects(ports);
    expect(await connectSetup.stores.bulkDisconnects.byId(id)).toMatchObject({
      finishedAt: connectSetup.clock.now(),
    });
    expect(await connectSetup.stores.setup.all()).toEqual([]);
    expect(connectSetup.server.asked('revoke')).toBe(2);
    expect(await connectSetup.stores.connections.find(alice, 'mingle')).toEqual(elsewhere);
  });

  it('forgets the provider only after every process has heard of it', async () => {
    await putRecord();
    await start(ofGithub);
    await continueBulkDisconnects(ports);
    expect(await connectSetup.stores.setup.all()).toHaveLength(1);
    const late = await steps.connect('ada');
    removeGithub();
    connectSetup.clock.pass(MINUTE);
    await continueBulkDisconnects(ports);
    expect(await connectSetup.stores.connections.byId(late.id)).toBeNull();
    expect(connectSetup.server.revoked).toEqual(['access-ada-1']);
    expect(await connectSetup.stores.setup.all()).toEqual([]);
  });

  it('stops using all at once when the provider is down, and keeps asking it', async () => {
    await steps.connect('ada');
    await steps.connect('bo', 'github', bob);
    connectSetup.server.revocation = 'failed';
    const bulkDisconnect = await start(ofGithub);
    await continueBulkDisconnects(ports);
    expect(await new AccessTokens(ports).fresh(alice, github)).toEqual({ kind: 'none' });
    expect(await new AccessTokens(ports).fresh(bob, github)).toEqual({ kind: 'none' });
    expect(await connectSetup.stores.bulkDisconnects.left(bulkDisconnect)).toBe(2);
    expect(await connectSetup.stores.bulkDisconnects.unfinished()).toHaveLength(1);
    connectSetup.server.revocation = 'revoked';
    connectSetup.clock.pass(MINUTE);
    await continueBulkDisconnects(ports);
    expect(await connectSetup.stores.bulkDisconnects.latest(1)).toMatchObject([{ revoked: 2, unrevoked: 0 }]);
    expect(await connectSetup.stores.bulkDisconnects.unfinished()).toEqual([]);
  });

  it('gives up after a week, says so, and ends', async () => {
    await steps.connect('ada');
    connectSetup.server.revocation = 'failed';
    await start(ofGithub);
    await continueBulkDisconnects(ports);
    connectSetup.clock.pass(7 * DAY);
    await continueBulkDisconnects(ports);
    expect(await connectSetup.stores.bulkDisconnects.latest(1)).toMatchObject([{ revoked: 0, unrevoked: 1 }]);
    expect(await connectSetup.stores.bulkDisconnects.unfinished()).toEqual([]);
    expect(connectSetup.journal.map(({ event }) => event)).toContain('never-revoked');
  });

  it('does not ask a provider that is silent about each of a hundred permissions', async () => {
    for (let n = 0; n < 100; n += 1) await steps.connect(`p${n}`, 'github', viewerOf('gocd', `p${n}`));
    await steps.connect('ada', 'mingle');
    connectSetup.server.revocation = 'failed';
    await start({ kind: 'host', host: 'gocd' });
    await continueBulkDisconnects(ports);
    expect(connectSetup.server.asked('revoke')).toBeLessThan(10);
    expect(await connectSetup.stores.connections.ofViewer(alice)).toEqual([]);
    connectSetup.server.revocation = 'revoked';
    connectSetup.clock.pass(MINUTE);
    await continueBulkDisconnects(ports);
    expect(new Set(connectSetup.server.revoked).size).toBe(100);
    expect(await connectSetup.stores.bulkDisconnects.latest(1)).toMatchObject([
      { revoked: 100, unrevoked: 1 },
    ]);
  });

  it('counts an ended permission and one that the provider cannot take back for what they are', async () => {
    const ended = await steps.connect('ada');
    await connectSetup.stores.connections.expire(ended, 'revoked');
    await steps.connect('ada', 'mingle');
    await start({ kind: 'host', host: 'gocd' });
    await continueBulkDisconnects(ports);
    expect(await connectSetup.stores.bulkDisconnects.latest(1)).toMatchObject([
      { total: 2, revoked: 0, nothing: 1, unrevoked: 1 },
    ]);
    expect(connectSetup.server.asked('revoke')).toBe(0);
  });

  it('ends consents in progress and takes back what they hold', async () => {
    const accepted = await steps.accepted('ada');
    const { flow: pending } = await steps.consent(new Browser(), 'bo', 'github', bob);
    const { flow: redirected } = await steps.depart(new Browser(), 'github', bob);
    const other = await steps.accepted('ada', 'mingle');
    await start(ofGithub);
    await continueBulkDisconnects(ports);
    for (const [flow, viewer] of [
      [accepted, alice],
      [pending, bob],
      [redirected, bob],
    ] as const)
      expect(await activateFlow(ports, flow, viewer)).toMatchObject({ status: 'cancelled' });
    expect([...connectSetup.server.revoked].sort()).toEqual(['access-ada-1', 'access-bo-2']);
    expect(await activateFlow(ports, other, alice)).toMatchObject({ status: 'active' });
  });

  it('of what an administrator chose leaves alone a viewer who connects again in the meantime', async () => {
    await steps.connect('ada');
    await start({ kind: 'connections', provider: 'github', host: 'gocd' });
    connectSetup.clock.pass(1);
    const again = await steps.connect('ada');
    await continueBulkDisconnects(ports);
    expect(await connectSetup.stores.connections.find(alice, 'github')).toEqual(again);
    expect(await connectSetup.stores.bulkDisconnects.unfinished()).toEqual([]);
  });

  it('is written to the audit log, each Connection by itself', async () => {
    const { id } = await steps.connect('ada');
    await start(ofGithub);
    await continueBulkDisconnects(ports);
    const log = await connectSetup.stores.audit.list({ viewer: alice }, { before: null, limit: 2 });
    expect(log).toMatchObject([
      { action: 'connection.revoked-late', subject: id, code: 'revoked', actor: { kind: 'system' } },
      { action: 'connection.disconnected', subject: id, code: 'departure' },
    ]);
  });
});
