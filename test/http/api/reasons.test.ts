import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, type Office, openOffice } from '../../support/office.js';
import { sendRaw } from '../../support/raw-http.js';

let office: Office;
beforeAll(async () => {
  office = await openOffice({
    providers: {
      file: { preset: 'mingle', url: 'https://mingle.example.com', client: { id: 'a', secret: 'b' } },
    },
  });
});
afterAll(() => office?.close());

/** What only the file may change; why that is so is told beside the refusal. */
const change = async (key?: string) =>
  call(office, 'PUT', '/providers/file', {
    ...(key !== undefined && { key }),
    headers: { 'if-match': '"1"' },
    body: {},
  });

describe('Why the API refuses', () => {
  it('is told to a key that may do what it asked for', async () => {
    const { json } = await change(await office.key('providers:write'));
    expect(json).toMatchObject({ code: 'record_in_file', reason: expect.stringContaining('oriel reload') });
  });

  it('is told to no other key, and not to somebody without one', async () => {
    for (const key of [undefined, await office.key('providers:read')]) {
      const { json } = await change(key);
      expect(json.code).toMatch(/^api_(key_missing|scope_missing)$/);
      expect(json).not.toHaveProperty('reason');
    }
  });

  it('gives our origins away to nobody who calls us by another name', async () => {
    const path = '/api/admin/v1/providers';
    const headers = { host: 'elsewhere.example', connection: 'close' };
    const { status, text } = await sendRaw(Number(new URL(office.siteOrigin).port), {
      method: 'GET',
      path,
      headers,
    });
    expect(status).toBe(421);
    expect(JSON.parse(text).code).toBe('origin_unknown');
    expect(text).not.toContain(office.gadgetOrigin);
    expect(JSON.parse(text)).not.toHaveProperty('reason');
  });
});
