import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.js';
import type { Entry } from '../../../src/domain/setup.js';
import { providerDrafts } from '../../../src/manage/dry-run/provider-drafts.js';
import { CLIENT_SECRET, openHouse, type RecordHouse, ruth, wiki } from './house.js';

const THEIRS = 'https://theirs.example.net';

/** Ways of naming another server for the secret, each beside the masked secret. */
const WAYS: Readonly<Record<string, (entry: Entry) => Entry>> = {
  'the token endpoint': (entry) => ({ ...entry, tokenEndpoint: `${THEIRS}/token` }),
  'the revocation endpoint': (entry) => ({ ...entry, revocationEndpoint: `${THEIRS}/revoke` }),
  'an issuer whose metadata tells it': ({ tokenEndpoint: _, ...entry }) => ({ ...entry, issuer: THEIRS }),
  'another port': (entry) => ({ ...entry, tokenEndpoint: 'https://wiki.example.com:8443/token' }),
  'a preset that derives it': ({ tokenEndpoint: _t, authorizationEndpoint: _a, ...entry }) => ({
    ...entry,
    preset: 'mingle',
    url: THEIRS,
  }),
};

describe('A client secret that is kept', () => {
  let house: RecordHouse;
  let entry: Entry;
  beforeEach(async () => {
    house = await openHouse();
    const clients = { gocd: { id: 'other', secret: 'another-secret-of-some-length' } };
    entry = (await house.records.create('provider', 'wiki', wiki({ clients }), ruth)).entry ?? {};
  });
  afterEach(() => house.stores.close());

  it.each(Object.entries(WAYS))('is not sent to another server by a change of %s', async (_way, changed) => {
    const { records, directory, ports } = house;
    const faults = [{ path: 'providers.wiki.client.secret' }, { path: 'providers.wiki.clients.gocd.secret' }];
    const next = changed(entry);
    await expect(records.change('provider', 'wiki', next, 1, ruth)).rejects.toMatchObject({ faults });
    expect(await records.check('provider', 'wiki', next)).toMatchObject(faults);
    // Nor by trying it out.
    await expect(providerDrafts(ports)('wiki', next)).rejects.toMatchObject({ faults });
    expect(directory.provider('wiki')?.tokenEndpoint).toBe(wiki().tokenEndpoint);
  });

  it('goes along with everything else, and with another path of the same server', async () => {
    const { records, directory } = house;
    const next = { ...entry, tokenEndpoint: 'https://wiki.example.com/v2/token', api: `${THEIRS}/api` };
    await records.change('provider', 'wiki', next, 1, ruth);
    expect(directory.provider('wiki')).toMatchObject({ tokenEndpoint: next.tokenEndpoint, api: next.api });
    expect(directory.provider('wiki')?.client?.secret.reveal()).toBe(CLIENT_SECRET);
  });

  it('is sent elsewhere once every one of them is typed anew', async () => {
    const { records, directory } = house;
    const client = { id: 'oriel', secret: CLIENT_SECRET };
    const next = { ...entry, tokenEndpoint: `${THEIRS}/token`, client };
    await expect(records.change('provider', 'wiki', next, 1, ruth)).rejects.toMatchObject({
      faults: [{ path: 'providers.wiki.clients.gocd.secret' }],
    });
    const clients = { gocd: { id: 'other', secret: 'another-secret-of-some-length' } };
    await records.change('provider', 'wiki', { ...next, clients }, 1, ruth);
    expect(directory.provider('wiki')?.tokenEndpoint).toBe(next.tokenEndpoint);
  });

  it('is not sent there in two steps either: an issuer that was no more than a name is none to ask', async () => {
    const { records } = house;
    await records.change('provider', 'wiki', { ...entry, issuer: THEIRS }, 1, ruth);
    const { tokenEndpoint: _, ...next } = { ...entry, issuer: THEIRS } as Record<string, unknown>;
    await expect(records.change('provider', 'wiki', next, 2, ruth)).rejects.toMatchObject({
      code: 'record_invalid',
    });
  });

  it('stays with a provider that asks its issuer, whatever else is changed', async () => {
    const { records, stores, clock } = house;
    const issuer = 'https://login.example.com';
    const asked = { issuer, api: 'https://login.example.com/api', client: wiki().client };
    // Beside the story, which would ask for metadata.
    await stores.setup.put({
      ...{ kind: 'provider', id: 'asked', version: null, now: clock.now(), by: 'Ruth', secretsSetAt: {} },
      entry: new Secret(JSON.stringify(asked)),
      audit: { action: 'provider.created', by: ruth, outcome: 'done', provider: 'asked' },
    });
    const kept = (await records.get('provider', 'asked')).entry;
    expect(await records.check('provider', 'asked', { ...kept, name: 'Asked' })).toEqual([]);
    const moved = await records.check('provider', 'asked', { ...kept, issuer: `${THEIRS}/login` });
    expect(moved).toMatchObject([{ path: 'providers.asked.client.secret' }]);
  });
});
