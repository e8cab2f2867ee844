import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { disconnectViewer } from '../../src/connect/ending/disconnect.js';
import { AccessTokens } from '../../src/connect/tokens/access-tokens.js';
import { endConnection } from '../../src/connect/tokens/open-connection.js';
import { listConnections } from '../../src/connect/viewers-connections.js';
import type { Provider } from '../../src/providers/provider.js';
import { rejectedAt } from '../support/rejection.js';
import { alice, type ConnectSetup, github, HOUR, setUpConnect } from './connect-setup.js';
import { stepsOf } from './steps.js';

const RECONNECT = { kind: 'reconnect', reason: 'expired' };
const moved: readonly (readonly [string, Partial<Provider>])[] = [
  ['token endpoint', { tokenEndpoint: 'https://thief.example/token' }],
  ['API', { api: 'https://thief.example/api' }],
  ['refresh endpoint', { refreshEndpoint: 'https://thief.example/refresh' }],
];

describe('A provider whose record was changed to point elsewhere', () => {
  let setup: ConnectSetup;
  beforeEach(async () => {
    setup = await setUpConnect();
    await stepsOf(setup).connect('ada');
  });
  afterEach(() => setup.stores.close());

  it.each(moved)(
    'gets none of the old tokens at another %s, not even remembered ones',
    async (_what, given) => {
      const source = new AccessTokens(setup.ports);
      expect(await source.fresh(alice, github)).toMatchObject({ kind: 'access' });
      const elsewhere = { ...github, ...given };
      expect(await source.fresh(alice, elsewhere)).toEqual(RECONNECT);
      setup.clock.pass(HOUR);
      expect(await source.fresh(alice, elsewhere)).toEqual(RECONNECT);
      expect(setup.server.asked('refresh')).toBe(0);
    },
  );

  it('is not asked to renew what its API rejected', async () => {
    const source = new AccessTokens(setup.ports);
    const outcome = await source.fresh(alice, github);
    if (outcome.kind !== 'access') throw new Error(outcome.kind);
    const elsewhere = { ...github, tokenEndpoint: 'https://thief.example/token' };
    expect(await source.renewed(outcome.access, elsewhere, rejectedAt())).toEqual(RECONNECT);
    expect(setup.server.asked('refresh')).toBe(0);
  });

  it('gets nothing of a refresh that was started for the old record', async () => {
    const source = new AccessTokens(setup.ports);
    setup.clock.pass(HOUR);
    const both = await Promise.all([
      source.fresh(alice, github),
      source.fresh(alice, { ...github, api: 'https://thief.example/api' }),
    ]);
    expect(both).toMatchObject([{ kind: 'access' }, RECONNECT]);
    expect(setup.server.asked('refresh')).toBe(1);
  });

  it('gets no token that was renewed for the record as it was while an answer rejected the old one', async () => {
    const source = new AccessTokens(setup.ports);
    const outcome = await source.fresh(alice, github);
    if (outcome.kind !== 'access') throw new Error(outcome.kind);
    const elsewhere = { ...github, api: 'https://thief.example/api' };
    const both = await Promise.all([
      source.renewed(outcome.access, github, rejectedAt()),
      source.renewed(outcome.access, elsewhere, rejectedAt()),
    ]);
    expect(both).toMatchObject([{ kind: 'access' }, RECONNECT]);
  });

  it('does not give tokens granted after the move to a process that still works with the old record', async () => {
    const before = await setup.stores.connections.find(alice, 'github');
    if (before === null) throw new Error('not connected');
    const origin = 'https://github.example:8443';
    const elsewhere = { ...github, api: `${origin}/api`, tokenEndpoint: `${origin}/token` };
    setup.clock.pass(1);
    setup.declared.declare({ ...elsewhere, revocation: { kind: 'none' } });
    await stepsOf(setup).connect('ada');
    // What ended the old tokens finds the new ones in their place.
    expect(await endConnection(setup.ports, before, github, 'expired')).toEqual(RECONNECT);
    expect(await endConnection(setup.ports, before, elsewhere, 'expired')).toMatchObject({
      access: { origins: [origin] },
    });
  });

  it('is not notified of a Disconnect at an endpoint that never granted the tokens', async () => {
    const endpoint = 'https://thief.example/revoke';
    expect(await listConnections(setup.ports, alice)).toMatchObject([{ atEnd: 'asked' }]);
    setup.declared.declare({ ...github, revocation: { kind: 'rfc7009', endpoint } });
    // Nor does My connections promise it.
    expect(await listConnections(setup.ports, alice)).toMatchObject([{ atEnd: 'unknown' }]);
    const { revoked } = await disconnectViewer(setup.ports, alice, 'github');
    expect({ revoked, asked: setup.server.asked('revoke') }).toEqual({ revoked: 'failed', asked: 0 });
  });

  it('goes on serving where only paths changed, and tokens that were renewed stay bound', async () => {
    const source = new AccessTokens(setup.ports);
    const elder = { ...github, tokenEndpoint: 'https://github.example/oauth/v2/token' };
    setup.clock.pass(HOUR);
    expect(await source.fresh(alice, elder)).toMatchObject({ kind: 'access' });
    expect(setup.server.asked('refresh')).toBe(1);
    expect(await source.fresh(alice, { ...github, api: 'https://thief.example/api' })).toEqual(RECONNECT);
  });

  it('serves viewers who connect again', async () => {
    const api = 'https://github.example:8443/api';
    setup.clock.pass(1);
    setup.declared.declare({ ...github, api });
    await stepsOf(setup).connect('ada');
    expect(await new AccessTokens(setup.ports).fresh(alice, { ...github, api })).toMatchObject({
      kind: 'access',
    });
  });
});
