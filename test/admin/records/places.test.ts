import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeRecord } from '../../../src/admin/records/use-cases.js';
import { configOf, sample } from '../../config/sample.js';
import { replacing } from '../../support/replacing.js';
import { key, portal, type RecordSetup, ruth, setUpRecords, wiki } from './record-setup.js';

/** The sample with the wiki too. */
const both = () => {
  const data = sample();
  return { ...data, providers: { ...data.providers, wiki: wiki() } };
};
const empty = () => ({ ...sample(), hosts: {}, providers: {} });

describe('What file and console declare together', () => {
  let folder: string;
  let url: string;
  const open: RecordSetup[] = [];
  const app = async (given: Parameters<typeof setUpRecords>[0] = {}): Promise<RecordSetup> => {
    const opened = await setUpRecords({ url, ...given });
    open.push(opened);
    return opened;
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'oriel-places-'));
    url = `sqlite:${join(folder, 'oriel.db')}`;
  });
  afterEach(async () => {
    for (const { stores } of open.splice(0)) await stores.close();
    rmSync(folder, { recursive: true });
  });

  it('may be nothing at all', async () => {
    const { records } = await app({ data: empty() });
    expect(await records.list('provider')).toEqual([]);
  });

  it('keeps the server from starting when both declare one id, and the sentence names it and both places', async () => {
    const first = await app();
    await first.records.create('provider', 'wiki', wiki(), ruth);
    const refused = await app({ data: both() }).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      name: 'ConfigFaults',
      faults: [
        {
          file: first.config.file,
          path: 'providers.wiki',
          problem: 'the provider wiki is declared both here and in the console',
        },
      ],
    });
  });

  it('is opened by a command all the same, which moves the record to the file without ending connections', async () => {
    const first = await app();
    await first.records.create('provider', 'wiki', wiki(), ruth);
    const command = await app({ data: both(), strict: false });
    const bulkDisconnect = await command.records.remove('provider', 'wiki', 1, ruth);
    expect(bulkDisconnect).toMatchObject({ total: 0, finishedAt: expect.any(Number) });
    expect(await command.stores.bulkDisconnects.latest(5)).toEqual([]);
    expect((await app({ data: both() })).directory.provider('wiki')).toBeDefined();
  });

  it('never loses the provider that moves to the file: a process killed in between ends no connection', async () => {
    const first = await app();
    await first.records.create('provider', 'wiki', wiki(), ruth);
    const command = await app({ data: both(), strict: false });
    const { setup } = command.stores;
    const killed = replacing(setup, { drop: () => Promise.reject(new Error('killed')) });
    const ports = { ...command.ports, stores: { ...command.stores, setup: killed } };
    await removeRecord(ports, { kind: 'provider', id: 'wiki', version: 1 }, ruth);
    expect(await setup.all()).toEqual([]);
  });

  it('lets a host of the file use a provider of the console, which then cannot be removed under it', async () => {
    const data = both();
    const hosts = { gocd: { ...data.hosts.gocd, providers: ['mingle', 'wiki'] } };
    const first = await app();
    await first.records.create('provider', 'wiki', wiki(), ruth);
    const config = configOf({ ...data, hosts }, undefined, 'beside-store');
    expect(await first.setup.adopt({ ...config })).toMatchObject([{ path: 'providers.wiki' }]);
    const { wiki: _wiki, ...providers } = data.providers;
    expect(
      await first.setup.adopt(configOf({ ...data, hosts, providers }, undefined, 'beside-store')),
    ).toEqual([]);
    expect(first.directory.host('gocd')?.providers).toEqual(['mingle', 'wiki']);
    const refused = await first.records.remove('provider', 'wiki', 1, ruth).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'record_invalid', faults: [{ path: 'hosts.gocd.providers[1]' }] });
  });

  it('keeps the server from starting when the file names what is not declared', async () => {
    const data = { ...sample(), providers: {} };
    const refused = await app({ data }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ faults: [{ problem: 'there is no provider mingle' }] });
  });

  it('works without what a console record names but is no longer declared', async () => {
    const first = await app();
    const host = portal({ providers: ['mingle', 'wiki'], gadgets: ['mingle-cards', 'wiki-pages'] });
    await first.records.create('provider', 'wiki', wiki(), ruth);
    await first.records.create('host', 'portal', host, ruth);
    await first.records.remove('provider', 'wiki', 1, ruth);
    await first.stores.setup.drop('provider', 'wiki');
    const later = await app();
    expect(later.directory.host('portal')?.gadgets).toEqual(['mingle-cards', 'wiki-pages']);
    expect(await later.records.check('host', 'portal', host)).toMatchObject([
      { path: 'hosts.portal.providers[1]', problem: 'there is no provider wiki' },
    ]);
  });

  it('works without a record that no key opens, which can be saved again', async () => {
    const first = await app();
    await first.records.create('provider', 'wiki', wiki(), ruth);
    await first.records.create('host', 'portal', portal({ providers: ['wiki'] }), ruth);
    const later = await app({ keys: [key('z')] });
    expect(later.directory.host('portal')).toBeUndefined();
    expect(later.logged.map(({ event, record }) => [event, record])).toEqual([
      ['record-unopenable', 'host portal'],
      ['record-unopenable', 'provider wiki'],
    ]);
    expect(await later.records.get('provider', 'wiki')).toMatchObject({
      entry: null,
      name: 'wiki',
      version: 1,
    });
    await later.records.change('provider', 'wiki', wiki(), 1, ruth);
    expect(later.directory.provider('wiki')).toBeDefined();
  });

  it('is served without the records that a changed file broke, and says which and why', async () => {
    const data = sample();
    const first = await app({ data: { ...data, providers: { ...data.providers, wiki: wiki() } } });
    await first.records.create('host', 'portal', portal({ origins: ['https://oriel.example.net'] }), ruth);
    const later = await app({ data: { ...data, siteOrigin: 'https://oriel.example.net' } });
    expect(later.directory.host('portal')).toBeUndefined();
    expect(await later.records.get('host', 'portal')).toMatchObject({
      faults: [{ path: 'hosts.portal.origins[0]', problem: "this is one of the server's own origins" }],
    });
    expect(later.logged.map(({ event }) => event)).toEqual(['record-faulty']);
  });
});
