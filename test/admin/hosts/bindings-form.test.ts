import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call } from '../../support/test-console.js';
import {
  fieldsIn,
  MINGLE,
  openRecords,
  type RecordPages,
  WIKI,
  wordsIn,
} from '../records/record-pages-setup.js';

const EDIT = '/admin/hosts/wiki/edit';

describe('The form of a host', () => {
  let pages: RecordPages;
  let key: string;
  beforeEach(async () => {
    pages = await openRecords();
    key = await pages.key('hosts:read', 'hosts:write');
    for (const id of ['mingle', 'mingle-two']) {
      const { status, text } = await pages.post('/admin/providers/new/form', {
        ...{ ...MINGLE, id, name: id, url: `https://${id}.example.com` },
        ...{ scopes: 'read', do: 'save' },
      });
      expect(status, wordsIn(text)).toBe(303);
    }
    expect((await pages.post('/admin/hosts/new', WIKI)).status).toBe(200);
  });
  afterEach(() => pages.close());

  const stored = async (): Promise<{ readonly gadgets: unknown }> =>
    (await call(pages, 'GET', '/hosts/wiki', { key })).json.entry;
  const bindByApi = async (gadgets: unknown): Promise<void> => {
    const now = await call(pages, 'GET', '/hosts/wiki', { key });
    const body = { ...now.json.entry, gadgets, providers: ['mingle', 'mingle-two'] };
    const headers = { 'if-match': now.headers.get('etag') ?? '' };
    const { status, text } = await call(pages, 'PUT', '/hosts/wiki', { key, body, headers });
    expect(status, text).toBe(200);
  };

  it('stays a list of gadgets while nothing is bound', async () => {
    await pages.fill(EDIT, { 'gadget.mingle-events': 'on' });
    expect((await stored()).gadgets).toEqual(['mingle-cards', 'mingle-events']);
  });

  it('has another provider play a role, and the usual one again', async () => {
    await pages.fill(EDIT, { 'play.mingle-cards.mingle': 'mingle-two', 'provider.mingle-two': 'on' });
    expect((await stored()).gadgets).toEqual({ 'mingle-cards': { providers: { mingle: 'mingle-two' } } });
    await pages.fill(EDIT, { 'play.mingle-cards.mingle': '' });
    expect((await stored()).gadgets).toEqual({ 'mingle-cards': {} });
  });

  it('adds a gadget under another name, to have its roles played before it is saved', async () => {
    const added = await pages.fill(EDIT, {
      'place-name': 'old-cards',
      'place-gadget': 'mingle-cards',
      'provider.mingle-two': 'on',
      'add-placement': 'on',
    });
    expect(added.status).toBe(200);
    expect((await stored()).gadgets).toEqual(['mingle-cards']);
    const fields = fieldsIn(added.text);
    expect(fields).toMatchObject({
      'gadget.old-cards': 'on',
      'of.old-cards': 'mingle-cards',
      'play.old-cards.mingle': '',
      'place-name': '',
      'provider.mingle-two': 'on',
    });
    const saved = await pages.post(EDIT, { ...fields, 'play.old-cards.mingle': 'mingle-two' });
    expect(saved.status).toBe(303);
    expect((await stored()).gadgets).toEqual({
      'mingle-cards': {},
      'old-cards': { gadget: 'mingle-cards', providers: { mingle: 'mingle-two' } },
    });
  });

  it('saves a name that was typed without pressing Add', async () => {
    await pages.fill(EDIT, { 'place-name': 'old-cards', 'place-gadget': 'mingle-cards' });
    expect((await stored()).gadgets).toMatchObject({ 'old-cards': { gadget: 'mingle-cards' } });
  });

  it.each([
    ['Old Cards', 'Use lower-case letters'],
    ['mingle-cards', 'already has a gadget called “mingle-cards”'],
  ])('refuses the name %s, and loses nothing that was typed', async (name, sentence) => {
    const again = await pages.fill(EDIT, {
      'place-name': name,
      'place-gadget': 'mingle-events',
      name: 'Mine',
    });
    expect(again.status).toBe(422);
    expect(wordsIn(again.text)).toContain(sentence);
    expect(fieldsIn(again.text)).toMatchObject({
      'place-name': name,
      'place-gadget': 'mingle-events',
      name: 'Mine',
    });
  });

  it('keeps what others bound, as they wrote it', async () => {
    const gadgets = {
      'mingle-cards': { gadget: 'mingle-cards', providers: { mingle: 'mingle' } },
      ours: { gadget: 'mingle-events', providers: { mingle: 'mingle-two' } },
      'mingle-murmurs': {},
    };
    await bindByApi(gadgets);
    const { status } = await pages.fill(EDIT, { name: 'Another name' });
    expect(status).toBe(303);
    expect((await stored()).gadgets).toEqual(gadgets);
  });

  it('shows a binding that was changed in the meantime, and saves neither over the other', async () => {
    const mine = fieldsIn((await pages.page(EDIT)).text);
    await bindByApi({ 'mingle-cards': { providers: { mingle: 'mingle-two' } } });
    const conflict = await pages.post(EDIT, { ...mine, name: 'Mine' });
    expect(conflict.status).toBe(409);
    expect(wordsIn(conflict.text)).toContain('Providers of gadgets');
    const merged = fieldsIn(conflict.text);
    expect(merged).toMatchObject({ name: 'Mine', 'play.mingle-cards.mingle': 'mingle-two' });
    expect((await pages.post(EDIT, merged)).status).toBe(303);
    expect((await stored()).gadgets).toEqual({ 'mingle-cards': { providers: { mingle: 'mingle-two' } } });
  });

  it('says at the gadgets that a provider may not be connected to', async () => {
    const again = await pages.fill(EDIT, { 'play.mingle-cards.mingle': 'mingle-two' });
    const fields = fieldsIn(again.text);
    expect([again.status, fields['play.mingle-cards.mingle']]).toEqual([422, 'mingle-two']);
    expect(again.text).toMatch(/href="#gadgets"/);
  });
});
