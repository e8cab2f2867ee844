import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { disconnectViewer } from '../../src/connect/ending/disconnect.js';
import { AccessTokens } from '../../src/connect/tokens/access-tokens.js';
import { endConnection } from '../../src/connect/tokens/open-connection.js';
import { listConnections } from '../../src/connect/viewers-connections.js';
import type { Provider } from '../../src/providers/provider.js';
import { rejectedAt } from '../support/rejection.js';
import { stepsOf } from './steps.js';
import { alice, github, HOUR, makeWorld, type World } from './world.js';

const RECONNECT = { kind: 'reconnect', reason: 'expired' };
const moved: readonly (readonly [string, Partial<Provider>])[] = [
  ['token endpoint', { tokenEndpoint: 'https://thief.example/token' }],
  ['API', { api: 'https://thief.example/api' }],
];

describe('A provider whose record was changed to lead elsewhere', () => {
  let world: World;
  beforeEach(async () => {
    world = await makeWorld();
    await stepsOf(world).connect('ada');
  });
  afterEach(() => world.stores.close());

  it.each(moved)(
    'gets none of the old tokens at another %s, not even remembered ones',
    async (_what, given) => {
      const source = new AccessTokens(world.ports);
      expect(await source.fresh(alice, github)).toMatchObject({ kind: 'access' });
      const elsewhere = { ...github, ...given };
      expect(await source.fresh(alice, elsewhere)).toEqual(RECONNECT);
      world.clock.pass(HOUR);
      expect(await source.fresh(alice, elsewhere)).toEqual(RECONNECT);
      expect(world.server.asked('refresh')).toBe(0);
    },
  );

  it('is not asked to renew what its API rejected', async () => {
    const source = new AccessTokens(world.ports);
    const outcome = await source.fresh(alice, github);
    if (outcome.kind !== 'access') throw new Error(outcome.kind);
    const elsewhere = { ...github, tokenEndpoint: 'https://thief.example/token' };
    expect(await source.renewed(outcome.access, elsewhere, rejectedAt())).toEqual(RECONNECT);
    expect(world.server.asked('refresh')).toBe(0);
  });

  it('gets nothing of a refresh that was begun for the record as it was', async () => {
    const source = new AccessTokens(world.ports);
    world.clock.pass(HOUR);
    const both = await Promise.all([
      source.fresh(alice, github),
      source.fresh(alice, { ...github, api: 'https://thief.example/api' }),
    ]);
    expect(both).toMatchObject([{ kind: 'access' }, RECONNECT]);
    expect(world.server.asked('refresh')).toBe(1);
  });

  it('gets no token that was renewed for the record as it was while an answer rejected the old one', async () => {
    const source = new AccessTokens(world.ports);
    const outcome = await source.fresh(alice, github);
    if (outcome.kind !== 'access') throw new Error(outcome.kind);
    const elsewhere = { ...github, api: 'https://thief.example/api' };
    const both = await Promise.all([
      source.renewed(outcome.access, github, rejectedAt()),
      source.renewed(outcome.access, elsewhere, rejectedAt()),
    ]);
    expect(both).toMatchObject([{ kind: 'access' }, RECONNECT]);
  });

  it('gives tokens that were granted after the move to nobody who still works with the old record', async () => {
    const before = await world.stores.connections.find(alice, 'github');
    if (before === null) throw new Error('not connected');
    const origin = 'https://github.example:8443';
    const elsewhere = { ...github, api: `${origin}/api`, tokenEndpoint: `${origin}/token` };
    world.clock.pass(1);
    world.providers.set('github', { ...elsewhere, revocation: { kind: 'none' } });
    await stepsOf(world).connect('ada');
    // What ended the old tokens finds the new ones in their place.
    expect(await endConnection(world.ports, before, github, 'expired')).toEqual(RECONNECT);
    expect(await endConnection(world.ports, before, elsewhere, 'expired')).toMatchObject({
      access: { origins: [origin] },
    });
  });

  it('is not told of a Disconnect at an endpoint that the tokens were never granted for', async () => {
    const endpoint = 'https://thief.example/revoke';
    expect(await listConnections(world.ports, alice)).toMatchObject([{ atEnd: 'asked' }]);
    world.providers.set('github', { ...github, revocation: { kind: 'rfc7009', endpoint } });
    // Nor does My connections promise it.
    expect(await listConnections(world.ports, alice)).toMatchObject([{ atEnd: 'unknown' }]);
    const { revoked } = await disconnectViewer(world.ports, alice, 'github');
    expect({ revoked, asked: world.server.asked('revoke') }).toEqual({ revoked: 'failed', asked: 0 });
  });

  it('goes on serving where only paths changed, and tokens that were renewed stay bound', async () => {
    const source = new AccessTokens(world.ports);
    const elder = { ...github, tokenEndpoint: 'https://github.example/oauth/v2/token' };
    world.clock.pass(HOUR);
    expect(await source.fresh(alice, elder)).toMatchObject({ kind: 'access' });
    expect(world.server.asked('refresh')).toBe(1);
    expect(await source.fresh(alice, { ...github, api: 'https://thief.example/api' })).toEqual(RECONNECT);
  });

  it('serves whoever connects anew', async () => {
    const api = 'https://github.example:8443/api';
    world.clock.pass(1);
    world.providers.set('github', { ...github, api });
    await stepsOf(world).connect('ada');
    expect(await new AccessTokens(world.ports).fresh(alice, { ...github, api })).toMatchObject({
      kind: 'access',
    });
  });
});
