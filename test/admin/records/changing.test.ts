import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.js';
import { portal, type RecordSetup, ruth, setUpRecords, wiki } from './record-setup.js';

const code = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'done',
    (error: { code?: string }) => error.code ?? error,
  );

describe('Providers and hosts of the console', () => {
  let app: RecordSetup;
  beforeEach(async () => {
    app = await setUpRecords();
  });
  afterEach(() => app.stores.close());

  it('are served as soon as they are created or changed', async () => {
    const { records, directory } = app;
    const made = await records.create('provider', 'wiki', wiki(), ruth);
    expect(made).toMatchObject({ id: 'wiki', name: 'Wiki', origin: 'store', version: 1, updatedBy: 'Ruth' });
    expect(directory.provider('wiki')).toMatchObject({ name: 'Wiki', tokenEndpoint: wiki().tokenEndpoint });
    const changed = await records.change('provider', 'wiki', wiki({ name: 'Pages' }), 1, ruth);
    expect(changed).toMatchObject({ name: 'Pages', version: 2 });
    expect(directory.provider('wiki')?.name).toBe('Pages');
  });

  it('may name those of the file, and are named beside them in the list', async () => {
    const { records, directory } = app;
    await records.create(
      'host',
      'portal',
      portal({ providers: ['mingle'], gadgets: ['mingle-cards'] }),
      ruth,
    );
    expect(directory.host('portal')?.providers).toEqual(['mingle']);
    expect((await records.list('host')).map(({ id, origin }) => `${id} ${origin}`)).toEqual([
      'gocd file',
      'portal store',
    ]);
  });

  it('are checked as a whole, also beside a record that is wrong already and serves no one', async () => {
    const { records, stores } = app;
    const entry = new Secret(JSON.stringify(portal({ origins: ['https://*.example.com'] })));
    const audit = { action: 'host.created', by: ruth, outcome: 'done' } as const;
    const broken = {
      kind: 'host',
      id: 'broken',
      version: null,
      secretsSetAt: {},
      now: 0,
      by: 'Ruth',
    } as const;
    await stores.setup.put({ ...broken, entry, audit });
    const unknown = portal({ gadgets: ['nothing'] });
    expect(await records.check('host', 'portal', unknown)).toMatchObject([
      { path: 'hosts.portal.gadgets[0]' },
    ]);
    expect(await code(records.create('host', 'portal', unknown, ruth))).toBe('record_invalid');
    expect(await code(records.create('host', 'portal', portal(), ruth))).toBe('done');
  });

  it('leave what did not change the same object, so that a warm page stays warm', async () => {
    const { records, directory } = app;
    await records.create('provider', 'wiki', wiki(), ruth);
    const before = [directory.provider('mingle'), directory.host('gocd'), directory.provider('wiki')];
    await records.create('host', 'portal', portal(), ruth);
    expect([directory.provider('mingle'), directory.host('gocd'), directory.provider('wiki')]).toEqual(
      before,
    );
    expect(directory.provider('wiki')).toBe(before[2]);
    expect(directory.host('gocd')).toBe(before[1]);
  });

  it('cannot have an id of the file, nor the same id twice', async () => {
    const { records } = app;
    await records.create('provider', 'wiki', wiki(), ruth);
    expect(await code(records.create('provider', 'mingle', wiki(), ruth))).toBe('record_in_file');
    expect(await code(records.change('host', 'gocd', portal(), 1, ruth))).toBe('record_in_file');
    expect(await code(records.remove('host', 'gocd', 1, ruth))).toBe('record_in_file');
    expect(await code(records.create('provider', 'wiki', wiki(), ruth))).toBe('record_exists');
    expect(await code(records.change('provider', 'nobody', wiki(), 1, ruth))).toBe('record_unknown');
    expect(await code(records.get('provider', 'nobody'))).toBe('record_unknown');
  });

  it('are refused with every mistake, as the file would be, and nothing is changed', async () => {
    const { records } = app;
    const wrong = portal({ origins: ['http://portal.example.com'], frobnicate: 1 });
    const refused = await records.create('host', 'portal', wrong, ruth).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'record_invalid',
      faults: [
        { file: 'the console', path: 'hosts.portal.origins[0]', example: 'https://gocd.example.com' },
        { path: 'hosts.portal.frobnicate', problem: 'this key is not known here' },
      ],
    });
    expect(await records.check('host', 'portal', portal({ providers: ['nowhere'] }))).toMatchObject([
      { path: 'hosts.portal.providers[0]', problem: 'there is no provider nowhere' },
    ]);
    expect(await records.check('host', 'portal', portal({ gadgets: ['none'] }))).toMatchObject([
      { path: 'hosts.portal.gadgets[0]' },
    ]);
    expect(await code(records.create('host', 'Not An Id', portal(), ruth))).toBe('record_invalid');
    expect(await app.stores.setup.all()).toEqual([]);
    expect(await app.log()).toEqual([]);
  });

  it('are refused for what they would break in others, and the error says where that is', async () => {
    const { records } = app;
    await records.create('provider', 'wiki', wiki(), ruth);
    await records.create('host', 'portal', portal({ providers: ['wiki'] }), ruth);
    const { client, ...unregistered } = wiki();
    expect(await records.check('provider', 'wiki', unregistered)).toMatchObject([
      {
        path: 'providers.wiki.client',
        problem: expect.stringContaining('host portal may use this provider'),
      },
    ]);
  });

  it('are not written again, and not audited, when nothing was changed', async () => {
    const { records } = app;
    await records.create('provider', 'wiki', wiki(), ruth);
    expect(await records.change('provider', 'wiki', wiki(), 1, ruth)).toMatchObject({ version: 1 });
    expect(await app.log()).toHaveLength(1);
  });

  it('are audited with what they were and what they are', async () => {
    const { records } = app;
    await records.create('provider', 'wiki', wiki(), ruth);
    await records.change('provider', 'wiki', wiki({ name: 'Pages', scopes: ['read'] }), 1, ruth);
    expect((await app.log()).at(-1)).toMatchObject({
      action: 'provider.changed',
      actor: { kind: 'admin', id: 'r' },
      provider: 'wiki',
      changes: [
        { path: 'name', before: 'Wiki', after: 'Pages' },
        { path: 'scopes', before: null, after: '["read"]' },
      ],
    });
  });

  it('of earlier versions keep an id that is reserved by now', async () => {
    const { records, stores, clock } = app;
    await stores.setup.put({
      ...{ kind: 'provider', id: 'test', version: null, now: clock.now(), by: 'Ruth', secretsSetAt: {} },
      entry: new Secret(JSON.stringify(wiki())),
      audit: { action: 'provider.created', by: ruth, outcome: 'done', provider: 'test' },
    });
    const { entry } = await records.get('provider', 'test');
    const changed = await records.change('provider', 'test', { ...entry, name: 'Pages' }, 1, ruth);
    expect(changed).toMatchObject({ id: 'test', version: 2 });
  });
});
