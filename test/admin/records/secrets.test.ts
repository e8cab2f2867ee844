import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApiAnswer } from '../../../src/admin/api-route.js';
import { maskEntry } from '../../../src/admin/records/masking.js';
import type { record } from '../../../src/admin/records/schema.js';
import type { Entry } from '../../../src/domain/setup-record.js';
import { Fingerprints } from '../../../src/store/sealing/fingerprints.js';
import { Sealer } from '../../../src/store/sealing/seal.js';
import {
  CLIENT_SECRET,
  HOST_SECRET,
  key,
  portal,
  type RecordSetup,
  ruth,
  setUpRecords,
  wiki,
} from './record-setup.js';

const SECRETS = [CLIENT_SECRET, HOST_SECRET, 'another-secret', 'mingle-client-secret'];

describe('Secrets of providers and hosts', () => {
  let app: RecordSetup;
  beforeEach(async () => {
    app = await setUpRecords();
  });
  afterEach(() => app.stores.close());

  it('are in no answer of the API: an entry whose secrets are not masked does not compile there', () => {
    const entry: Entry = wiki();
    // @ts-expect-error: only `maskEntry` makes one that may be answered.
    const answered: ApiAnswer<typeof record>['body']['entry'] = entry;
    expect(answered).toBe(entry);
  });

  it('are identified by their end and a fingerprint, and by nothing else: not in lists, answers, audit, log or faults', async () => {
    const { records } = app;
    const clients = { gocd: { id: 'other', secret: 'another-secret' } };
    const seen = [
      await records.create('provider', 'wiki', wiki({ clients }), ruth),
      await records.create('host', 'portal', portal(), ruth),
      await records.change('host', 'portal', portal({ name: 'P' }), 1, ruth),
      await records.list('provider'),
      await records.list('host'),
      await records.check('provider', 'wiki', wiki({ client: { id: '', secret: 7 } })),
      await records
        .create('host', 'x', portal({ key: { secret: HOST_SECRET } }), ruth)
        .catch((error) => error),
      await app.log(),
      app.logged,
    ];
    const text = JSON.stringify(seen);
    for (const secret of SECRETS) expect(text).not.toContain(secret);
    expect((await records.get('provider', 'wiki')).entry).toMatchObject({
      client: {
        id: 'oriel',
        secret: { set: true, ends: 'wiki', fingerprint: app.stores.fingerprints.of(CLIENT_SECRET) },
      },
      clients: { gocd: { secret: { set: true, ends: '' } } },
    });
  });

  it('stay as they are when what was shown of them is sent back', async () => {
    const { records, directory } = app;
    const { entry } = await records.create('provider', 'wiki', wiki(), ruth);
    await records.change('provider', 'wiki', { ...entry, name: 'Pages' }, 1, ruth);
    expect(directory.provider('wiki')?.client?.secret.reveal()).toBe(CLIENT_SECRET);
    expect((await app.log()).at(-1)?.changes).toEqual([{ path: 'name', before: 'Wiki', after: 'Pages' }]);
  });

  it('are reported as replaced, without being shown', async () => {
    const { records } = app;
    await records.create('host', 'portal', portal(), ruth);
    await records.change(
      'host',
      'portal',
      portal({ key: { algorithm: 'HS256', secret: 'n'.repeat(40) } }),
      1,
      ruth,
    );
    const [change, ...more] = (await app.log()).at(-1)?.changes ?? [];
    expect(more).toEqual([]);
    expect(change).toMatchObject({ path: 'key.secret', before: expect.stringContaining('ending in ytes') });
    expect(change?.after).not.toBe(change?.before);
  });

  it('cannot be obtained by sending back the mask of another one, or where there was none', async () => {
    const { records } = app;
    const { entry } = await records.create('provider', 'wiki', wiki(), ruth);
    const other = maskEntry(
      new Fingerprints(new Sealer([key('k')])),
      'provider',
      wiki({ client: { id: 'oriel', secret: 'another-secret-of-some-length' } }),
    );
    const faults = await records.check('provider', 'wiki', other);
    expect(faults).toMatchObject([{ path: 'providers.wiki.client.secret' }]);
    const clients = { gocd: entry?.client };
    expect(await records.check('provider', 'wiki', { ...entry, clients })).toMatchObject([
      { path: 'providers.wiki.clients.gocd.secret' },
    ]);
    expect(await records.check('provider', 'another', entry ?? {})).toMatchObject([
      { path: 'providers.another.client.secret' },
    ]);
  });

  it('are taken literally: what looks like a variable is text', async () => {
    const { records, directory } = app;
    const secret = `\${MINGLE_SECRET}`;
    await records.create('provider', 'wiki', wiki({ client: { id: 'oriel', secret } }), ruth);
    expect(directory.provider('wiki')?.client?.secret.reveal()).toBe(secret);
  });
});
