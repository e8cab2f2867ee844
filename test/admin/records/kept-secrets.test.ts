import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readProviderDraft } from '../../../src/admin/providers/use-cases.js';
import { destinationsOf } from '../../../src/admin/records/kept-secrets.js';
import { Secret } from '../../../src/domain/secret.js';
import type { Entry } from '../../../src/domain/setup-record.js';
import { providerDraft } from '../../../src/providers/provider-record.js';
import { providerSchema } from '../../../src/providers/provider-schema.js';
import { CLIENT_SECRET, type RecordSetup, ruth, setUpRecords, wiki } from './record-setup.js';

const THEIRS = 'https://theirs.example.net';

/** Ways of naming another server for the secret, for tokens or for people, each beside the masked secret. */
const WAYS: Readonly<Record<string, (entry: Entry) => Entry>> = {
  'the token endpoint': (entry) => ({ ...entry, tokenEndpoint: `${THEIRS}/token` }),
  'the revocation endpoint': (entry) => ({ ...entry, revocationEndpoint: `${THEIRS}/revoke` }),
  'a request that revokes, by the client': (entry) => ({ ...entry, revocation: { url: `${THEIRS}/revoke` } }),
  'a request that revokes, by the token': (entry) => ({
    ...entry,
    revocation: { url: `${THEIRS}/revoke`, authentication: 'bearer', send: 'none' },
  }),
  'a further API': (entry) => ({ ...entry, apis: { mail: `${THEIRS}/mail` } }),
  'an API on hosts that a fact names': (entry) => ({
    ...entry,
    api: '{facts.instance}',
    facts: {
      instance: { from: 'token', at: 'x', kind: 'origin', hosts: ['*.theirs.example.net'], title: 'Site' },
    },
  }),
  'an API below a name of theirs': (entry) => ({
    ...entry,
    apis: { mail: 'https://{facts.company}.theirs.example.net' },
    facts: { company: { from: 'token', at: 'x', kind: 'label', title: 'Site' } },
  }),
  'the API': (entry) => ({ ...entry, api: `${THEIRS}/api` }),
  'the API, in capitals': (entry) => ({ ...entry, api: `${THEIRS.toUpperCase()}/api` }),
  'the API, to another port': (entry) => ({ ...entry, api: 'https://wiki.example.com:8443/api' }),
  'the API, to the same name without TLS': (entry) => ({ ...entry, api: 'http://127.0.0.1/api' }),
  'the API and where its account is asked': (entry) => ({
    ...entry,
    api: THEIRS,
    account: { target: '/me', format: 'json', id: 'id', label: 'name' },
  }),
  'where people give consent': (entry) => ({ ...entry, authorizationEndpoint: `${THEIRS}/authorize` }),
  'the page of the account': (entry) => ({ ...entry, accountPage: `${THEIRS}/account` }),
  'where links of gadgets lead': (entry) => ({ ...entry, url: THEIRS }),
  'the issuer, even where it is only a name': (entry) => ({ ...entry, issuer: THEIRS }),
  'an issuer whose metadata tells it': ({ tokenEndpoint: _, ...entry }) => ({ ...entry, issuer: THEIRS }),
  'another port': (entry) => ({ ...entry, tokenEndpoint: 'https://wiki.example.com:8443/token' }),
  'a preset that derives it': ({ tokenEndpoint: _t, authorizationEndpoint: _a, ...entry }) => ({
    ...entry,
    preset: 'mingle',
    url: THEIRS,
  }),
};

describe('A client secret that is kept', () => {
  let app: RecordSetup;
  let entry: Entry;
  beforeEach(async () => {
    app = await setUpRecords();
    const clients = { gocd: { id: 'other', secret: 'another-secret-of-some-length' } };
    entry = (await app.records.create('provider', 'wiki', wiki({ clients }), ruth)).entry ?? {};
  });
  afterEach(() => app.stores.close());

  it.each(Object.entries(WAYS))('cannot be sent elsewhere by a change of: %s', async (_way, changed) => {
    const { records, directory, ports } = app;
    const faults = [{ path: 'providers.wiki.client.secret' }, { path: 'providers.wiki.clients.gocd.secret' }];
    const next = changed(entry);
    await expect(records.change('provider', 'wiki', next, 1, ruth)).rejects.toMatchObject({ faults });
    expect(await records.check('provider', 'wiki', next)).toMatchObject(faults);
    // Nor by trying it out.
    await expect(readProviderDraft(ports, 'wiki', next)).rejects.toMatchObject({ faults });
    expect(directory.provider('wiki')?.tokenEndpoint).toBe(wiki().tokenEndpoint);
  });

  it('allows all other changes, and another path of the same server', async () => {
    const { records, directory } = app;
    const next = {
      ...entry,
      tokenEndpoint: 'https://wiki.example.com/v2/token',
      api: 'https://wiki.example.com/v2/api',
      revocationEndpoint: 'https://wiki.example.com/revoke',
      accountPage: 'https://wiki.example.com/me',
      issuer: 'https://wiki.example.com',
      scopes: ['read'],
      authorizationParameters: { audience: THEIRS },
    };
    await records.change('provider', 'wiki', next, 1, ruth);
    expect(directory.provider('wiki')).toMatchObject({ tokenEndpoint: next.tokenEndpoint, api: next.api });
    expect(directory.provider('wiki')?.client?.secret.reveal()).toBe(CLIENT_SECRET);
  });

  it('lets the record point elsewhere once each secret is typed again', async () => {
    const { records, directory } = app;
    const client = { id: 'oriel', secret: CLIENT_SECRET };
    const next = { ...entry, tokenEndpoint: `${THEIRS}/token`, api: `${THEIRS}/api`, client };
    await expect(records.change('provider', 'wiki', next, 1, ruth)).rejects.toMatchObject({
      faults: [{ path: 'providers.wiki.clients.gocd.secret' }],
    });
    const clients = { gocd: { id: 'other', secret: 'another-secret-of-some-length' } };
    await records.change('provider', 'wiki', { ...next, clients }, 1, ruth);
    expect(directory.provider('wiki')?.tokenEndpoint).toBe(next.tokenEndpoint);
  });

  it('says which field points where', async () => {
    const faults = await app.records.check('provider', 'wiki', { ...entry, api: `${THEIRS}/api` });
    expect(faults[0]?.problem).toContain(`${THEIRS} (\`api\`)`);
  });

  it('is not sent there in two steps either', async () => {
    const { records, stores, clock } = app;
    const client = { id: 'of-the-old', secret: CLIENT_SECRET };
    const apiOfTheirs = wiki({ client, api: `${THEIRS}/api`, issuer: `${THEIRS}/login` });
    // As an earlier version saved it: their server gets tokens, and is named as the issuer.
    await stores.setup.put({
      ...{ kind: 'provider', id: 'old', version: null, now: clock.now(), by: 'Ruth', secretsSetAt: {} },
      entry: new Secret(JSON.stringify(apiOfTheirs)),
      audit: { action: 'provider.created', by: ruth, outcome: 'done', provider: 'old' },
    });
    const old: Entry = (await records.get('provider', 'old')).entry ?? {};
    expect(await records.check('provider', 'old', { ...old, name: 'Old' })).toEqual([]);
    const { tokenEndpoint: _, ...discovered } = old;
    const steps = [
      discovered,
      { ...old, tokenEndpoint: `${THEIRS}/token` },
      { ...old, revocationEndpoint: `${THEIRS}/revoke` },
      { ...old, authorizationEndpoint: `${THEIRS}/authorize` },
    ];
    for (const next of steps)
      expect(await records.check('provider', 'old', next)).toMatchObject([
        { path: 'providers.old.client.secret' },
      ]);
    const [fault] = await records.check('provider', 'old', {
      ...old,
      revocationEndpoint: `${THEIRS}/revoke`,
    });
    expect(fault?.problem).toContain(`${THEIRS} (\`revocationEndpoint\`)`);
  });

  it('guards every address that a record can name', () => {
    // They name an API by its address, and are sent nothing.
    const names = ['resource', 'audience'];
    const addresses = Object.entries(providerSchema.shape)
      .filter(([, schema]) => z.safeParse(schema, 'https://a.example').success)
      .map(([key]) => key)
      .filter((key) => !names.includes(key))
      .filter((key) => !z.safeParse(providerSchema.shape[key as 'name'], 'no address').success);
    const draft = providerDraft('wiki', {
      ...providerSchema.parse({ client: { id: 'c', secret: 's'.repeat(20) } }),
      ...Object.fromEntries(addresses.map((key) => [key, `https://${key.toLowerCase()}.example`])),
    });
    if (draft === null) throw new Error('It names every address there is.');
    const guarded = new Set(destinationsOf(draft).map(({ origin }) => origin));
    expect(addresses.length).toBeGreaterThanOrEqual(7);
    for (const key of addresses) expect(guarded).toContain(`https://${key.toLowerCase()}.example`);
  });

  it('stays with a provider that asks its issuer, whatever else is changed', async () => {
    const { records, stores, clock } = app;
    const issuer = 'https://login.example.com';
    const asked = { issuer, api: 'https://login.example.com/api', client: wiki().client };
    // Without the use case, which would ask for metadata.
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

  it('cannot be sent elsewhere either when the record names a host that is gone', async () => {
    const { records, ports, stores, clock } = app;
    const clients = { gone: { id: 'other', secret: 'another-secret-of-some-length' } };
    // As it is left once a host is removed.
    await stores.setup.put({
      ...{ kind: 'provider', id: 'left', version: null, now: clock.now(), by: 'Ruth', secretsSetAt: {} },
      entry: new Secret(JSON.stringify(wiki({ clients }))),
      audit: { action: 'provider.created', by: ruth, outcome: 'done', provider: 'left' },
    });
    const next = { ...(await records.get('provider', 'left')).entry, api: `${THEIRS}/api` };
    const kept = { path: 'providers.left.client.secret', problem: expect.stringContaining(THEIRS) };
    expect(await records.check('provider', 'left', next)).toContainEqual(expect.objectContaining(kept));
    await expect(readProviderDraft(ports, 'left', next)).rejects.toMatchObject({
      faults: expect.arrayContaining([expect.objectContaining(kept)]),
    });
  });
});
