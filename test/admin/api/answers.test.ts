import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBackupHead, readBackupRows } from '../../../src/admin/server/backup-file.js';
import { API_SCOPES } from '../../../src/domain/administrator.js';
import { Secret } from '../../../src/domain/secret.js';
import { Sealer } from '../../../src/store/sealing/seal.js';
import { call, createTestConsole, type TestConsole } from '../../support/test-console.js';

let testConsole: TestConsole;
let key: string;
beforeAll(async () => {
  testConsole = await createTestConsole({
    providers: {
      file: { preset: 'mingle', url: 'https://mingle.example.com', client: { id: 'a', secret: 'b' } },
    },
  });
  key = await testConsole.key(...API_SCOPES);
});
afterAll(() => testConsole?.close());

describe('Answers of the API', () => {
  it('include what the file declares, which cannot be changed here', async () => {
    const { json } = await call(testConsole, 'GET', '/providers/file', { key });
    expect(json).toMatchObject({
      origin: 'file',
      version: null,
      entry: { client: { secret: { set: true } } },
    });
    const headers = { 'if-match': '"1"' };
    const change = await call(testConsole, 'PUT', '/providers/file', { key, headers, body: {} });
    expect(change).toMatchObject({ status: 409, json: { code: 'record_in_file' } });
  });

  it('export the audit log as lines of JSON, that export among them', async () => {
    const { text, headers } = await call(testConsole, 'POST', '/audit/export?action=audit', { key });
    expect(headers.get('content-type')).toContain('application/x-ndjson');
    const entries = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries.at(-1)).toMatchObject({ action: 'audit.exported', actor: { kind: 'api-key' } });
  });

  it('come at once where keys are rotated, which goes on in the background and is shown until it is over', async () => {
    const entry = { preset: 'mingle', url: 'https://mingle.example.com', client: { id: 'a', secret: 'b' } };
    await call(testConsole, 'POST', '/providers/sealed', { key, body: entry });
    const started = await call(testConsole, 'POST', '/keys/rotate', { key, body: {} });
    expect(started).toMatchObject({ status: 202, json: { running: true, done: 0, lost: 0 } });
    await expect
      .poll(async () => (await call(testConsole, 'GET', '/keys/rotation', { key })).json, { timeout: 10_000 })
      .toMatchObject({ running: false, keys: [{ id: 'k1', role: 'seals' }] });
    const { json } = await call(testConsole, 'GET', '/audit?action=keys.rotated', { key });
    expect(json.items).toMatchObject([{ action: 'keys.rotated', actor: { kind: 'api-key' } }]);
  });

  it('hold a backup that is whole', async () => {
    const answer = await fetch(`${testConsole.siteOrigin}/api/admin/v1/backup`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
    });
    const folder = mkdtempSync(join(tmpdir(), 'oriel-answers-'));
    try {
      const file = join(folder, 'oriel.backup');
      const body = Buffer.from(await answer.arrayBuffer());
      await writeFile(file, body);
      const ring = new Sealer([{ id: 'k1', key: new Secret(Buffer.alloc(32, 7).toString('base64url')) }]);
      expect(await readBackupHead(file, ring)).toMatchObject({ sealedBy: 'k1' });
      const tables = new Set<string>();
      for await (const { table } of readBackupRows(file, ring)) tables.add(table);
      expect([...tables]).toContain('admin');
      expect(body.includes('ann')).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('invite an administrator by a link that works', async () => {
    const { status, json } = await call(testConsole, 'POST', '/administrators/invite', { key });
    expect(status).toBe(201);
    const { pathname, hash, search } = new URL(json.link);
    expect(search).toBe('');
    expect((await testConsole.post(pathname, { token: hash.slice(1) })).status).toBe(200);
  });

  it('reset an administrator’s password by a link, by the id that the list has', async () => {
    const { items } = (await call(testConsole, 'GET', '/administrators', { key })).json;
    const { status, json } = await call(testConsole, 'POST', `/administrators/${items[0].id}/reset`, { key });
    expect(status).toBe(201);
    const { pathname, hash } = new URL(json.link);
    expect((await testConsole.post(pathname, { token: hash.slice(1) })).text).toContain('Set a new password');
    const nobody = await call(testConsole, 'POST', '/administrators/ann/reset', { key });
    expect(nobody).toMatchObject({ status: 404, json: { code: 'admin_unknown' } });
  });

  it('find a viewer in the audit log, without putting the name into an address', async () => {
    const body = { host: 'gocd', sub: 'nobody-we-know' };
    const { status, json } = await call(testConsole, 'POST', '/audit/viewer', { key, body });
    expect([status, json]).toEqual([200, { person: null }]);
    expect(testConsole.logged()).not.toContain('nobody-we-know');
  });

  it('refuse a query or a body that they do not understand', async () => {
    for (const [method, path, body] of [
      ['GET', '/audit?before=x', undefined],
      ['GET', '/audit?from=yesterday', undefined],
      ['GET', '/connections?status=odd', undefined],
      ['GET', '/connections?provider=a&provider=b', undefined],
      ['GET', '/connections?hosts=a', undefined],
      ['POST', '/audit/export?providr=a', undefined],
      ['POST', '/connections/revoke', { host: 'a', more: 1 }],
      ['POST', '/connections/revoke', {}],
      ['POST', '/api-keys', { name: 'x', scopes: ['everything'] }],
    ] as const) {
      const { status, json } = await call(testConsole, method, path, { key, body });
      expect([status, json.detail], path).toEqual([400, expect.any(String)]);
    }
  });
});
