import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from '../../src/store/engine/sql.js';
import { openSqlite } from '../../src/store/engine/sqlite.js';
import { fieldsIn, MINGLE, openRecords, type RecordPages } from './records/record-pages-setup.js';

const SECRET = MINGLE['client-secret'];
const HOSTS_OWN = 'a-secret-of-one-host-9876';
const FORM = '/admin/providers/new/form';
const TYPED = {
  ...MINGLE,
  'client-0-host': 'wiki',
  'client-0-id': 'of-the-wiki',
  'client-0-secret': HOSTS_OWN,
};

describe('The page that asks for the password again', () => {
  let testConsole: RecordPages;
  beforeAll(async () => {
    testConsole = await openRecords();
  });
  afterAll(() => testConsole.close());

  /** As if the session had been confirmed long ago. */
  const letPass = async (): Promise<void> => {
    const database = await openSqlite(testConsole.database);
    const rows = await database.read(sql`select key_hash, content from web_session`);
    for (const { key_hash: key, content } of rows) {
      const unconfirmed = String(content).replace(/"confirmedAt":\d+/, '"confirmedAt":0');
      await database.write(
        sql`update web_session set content = ${unconfirmed} where key_hash = ${key ?? null}`,
      );
    }
    await database.close();
  };

  it('holds no secret that was typed into the form before it, and loses none', async () => {
    await letPass();
    const asked = await testConsole.post(FORM, TYPED);
    expect(asked.status).toBe(403);
    const again = await testConsole.post(FORM, {
      ...fieldsIn(asked.text),
      'confirm-password': 'not the password',
    });
    expect(again.status).toBe(403);
    for (const { text } of [asked, again]) {
      expect(text).toContain('Confirm it’s you');
      expect(text).toContain(MINGLE.url);
      for (const secret of [SECRET, HOSTS_OWN]) expect(text).not.toContain(secret);
    }
    const fields = { ...fieldsIn(again.text), 'confirm-password': 'four words in a row' };
    // The host is not there: what is shown again says so, and that both secrets are.
    const { status, text } = await testConsole.post(FORM, fields);
    expect(status).toBe(422);
    expect(text).toMatch(/there is no host wiki/i);
    const saved = await testConsole.post(FORM, { ...fieldsIn(text), 'client-0-remove': 'on' });
    expect(saved.status).toBe(303);
    expect((await testConsole.page('/admin/providers/mingle')).text).toContain(SECRET.slice(-4));
  });
});
