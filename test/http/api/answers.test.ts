import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_SCOPES } from '../../../src/domain/admin.js';
import { apiRoutes } from '../../../src/http/api/routes.js';
import type { ApiWeb } from '../../../src/http/api/web.js';
import { call, type Office, openOffice } from '../../support/office.js';

let office: Office;
let key: string;
beforeAll(async () => {
  office = await openOffice({
    providers: {
      file: { preset: 'mingle', url: 'https://mingle.example.com', client: { id: 'a', secret: 'b' } },
    },
  });
  key = await office.key(...API_SCOPES);
});
afterAll(() => office?.close());

// Only the table is looked at: no handler is called.
const routes = apiRoutes({ manage: {} } as ApiWeb);

describe('Answers of the API', () => {
  it('have the shape that is promised, wherever nothing need be named', async () => {
    const plain = routes.filter(({ method, path, type }) => method === 'get' && !path.includes('{') && !type);
    expect(plain.length).toBeGreaterThan(8);
    for (const { path, operationId, answer } of plain) {
      const { status, json } = await call(office, 'GET', path, { key });
      expect(status, operationId).toBe(200);
      // A strict shape: what is not promised is not sent.
      expect(answer?.safeParse(json).error, operationId).toBeUndefined();
    }
  });

  it('tell of what the file declares, which nobody can change here', async () => {
    const { json } = await call(office, 'GET', '/providers/file', { key });
    expect(json).toMatchObject({
      origin: 'file',
      version: null,
      entry: { client: { secret: { set: true } } },
    });
    const headers = { 'if-match': '"1"' };
    const change = await call(office, 'PUT', '/providers/file', { key, headers, body: {} });
    expect(change).toMatchObject({ status: 409, json: { code: 'record_in_file' } });
  });

  it('export the audit log as lines of JSON, that export among them', async () => {
    const { text, headers } = await call(office, 'POST', '/audit/export?action=audit', { key });
    expect(headers.get('content-type')).toContain('application/x-ndjson');
    const entries = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries.at(-1)).toMatchObject({ action: 'audit.exported', actor: { kind: 'api-key' } });
  });

  it('hold a backup that is whole', async () => {
    const answer = await fetch(`${office.siteOrigin}/api/admin/v1/backup`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
    });
    const lines = gunzipSync(Buffer.from(await answer.arrayBuffer()))
      .toString()
      .trimEnd()
      .split('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ format: 'oriel-backup' });
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ rows: lines.length - 2 });
  });

  it('invite an administrator by a link that works', async () => {
    const { status, json } = await call(office, 'POST', '/administrators/invite', { key });
    expect(status).toBe(201);
    const { pathname, search } = new URL(json.link);
    expect((await office.page(pathname + search)).status).toBe(200);
  });

  it('refuse a query or a body that they do not understand', async () => {
    for (const [method, path, body] of [
      ['GET', '/audit?before=x', undefined],
      ['GET', '/audit?from=yesterday', undefined],
      ['GET', '/connections?status=odd', undefined],
      ['GET', '/connections?provider=a&provider=b', undefined],
      ['POST', '/connections/revoke', { host: 'a', more: 1 }],
      ['POST', '/connections/revoke', {}],
      ['POST', '/api-keys', { name: 'x', scopes: ['everything'] }],
    ] as const) {
      const { status, json } = await call(office, method, path, { key, body });
      expect([status, json.detail], path).toEqual([400, expect.any(String)]);
    }
  });
});
