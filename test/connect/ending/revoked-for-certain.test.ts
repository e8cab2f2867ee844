import { afterEach, describe, expect, it } from 'vitest';
import type { ConnectDeps } from '../../../src/connect/connect-deps.js';
import { activateFlow } from '../../../src/connect/consent/activate-flow.js';
import { acceptFlow, cancelFlow } from '../../../src/connect/consent/decide-flow.js';
import { changeAccount } from '../../../src/connect/consent/redirect-flow.js';
import { emptyBulkDisconnect } from '../../../src/connect/ending/bulk-disconnect-steps.js';
import { disconnectAsAdministrator, disconnectViewer } from '../../../src/connect/ending/disconnect.js';
import { eraseViewer } from '../../../src/connect/ending/erase-viewer.js';
import { sweepUnused } from '../../../src/connect/ending/sweep.js';
import { AccessTokens } from '../../../src/connect/tokens/access-tokens.js';
import { ANONYMOUS } from '../../../src/domain/actor.js';
import type { AuditEntry } from '../../../src/domain/audit-event.js';
import { Secret } from '../../../src/domain/secret.js';
import { viewerOf } from '../../../src/domain/viewer.js';
import type { Provider } from '../../../src/providers/provider.js';
import { rejection } from '../../support/rejection.js';
import { TestClock } from '../../support/test-clock.js';
import { alice, Browser, type ConnectSetup, github, HOUR, setUpConnect } from '../connect-setup.js';
import { type LazyOptions, LazyServer, untilExpired } from '../lazy-server.js';
import { stepsOf } from '../steps.js';

const UNUSED = 90 * 24 * HOUR;

const setups: ConnectSetup[] = [];
afterEach(async () => {
  for (const setup of setups.splice(0)) await setup.stores.close();
});

const make = async (options: LazyOptions = {}, provider: Partial<Provider> = {}) => {
  const clock = new TestClock();
  const server = new LazyServer(clock, options);
  const there = { ...github, ...provider };
  const setup = await setUpConnect({ clock, providers: [there] });
  setups.push(setup);
  const ports: ConnectDeps = { ...setup.ports, authorizer: server, upstream: server };
  const steps = stepsOf({ ...setup, ports });
  const tidy = () => sweepUnused(ports, UNUSED);
  const latest = async (): Promise<AuditEntry | undefined> =>
    (await setup.stores.audit.list({}, { before: null, limit: 1 }))[0];
  return { ...setup, server, ports, steps, tidy, latest, provider: there };
};

/** Every way in which a viewer's permission is to be revoked, once their tokens have run out. */
const ENDINGS: Readonly<Record<string, (ports: ConnectDeps) => Promise<unknown>>> = {
  Disconnect: (ports) => disconnectViewer(ports, alice, 'github'),
  'an administrator’s Revoke': async (ports) => {
    const connection = await ports.stores.connections.find(alice, 'github');
    if (connection === null) throw new Error('no connection');
    return disconnectAsAdministrator(ports, connection, { kind: 'command', name: 'root' });
  },
  Erase: (ports) => eraseViewer(ports, alice, ANONYMOUS),
  'revoke-all': async (ports) => {
    const { bulkDisconnects } = ports.stores;
    const leaver = { kind: 'connections', provider: 'github', host: null } as const;
    const bulkDisconnect = await bulkDisconnects.start({
      id: 'd',
      leaver,
      startedAt: ports.clock.now(),
      startedBy: 'root',
    });
    await emptyBulkDisconnect(ports, bulkDisconnect);
    await sweepUnused(ports, UNUSED);
  },
  'the sweep of what is unused': (ports) => sweepUnused(ports, 1),
};

describe.each(Object.entries(ENDINGS))('%s of a permission whose tokens have run out', (_, end) => {
  it.each(['lazily', 'at-once', 'never'] as const)(
    'ends it for certain where refresh tokens are replaced %s',
    async (rotation) => {
      const { clock, server, ports, steps, stores } = await make({ rotation });
      await steps.connect('ada');
      clock.pass(untilExpired);
      await end(ports);
      if ((await stores.connections.ofViewer(alice)).length > 0) await sweepUnused(ports, UNUSED);
      expect(server.works).toBe(false);
      expect(server.asked.slice(-3)).toEqual(['refresh', 'use', 'revoke']);
      expect(await stores.connections.ofViewer(alice)).toEqual([]);
    },
  );
});

describe('Disconnect', () => {
  it('says “revoked” of tokens that had run out, and in the audit log', async () => {
    const { clock, ports, steps, latest } = await make();
    await steps.connect('ada');
    clock.pass(untilExpired);
    expect(await disconnectViewer(ports, alice, 'github')).toMatchObject({ revoked: 'revoked' });
    expect(await latest()).toMatchObject({ action: 'connection.disconnected', code: 'revoked' });
  });

  it('of tokens just granted asks nothing but to revoke them', async () => {
    const { server, ports, steps } = await make();
    await steps.connect('ada');
    server.asked.length = 0;
    expect(await disconnectViewer(ports, alice, 'github')).toMatchObject({ revoked: 'revoked' });
    expect(server.asked).toEqual(['revoke']);
    expect(server.works).toBe(false);
  });

  it('uses refreshed tokens once, which no gadget may have done', async () => {
    const { clock, server, ports, steps, provider } = await make();
    await steps.connect('ada');
    clock.pass(untilExpired);
    expect(await new AccessTokens(ports).fresh(alice, provider)).toMatchObject({ kind: 'access' });
    server.asked.length = 0;
    expect(await disconnectViewer(ports, alice, 'github')).toMatchObject({ revoked: 'revoked' });
    expect(server.asked).toEqual(['use', 'revoke']);
    expect(server.works).toBe(false);
  });

  it('refreshes tokens that the API rejects before it asks to revoke them', async () => {
    const { clock, server, ports, steps, provider } = await make({ rotation: 'at-once' });
    await steps.connect('ada');
    clock.pass(untilExpired);
    expect(await new AccessTokens(ports).fresh(alice, provider)).toMatchObject({ kind: 'access' });
    server.asked.length = 0;
    const { ask } = server;
    server.ask = async () => {
      server.ask = ask;
      return rejection();
    };
    expect(await disconnectViewer(ports, alice, 'github')).toMatchObject({ revoked: 'revoked' });
    expect(server.asked).toEqual(['refresh', 'use', 'revoke']);
    expect(server.works).toBe(false);
  });

  it('does not treat a page in the API’s place as a statement about the tokens', async () => {
    const { clock, server, ports, steps, provider } = await make();
    await steps.connect('ada');
    clock.pass(untilExpired);
    expect(await new AccessTokens(ports).fresh(alice, provider)).toMatchObject({ kind: 'access' });
    server.asked.length = 0;
    server.ask = async () => ({ ...rejection(), sign: 'possible', status: 302 });
    expect(await disconnectViewer(ports, alice, 'github')).toMatchObject({ revoked: 'asked' });
    expect(server.asked).toEqual(['revoke']);
  });

  it('shows run-out tokens to no token endpoint elsewhere than where they were granted', async () => {
    const { clock, server, ports, steps, declared, provider } = await make();
    await steps.connect('ada');
    clock.pass(untilExpired);
    declared.declare({ ...provider, tokenEndpoint: 'https://thief.example/token' });
    expect(await disconnectViewer(ports, alice, 'github')).toMatchObject({ revoked: 'asked' });
    expect(server.asked).not.toContain('refresh');
  });

  it('shows tokens to no account request elsewhere than where they were granted', async () => {
    const { clock, server, ports, steps, declared, provider } = await make();
    await steps.connect('ada');
    clock.pass(untilExpired);
    const target = 'https://thief.example/me';
    declared.declare({ ...provider, account: { target, format: 'json', id: 'id', label: 'login' } });
    server.asked.length = 0;
    expect(await disconnectViewer(ports, alice, 'github')).toMatchObject({ revoked: 'asked' });
    expect(server.asked).not.toContain('use');
  });

  it('says “asked” where the record offers no request by which tokens could be used', async () => {
    const { clock, server, ports, steps, latest } = await make({}, { account: 'none' });
    server.ask = async () => ({ kind: 'not-found', detail: null });
    await steps.connect('ada');
    clock.pass(untilExpired);
    expect(await disconnectViewer(ports, alice, 'github')).toMatchObject({
      revoked: 'asked',
      accountPage: 'https://github.example/account',
    });
    expect(await latest()).toMatchObject({ code: 'asked' });
  });

  it('says “asked” of refreshed tokens of which it is not known whether they were ever used', async () => {
    const { clock, server, ports, steps, provider } = await make();
    await steps.connect('ada');
    clock.pass(untilExpired);
    await new AccessTokens(ports).fresh(alice, provider);
    server.ask = async () => ({ kind: 'not-found', detail: null });
    expect(await disconnectViewer(ports, alice, 'github')).toMatchObject({ revoked: 'asked' });
  });

  it('asks to revoke the old tokens beside the new ones that could not be used', async () => {
    const { clock, server, ports, steps } = await make();
    await steps.connect('ada');
    clock.pass(untilExpired);
    server.ask = async () => ({ kind: 'not-found', detail: null });
    await disconnectViewer(ports, alice, 'github');
    expect(server.asked.filter((each) => each === 'revoke')).toHaveLength(2);
  });

  it('is certain without an account request where the API’s own address answers', async () => {
    const { clock, server, ports, steps } = await make({}, { account: 'none' });
    await steps.connect('ada');
    clock.pass(untilExpired);
    expect(await disconnectViewer(ports, alice, 'github')).toMatchObject({ revoked: 'revoked' });
    expect(server.works).toBe(false);
  });

  it('waits for an API that is down, and then for no longer than an hour', async () => {
    const { clock, server, ports, steps, stores, tidy, latest } = await make();
    await steps.connect('ada');
    clock.pass(untilExpired);
    server.isApiDown = true;
    expect(await disconnectViewer(ports, alice, 'github')).toMatchObject({ revoked: 'kept' });
    expect(server.asked).not.toContain('revoke');
    server.isApiDown = false;
    clock.pass(5 * 60_000);
    await tidy();
    expect(server.works).toBe(false);
    expect(await latest()).toMatchObject({ action: 'connection.revoked-late', code: 'revoked' });

    await steps.connect('ada');
    clock.pass(untilExpired);
    server.isApiDown = true;
    await disconnectViewer(ports, alice, 'github');
    clock.pass(3 * HOUR);
    await tidy();
    expect(await stores.connections.ofViewer(alice)).toEqual([]);
    expect(await latest()).toMatchObject({ action: 'connection.revoked-late', code: 'asked' });
  });

  it('says that nothing was left if the provider no longer knows the grant', async () => {
    const { clock, server, ports, steps, latest } = await make();
    await steps.connect('ada');
    clock.pass(untilExpired);
    server.refusals.push({ kind: 'invalid-grant', code: 'invalid_grant' });
    expect(await disconnectViewer(ports, alice, 'github')).toMatchObject({ revoked: 'nothing' });
    expect(await latest()).toMatchObject({ code: 'nothing' });
  });

  it('is certain of nothing after a refresh whose answer was lost', async () => {
    const { clock, server, ports, steps, stores, tidy, latest } = await make({ rotation: 'at-once' });
    await steps.connect('ada');
    clock.pass(untilExpired);
    server.refusals.push(
      { kind: 'unreachable', code: 'timeout' },
      { kind: 'invalid-grant', code: 'invalid_grant' },
    );
    expect(await disconnectViewer(ports, alice, 'github')).toMatchObject({ revoked: 'kept' });
    clock.pass(5 * 60_000);
    await tidy();
    expect(await stores.connections.ofViewer(alice)).toEqual([]);
    expect(await latest()).toMatchObject({ action: 'connection.revoked-late', code: 'asked' });
  });

  it.each(['refused', 'invalid-client'] as const)('asks all the same where a refresh is %s', async (kind) => {
    const { clock, server, ports, steps } = await make();
    await steps.connect('ada');
    clock.pass(untilExpired);
    server.refusals.push({ kind, code: 'odd' });
    expect(await disconnectViewer(ports, alice, 'github')).toMatchObject({ revoked: 'asked' });
  });

  it('of an access token alone is certain while it works, and asks where it has run out', async () => {
    const { clock, server, ports, steps } = await make({ hasRefreshTokens: false });
    await steps.connect('ada');
    expect(await disconnectViewer(ports, alice, 'github')).toMatchObject({ revoked: 'revoked' });
    await steps.connect('ada');
    clock.pass(untilExpired);
    expect(await disconnectViewer(ports, alice, 'github')).toMatchObject({ revoked: 'asked' });
    expect(server.asked).not.toContain('refresh');
  });

  it('keeps what a refresh gave when the revocation then fails, and asks again with that', async () => {
    const { clock, server, ports, steps, tidy, latest } = await make();
    await steps.connect('ada');
    clock.pass(untilExpired);
    server.revocations.push('failed');
    expect(await disconnectViewer(ports, alice, 'github')).toMatchObject({ revoked: 'kept' });
    clock.pass(5 * 60_000);
    await tidy();
    expect(server.works).toBe(false);
    expect(await latest()).toMatchObject({ action: 'connection.revoked-late', code: 'revoked' });
  });

  it('counts the outcome of each in the bulk disconnect that it was part of', async () => {
    const { clock, server, ports, steps, stores, tidy } = await make({}, { account: 'none' });
    await steps.connect('ada');
    server.ask = async () => ({ kind: 'not-found', detail: null });
    clock.pass(untilExpired);
    const leaver = { kind: 'connections', provider: 'github', host: null } as const;
    const bulkDisconnect = await stores.bulkDisconnects.start({
      id: 'd',
      leaver,
      startedAt: clock.now(),
      startedBy: 'root',
    });
    await emptyBulkDisconnect(ports, bulkDisconnect);
    await tidy();
    expect(await stores.bulkDisconnects.byId('d')).toMatchObject({
      total: 1,
      revoked: 0,
      asked: 1,
      unrevoked: 0,
    });
  });
});

describe('A consent that gave the tokens that are in use', () => {
  const again = async (options: LazyOptions = { reusesTokens: true }) => {
    const made = await make(options);
    await made.steps.connect('ada');
    const browser = new Browser();
    const { flow, nonce } = await made.steps.consent(browser, 'ada');
    const isConnected = async (): Promise<boolean> =>
      made.server.works && (await new AccessTokens(made.ports).fresh(alice, made.provider)).kind === 'access';
    return { ...made, flow, nonce, isConnected };
  };

  it('leaves the Connection alone when it is cancelled', async () => {
    const { ports, flow, nonce, isConnected, latest } = await again();
    expect(await cancelFlow(ports, flow, nonce)).toMatchObject({ revoked: 'shared', endedOlder: false });
    expect(await isConnected()).toBe(true);
    expect(await latest()).toMatchObject({ changes: [{ path: 'permission', after: 'shared' }] });
  });

  it('leaves it alone by its account too, where the tokens are others', async () => {
    const { ports, flow, nonce, isConnected, server } = await again({});
    expect(await cancelFlow(ports, flow, nonce)).toMatchObject({ revoked: 'shared', endedOlder: false });
    expect(server.asked).not.toContain('revoke');
    expect(await isConnected()).toBe(true);
  });

  it('is revoked as usual if the Connection in use belongs to another registration of ours', async () => {
    const made = await make();
    await made.steps.connect('ada');
    const client = { id: 'client-2', secret: new Secret('another-secret') };
    made.declared.declare({ ...made.provider, client });
    const { flow, nonce } = await made.steps.consent(new Browser(), 'ada');
    expect(await cancelFlow(made.ports, flow, nonce)).toMatchObject({ revoked: 'revoked' });
  });

  it('keeps it when the consent expires', async () => {
    const { clock, ports, tidy, isConnected, stores } = await again();
    clock.pass(11 * 60_000);
    await tidy();
    expect(await isConnected()).toBe(true);
    expect(await stores.connections.ofViewer(alice)).toHaveLength(1);
    expect(ports.stores).toBe(stores);
  });

  it('keeps it when another account is wanted', async () => {
    const { ports, flow, nonce, isConnected } = await again();
    await changeAccount(ports, flow, nonce);
    expect(await isConnected()).toBe(true);
  });

  it('leaves it alone when no account is given, by the tokens alone', async () => {
    const made = await make({ reusesTokens: true }, { account: 'none' });
    await made.steps.connect('ada');
    const { flow, nonce } = await made.steps.consent(new Browser(), 'ada');
    expect(await cancelFlow(made.ports, flow, nonce)).toMatchObject({ revoked: 'shared' });
    expect(made.server.asked).not.toContain('revoke');
  });

  it('keeps another viewer’s Connection with the same tokens, and a Disconnect ends it for all', async () => {
    const made = await make({ reusesTokens: true });
    const twin = viewerOf('gocd', 'alice-at-home');
    await made.steps.connect('ada', 'github', twin);
    const { flow, nonce } = await made.steps.consent(new Browser(), 'ada');
    expect(await cancelFlow(made.ports, flow, nonce)).toMatchObject({ revoked: 'shared' });
    expect(made.server.works).toBe(true);
    expect(await disconnectViewer(made.ports, twin, 'github')).toMatchObject({ revoked: 'revoked' });
    expect(made.server.works).toBe(false);
  });

  it('ends for all who share it when one of them disconnects', async () => {
    const made = await make({ reusesTokens: true });
    const twin = viewerOf('gocd', 'alice-at-home');
    await made.steps.connect('ada', 'github', twin);
    await made.steps.connect('ada');
    expect(await disconnectViewer(made.ports, twin, 'github')).toMatchObject({ revoked: 'revoked' });
    expect(made.server.works).toBe(false);
  });

  it('is not affected by a late revocation', async () => {
    const made = await make({ reusesTokens: true });
    await made.steps.connect('ada');
    made.server.revocations.push('failed');
    expect(await disconnectViewer(made.ports, alice, 'github')).toMatchObject({ revoked: 'kept' });
    await made.steps.connect('ada');
    made.clock.pass(5 * 60_000);
    await made.tidy();
    expect(await new AccessTokens(made.ports).fresh(alice, made.provider)).toMatchObject({ kind: 'access' });
    expect(made.server.works).toBe(true);
    expect(await made.latest()).toMatchObject({ action: 'connection.revoked-late', code: 'shared' });
  });

  it('of another account is revoked as usual', async () => {
    const made = await make({ reusesTokens: true });
    await made.steps.connect('ada');
    const { flow, nonce } = await made.steps.consent(new Browser(), 'grace');
    expect(await cancelFlow(made.ports, flow, nonce)).toMatchObject({ revoked: 'revoked' });
    made.clock.pass(1);
    const next = await made.steps.consent(new Browser(), 'grace');
    await acceptFlow(made.ports, next.flow, next.nonce);
    expect(await activateFlow(made.ports, next.flow, alice)).toMatchObject({ status: 'active' });
  });
});
