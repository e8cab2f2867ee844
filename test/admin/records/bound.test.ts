import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configOf, sample } from '../../config/sample.js';
import { key, portal, type RecordSetup, ruth, setUpRecords, wiki } from './record-setup.js';

const within = (...allow: readonly string[]) => ({ ...sample(), outgoing: { allow } });
const beside = (data: object) => ({ ...configOf(data, undefined, 'beside-store'), keys: [key('k')] });
const keysAt = (jwks: string) => portal({ key: { algorithms: ['ES256'], jwks } });

describe('A record of the console', () => {
  let app: RecordSetup;
  beforeEach(async () => {
    app = await setUpRecords({ data: within('10.0.0.0/8') });
    await app.records.create('provider', 'wiki', wiki({ allowAddresses: ['10.1.0.0/16'] }), ruth);
  });
  afterEach(() => app.stores.close());

  it('chooses its private addresses within what the file allows, and learns which those are', async () => {
    const { records } = app;
    const wide = wiki({
      allowAddresses: ['10.1.0.0/16', '127.0.0.0/8'],
      client: { id: 'another', secret: 'wiki-client-secret' },
    });
    const fault = {
      path: 'providers.other.allowAddresses[1]',
      problem: '127.0.0.0/8 is outside of the private addresses that this server may call (10.0.0.0/8)',
      expected: expect.stringContaining('outgoing.allow'),
    };
    expect(await records.check('provider', 'other', wide)).toMatchObject([fault]);
    await expect(records.create('provider', 'other', wide, ruth)).rejects.toMatchObject({ faults: [fault] });
    await expect(records.change('provider', 'wiki', wide, 1, ruth)).rejects.toMatchObject({
      faults: [{ path: 'providers.wiki.allowAddresses[1]' }],
    });
    await expect(
      records.create('host', 'portal', keysAt('http://127.0.0.1:8/jwks'), ruth),
    ).rejects.toMatchObject({ faults: [{ path: 'hosts.portal.key.jwks' }] });
    await records.create('host', 'portal', keysAt('https://10.1.1.1/jwks'), ruth);
    expect(app.ports.inForce.bound()).toEqual(['10.0.0.0/8']);
  });

  it('does not stop the file from lowering the limit: it is left out from then on, and reported', async () => {
    const { setup, directory, records, logged } = app;
    expect(directory.provider('wiki')).toBeDefined();
    expect(await setup.adopt(beside(within('10.2.0.0/16')))).toEqual([]);
    expect(directory.provider('wiki')).toBeUndefined();
    expect(logged).toMatchObject([{ event: 'record-faulty', fault: expect.stringContaining('10.1.0.0/16') }]);
    expect((await records.get('provider', 'wiki')).faults).toMatchObject([
      { path: 'providers.wiki.allowAddresses[0]' },
    ]);
    expect(app.ports.inForce.bound()).toEqual(['10.2.0.0/16']);
    expect(await setup.adopt(beside(within('10.0.0.0/8')))).toEqual([]);
    expect(directory.provider('wiki')).toBeDefined();
  });

  it('still refuses a file that conflicts with it', async () => {
    const { setup } = app;
    const data = within('10.2.0.0/16');
    const registered = { ...data.providers.mingle, clients: { portal: { id: 'a', secret: 'b' } } };
    await app.records.create('host', 'portal', portal({ providers: ['mingle'] }), ruth);
    const { client: _, ...mingle } = registered;
    const changed = beside({ ...data, hosts: {}, providers: { mingle: { ...mingle, clients: {} } } });
    expect(await setup.adopt(changed)).not.toEqual([]);
    expect(setup.directory.provider('wiki')).toBeDefined();
  });
});
