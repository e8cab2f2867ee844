import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { continueBulkDisconnects } from '../../../src/connect/ending/bulk-disconnect-steps.js';
import { removeHostViewer } from '../../../src/connect/ending/erase-viewer.js';
import { Secret } from '../../../src/domain/secret.js';
import { alice, bob, type ConnectSetup, HOUR, setUpConnect } from '../connect-setup.js';
import { stepsOf } from '../steps.js';

const MINUTE = 60_000;

describe('What a host learns of the permissions of a person who left', () => {
  let setup: ConnectSetup;
  let jti = 0;
  /** `patience` ends when the providers' time is over; without it they have as long as they need. */
  const says = (patience = new Promise<void>(() => {})) => {
    jti += 1;
    const { clock } = setup;
    void patience.then(() => clock.pass(MINUTE));
    const ports = { ...setup.ports, clock: clock.waiting };
    const claims = { viewer: alice, jti: `jti-${jti}`, replayableUntil: Number.MAX_SAFE_INTEGER };
    const hostTokens = { verifyFor: async () => ({ ...claims, flowHash: null }) };
    return removeHostViewer({ ...ports, hostTokens }, 'gocd', new Secret('token'));
  };
  const github = (outcome: string) => ({
    ...{ provider: 'github', name: 'GitHub', outcome },
    accountPage: 'https://github.example/account',
  });
  const mingle = (outcome: string) => ({
    ...{ provider: 'mingle', name: 'Mingle', outcome },
    accountPage: 'https://mingle.example/account',
  });

  beforeEach(async () => {
    setup = await setUpConnect();
    const steps = stepsOf(setup);
    await steps.connect('ada', 'github');
    await steps.connect('ada', 'mingle');
    await steps.connect('grace', 'github', bob);
    setup.clock.pass(1000);
  });
  afterEach(() => setup.stores.close());

  it('names each provider: what was revoked, and where there is no way to', async () => {
    expect(await says()).toEqual({
      ...{ departure: expect.any(String), total: 2, left: 0 },
      providers: [github('revoked'), mingle('unsupported')],
    });
    expect(setup.server.revoked).toEqual(['access-ada-1']);
    expect(await setup.stores.connections.find(bob, 'github')).not.toBeNull();
    expect(await says()).toEqual({ departure: null, total: 0, left: 0 });
  });

  it('says “asked” where the provider does not prove a revocation', async () => {
    setup.server.revocation = 'asked';
    expect((await says()).providers).toEqual([github('asked'), mingle('unsupported')]);
  });

  it('says what is kept and asked again, also when it is called again', async () => {
    setup.server.revocation = 'failed';
    const first = await says();
    expect(first).toMatchObject({ left: 1, providers: [github('kept'), mingle('unsupported')] });
    expect(await says()).toMatchObject({
      ...{ departure: first.departure, total: 2, left: 1 },
      providers: [github('kept')],
    });
    setup.server.revocation = 'revoked';
    setup.clock.pass(HOUR / 2);
    await continueBulkDisconnects(setup.ports);
    expect(await setup.stores.bulkDisconnects.byId(first.departure ?? '')).toMatchObject({
      ...{ total: 2, revoked: 1, unrevoked: 1 },
    });
  });

  it('says of a connection that had ended that nothing was left', async () => {
    const connection = await setup.stores.connections.find(alice, 'github');
    if (connection === null) throw new Error('not connected');
    await setup.stores.connections.expire(connection, 'expired');
    expect((await says()).providers).toEqual([github('nothing'), mingle('unsupported')]);
  });

  const isGone = async (provider: string): Promise<void> => {
    const gone = async () => await setup.stores.connections.find(alice, provider);
    await expect.poll(gone).toBeNull();
  };

  it('does not wait for a provider that does not answer, and says that it is asked again', async () => {
    const answers: (() => void)[] = [];
    setup.server.revoke = () => new Promise((resolve) => void answers.push(() => resolve('revoked')));
    const patience = isGone('mingle').then(() => new Promise<void>((resolve) => setTimeout(resolve, 250)));
    expect(await says(patience)).toMatchObject({
      left: 1,
      providers: [github('kept'), mingle('unsupported')],
    });
    expect(await setup.stores.connections.find(alice, 'github')).toBeNull();
    for (const answer of answers) answer();
  });

  it('leaves out none that another server ended before the time was over', async () => {
    const { connections } = setup.stores;
    const asked = new Promise<void>((resolve) => {
      setup.server.revoke = () => {
        resolve();
        return new Promise(() => {});
      };
    });
    const patience = asked.then(async () => {
      const waiting = (await connections.ofViewer(alice)).find(({ provider }) => provider === 'github');
      await connections.remove(waiting?.id ?? expect.fail('gone already'), 'revoked');
    });
    const { providers } = await says(patience);
    expect(providers?.map(({ provider }) => provider)).toEqual(['github', 'mingle']);
  });
});
