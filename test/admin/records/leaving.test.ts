import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditWriter } from '../../../src/admin/audit/audit-writer.js';
import { startOverdueDisconnects } from '../../../src/admin/records/leaving-records.js';
import type { Config } from '../../../src/config/config.js';
import { ConfigReloader } from '../../../src/server/reload-file.js';
import { configOf, sample } from '../../config/sample.js';
import { ada, connect, frameSession, newFlow, newFrameSession } from '../../store/fixtures.js';
import { portal, type RecordSetup, ruth, setUpRecords, wiki } from './record-setup.js';

const MINUTE = 60_000;

describe('A provider or host that is removed', () => {
  let app: RecordSetup;
  beforeEach(async () => {
    app = await setUpRecords();
  });
  afterEach(() => app.stores.close());

  it('serves no one from that moment, and its provider is still known so that permissions can be revoked', async () => {
    const { records, directory, stores } = app;
    await records.create(
      'provider',
      'wiki',
      wiki({ revocationEndpoint: 'https://wiki.example.com/revoke' }),
      ruth,
    );
    await connect(stores, newFlow('f', { provider: 'wiki' }));
    const bulkDisconnect = await records.remove('provider', 'wiki', 1, ruth);
    expect(bulkDisconnect).toMatchObject({
      leaver: { kind: 'provider', provider: 'wiki' },
      total: 1,
      startedBy: 'Ruth',
    });
    expect(directory.provider('wiki')).toBeUndefined();
    expect(directory.leaving('wiki')).toMatchObject({ id: 'wiki', revocation: { kind: 'rfc7009' } });
    expect((await stores.bulkDisconnects.unfinished()).map(({ id }) => id)).toEqual([bulkDisconnect.id]);
    expect(await records.get('provider', 'wiki')).toMatchObject({ leavingAt: expect.any(Number) });
    expect((await app.log()).at(-1)).toMatchObject({ action: 'provider.removed', provider: 'wiki' });
  });

  it('can be neither changed nor created again before everything is done', async () => {
    const { records } = app;
    await records.create('host', 'portal', portal(), ruth);
    await records.remove('host', 'portal', 1, ruth);
    const refusals = [
      records.change('host', 'portal', portal({ name: 'P' }), 1, ruth),
      records.create('host', 'portal', portal(), ruth),
      records.remove('host', 'portal', 1, ruth),
    ].map((each) => each.catch((error: { code: string }) => error.code));
    expect(await Promise.all(refusals)).toEqual(['record_changed', 'record_exists', 'record_changed']);
    await app.stores.setup.drop('host', 'portal');
    expect(await records.create('host', 'portal', portal(), ruth)).toMatchObject({ version: 1 });
  });

  it('is not forgotten when the process died before its connections were looked at', async () => {
    const { records, stores, clock, ports } = app;
    await records.create('host', 'portal', portal(), ruth);
    const by = { now: clock.now(), by: 'Ruth', version: 1 };
    const audit = { action: 'host.removed', by: ruth, outcome: 'done' } as const;
    await stores.setup.leave({ kind: 'host', id: 'portal', ...by, audit });
    const look = () => startOverdueDisconnects(ports);
    await look();
    expect(await stores.bulkDisconnects.unfinished()).toEqual([]);
    clock.pass(MINUTE + 1);
    await look();
    await look();
    expect(await stores.bulkDisconnects.unfinished()).toMatchObject([
      { leaver: { kind: 'host', host: 'portal' } },
    ]);
  });
});

describe('What a changed file no longer declares', () => {
  let app: RecordSetup;
  let next: Config;
  const reload = () =>
    new ConfigReloader({
      config: app.config,
      readAgain: () => next,
      take: () => undefined,
      setup: app.setup,
      gadgets: app.sameGadgets,
      deps: { ...app.ports, audit: new AuditWriter(app.stores.audit, app.ports) },
      server: 'here',
    }).reload(ruth);

  beforeEach(async () => {
    app = await setUpRecords();
    next = configOf({ ...sample(), hosts: {}, providers: {} });
  });
  afterEach(() => app.stores.close());

  it('is kept as long as anyone is connected, and starts to revoke those Connections', async () => {
    const { stores, directory } = app;
    await connect(stores, newFlow('f', { viewer: ada, provider: 'mingle' }));
    expect(await reload()).toEqual({ problem: null, restart: [], gadgets: [] });
    expect([directory.provider('mingle'), directory.host('gocd')]).toEqual([undefined, undefined]);
    expect(directory.leaving('mingle')?.client?.secret.reveal()).toBe('mingle-client-secret');
    const leavers = (await stores.bulkDisconnects.unfinished()).map(({ leaver, total }) => [
      leaver.kind,
      total,
    ]);
    expect(leavers.toSorted()).toEqual([
      ['host', 1],
      ['provider', 1],
    ]);
    expect((await app.log()).map(({ action }) => action)).toEqual([
      'configuration.reloaded',
      'host.removed',
      'provider.removed',
    ]);
    expect(JSON.stringify(await app.log())).not.toContain('mingle-client-secret');
  });

  it('is gone at once when no one was connected', async () => {
    await reload();
    expect(app.directory.provider('mingle')).toBeUndefined();
    expect(await app.stores.setup.all()).toEqual([]);
    expect(await app.stores.bulkDisconnects.latest(5)).toEqual([]);
  });

  it('leaves nothing that a later host of the same name could find', async () => {
    const { stores, clock } = app;
    await stores.flows.create({ ...newFlow('started'), viewer: ada, startedAt: clock.now() });
    await stores.frameSessions.launch(newFrameSession(frameSession('frame'), 'jti'));
    await stores.webSessions.set('key', '{}', clock.now() + MINUTE, ada);
    await reload();
    expect(await stores.flows.byId('started')).toMatchObject({ status: 'cancelled' });
    expect(await stores.frameSessions.byBearer('bearer-of-frame')).toBeNull();
    expect(await stores.webSessions.get('key', clock.now())).toBeNull();
  });
});
