import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startBulkDisconnect } from '../../../src/admin/connections/bulk-disconnects.js';
import { getOverview } from '../../../src/admin/overview/use-cases.js';
import { adminViewer } from '../../../src/hosts/console-host.js';
import { openStores } from '../../../src/store/open-stores.js';
import { HOUR, providerNamed } from '../../connect/connect-setup.js';
import { bob, connect, keyRing, newFlow } from '../../store/fixtures.js';
import { certificate } from '../../support/self-signed.js';
import { type AdminSetup, record, ruth, setUpAdmin } from '../admin-setup.js';

const DAY = 24 * HOUR;

let adminSetup: AdminSetup;
beforeEach(async () => {
  adminSetup = await setUpAdmin();
});
afterEach(() => adminSetup.stores.close());

const needs = async () => (await adminSetup.overview()).attention;
const codes = async () => (await needs()).map(({ kind, code }) => `${kind} ${code}`);

describe('What needs an administrator', () => {
  it('is empty when all is well', async () => {
    await adminSetup.beat('one');
    await adminSetup.connect('ada');
    expect(await needs()).toEqual([]);
  });

  it('is a client that its provider refused, since when, and where to fix it', async () => {
    await adminSetup.stores.clientStops.stop('mingle', 'key', adminSetup.clock.now() - HOUR);
    expect(await needs()).toMatchObject([
      {
        kind: 'bad',
        code: 'client_stopped',
        to: { kind: 'provider', id: 'mingle' },
        since: adminSetup.clock.now() - HOUR,
        message: expect.stringContaining('MINGLE rejected our client'),
      },
    ]);
  });

  it('is a provider whose metadata could not be read, but not one that is being removed', async () => {
    adminSetup.declared.withdraw('github');
    expect(await codes()).toEqual(['bad provider_undiscovered']);
    adminSetup.records[0] = record('provider', 'github', { leavingAt: adminSetup.clock.now() });
    expect(await codes()).toEqual([]);
  });

  it('is a record that no key opens', async () => {
    adminSetup.records.push(record('host', 'wiki', { origin: 'store', version: 1, entry: null }));
    expect(await needs()).toMatchObject([
      { code: 'record_unopened', to: { kind: 'host', id: 'wiki' }, message: expect.stringContaining('wiki') },
    ]);
  });

  it('is a record that no longer fits the others', async () => {
    const fault = {
      file: 'oriel.yaml',
      path: 'hosts.wiki.providers[0]',
      line: null,
      problem: 'there is no provider jira',
      expected: 'one of github, mingle',
      example: null,
    };
    adminSetup.records.push(record('host', 'wiki', { origin: 'store', version: 1, faults: [fault] }));
    expect(await needs()).toMatchObject([
      {
        code: 'record_faulty',
        to: { kind: 'host', id: 'wiki' },
        fix: expect.stringContaining('no provider jira'),
      },
    ]);
  });

  it('is a pinned certificate two weeks before its end, and worse after it', async () => {
    const ending = (at: number): string =>
      certificate({ names: ['github.example'], until: (at - Date.now()) / DAY }).cert;
    const certificates = [
      ending(adminSetup.clock.now() + 400 * DAY),
      ending(adminSetup.clock.now() + 15 * DAY),
    ];
    adminSetup.declared.declare(providerNamed('github', { certificates }));
    expect(await codes()).toEqual([]);
    adminSetup.clock.pass(DAY + 1000);
    expect(await codes()).toEqual(['warning certificate_expiring']);
    adminSetup.clock.pass(14 * DAY);
    expect(await codes()).toEqual(['bad certificate_expired']);
  });

  it('is a server that refused its file, servers that differ in keys, and settings that wait for a restart', async () => {
    await adminSetup.beat('one', { problem: 'hosts.wiki.origins: an origin is missing' });
    await adminSetup.beat('two', { problem: 'hosts.wiki.origins: an origin is missing' });
    await adminSetup.beat('three', { keys: ['k2', 'k'], restart: ['listen'] });
    const found = await needs();
    expect(found.map(({ code }) => code)).toEqual([
      'configuration_refused',
      'key_rings_differ',
      'restart_needed',
    ]);
    expect(found[0]?.message).toMatch(/^2 running servers .*an origin is missing$/);
    adminSetup.clock.pass(10 * 60_000);
    expect(await codes()).toEqual([]);
  });

  it('is a gadget with mistakes, urgent where it is left out', async () => {
    const problem = 'view.njk:3: the block "if" is not ended.';
    await adminSetup.beat('one', { gadgets: [{ id: 'cards', isServed: true, problem }] });
    await adminSetup.beat('two', { gadgets: [{ id: 'cards', isServed: false, problem }] });
    await adminSetup.beat('three', { gadgets: [{ id: 'cards', isServed: false, problem }] });
    const found = await needs();
    expect(found.map(({ kind, code }) => `${kind} ${code}`)).toEqual([
      'bad gadget_faulty',
      'warning gadget_faulty',
    ]);
    for (const { message } of found) expect(message).toContain(problem);
  });

  it('is a secret whose key no server has', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'oriel-attention-'));
    const url = `sqlite:${join(folder, 'oriel.db')}`;
    const before = await setUpAdmin({ url });
    await before.connect('ada');
    await before.stores.close();
    const { clock } = adminSetup;
    const stores = await openStores({ url, keys: keyRing('other'), clock });
    const seen = () =>
      getOverview({ ...adminSetup.deps, stores: { ...stores, setup: adminSetup.deps.stores.setup } });
    expect((await seen()).attention).toMatchObject([
      {
        kind: 'bad',
        code: 'key_missing',
        to: { kind: 'server' },
        message: expect.stringContaining('the key k,'),
      },
    ]);
    const [startedAt, seenAt] = [clock.now(), clock.now()];
    await stores.instances.beat({
      id: '1',
      startedAt,
      seenAt,
      keys: ['other', 'k'],
      reload: 0,
      problem: null,
      restart: [],
      gadgets: [],
    });
    expect((await seen()).attention).toEqual([]);
    await stores.close();
    await rm(folder, { recursive: true });
  });

  it('is what is left of a provider or host that is no longer declared, unless it is already being disconnected', async () => {
    await adminSetup.connect('ada', 'mingle');
    await connect(adminSetup.stores, newFlow('f', { viewer: bob }));
    const [connection] = await adminSetup.stores.connectionLists.page({}, { after: null, limit: 1 });
    adminSetup.records.splice(0);
    expect((await needs()).map(({ kind, code, message, to }) => [kind, code, message, to])).toEqual([
      [
        'warning',
        'connections_undeclared',
        '2 connections are left of the provider mingle, which is not declared anywhere.',
        { kind: 'connections' },
      ],
      [
        'warning',
        'connections_undeclared',
        '2 connections are left of the host gocd, which is not declared anywhere.',
        { kind: 'connections' },
      ],
    ]);
    if (connection) await adminSetup.stores.connections.retire(connection, adminSetup.clock.now());
    expect((await needs())[0]?.message).toMatch(/^One connection is left/);
  });

  it('is not an administrator’s own preview', async () => {
    await connect(adminSetup.stores, newFlow('f', { viewer: adminViewer({ id: 'r' }) }));
    expect(await codes()).toEqual([]);
  });

  it('is a bulk disconnect that takes more than an hour', async () => {
    await adminSetup.connect('ada', 'mingle');
    const started = await startBulkDisconnect(
      adminSetup.ports,
      { kind: 'provider', provider: 'mingle' },
      ruth,
    );
    expect(await codes()).toEqual([]);
    adminSetup.clock.pass(HOUR + 1);
    expect(await needs()).toMatchObject([
      {
        kind: 'warning',
        code: 'bulk_disconnect_unfinished',
        to: { kind: 'bulk-disconnect', id: started.id },
        message: expect.stringContaining('of MINGLE is not finished: 0 of 1 are done'),
      },
    ]);
  });
});
