import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Row } from '../../src/store/engine/database.js';
import { sql } from '../../src/store/engine/sql.js';
import { openSqlite } from '../../src/store/engine/sqlite.js';
import { frameData, httpFrame } from '../support/http-viewer.js';
import { mingleConsent } from '../support/mingle-consent.js';
import { cardsForm, startWhole, type Whole } from '../support/whole.js';
import { leaksIn, type Secrets, secretsOf, withoutHandovers } from './secrets.js';

const KINDS = [
  ...['client secret', 'host secret', 'key secret', 'access token', 'refresh token', 'code', 'verifier'],
  ...['state', 'nonce', 'ticket', 'bearer', 'host token', 'oriel-viewer'],
];

let whole: Whole;
let secrets: Secrets;
let database: string;
let log: string;
let audit: readonly Row[];

const launch = async (frame: ReturnType<typeof httpFrame>, sub: string, more = {}) => {
  const { text } = await frame.launch('gocd', 'mingle-cards', cardsForm(await whole.token(sub), more));
  return frameData(text).bearer;
};

/** My connections, opened from a frame; disconnects the first. */
const disconnectThere = async (frame: ReturnType<typeof httpFrame>, bearer: string): Promise<void> => {
  const { siteOrigin: origin } = whole;
  const { ticket } = await frame.call(bearer, '/frame/tickets', {});
  await frame.browser.send(`${origin}/connections/open`, { origin, json: { ticket } });
  const list = await frame.browser.send(`${origin}/connections`);
  const action = /action="(\/connections\/[^"]*\/disconnect)"/.exec(list.text)?.[1];
  expect(action).toBeDefined();
  await frame.browser.send(origin + action, { origin, form: {} });
  await frame.browser.send(`${origin}/connections?mine`);
  await frame.browser.send(`${origin}/connections/close`, { origin, form: {} });
};

/** A person's whole day, good and bad. */
const live = async (sub: string): Promise<void> => {
  const { gadgetOrigin } = whole;
  const frame = httpFrame(whole);
  const bearer = await launch(frame, sub);
  expect(await frame.connect(bearer, 'mingle', mingleConsent(sub))).toBe('active');
  await frame.content(bearer);
  await frame.call(bearer, '/frame/renew', { token: await whole.token(sub) });

  await whole.tell({ expire: sub });
  await launch(frame, sub, { 'p.limit': '7' });
  await whole.tell({ fault: { paths: ['/api/'], status: 500, body: 'out of order' } });
  await launch(frame, sub, { 'p.limit': '8' });
  await whole.tell({ clear: null, revoke: sub });
  await launch(frame, sub, { 'p.limit': '9' });
  expect(await frame.connect(bearer, 'mingle', mingleConsent(sub))).toBe('active');
  await frame.call(bearer, '/frame/disconnect', { provider: 'mingle' });
  expect(await frame.connect(bearer, 'mingle', mingleConsent(sub))).toBe('active');
  await disconnectThere(frame, bearer);

  await expect(frame.connect(bearer, 'mingle', mingleConsent(sub, 'No'))).rejects.toThrow();
  await whole.tell({ fault: { paths: ['/oauth/token'], status: 500, body: '{"error":"out-of-order"}' } });
  await expect(frame.connect(bearer, 'mingle', mingleConsent(sub))).rejects.toThrow();
  await whole.tell({ clear: null });

  const token = await whole.token(sub);
  const forged = `${token.slice(0, -6)}AAAAAA`;
  for (const form of [
    cardsForm(token),
    cardsForm(token),
    cardsForm(forged),
    { token: await whole.token(sub) },
  ])
    await frame.launch('gocd', 'mingle-cards', form);
  await frame.launch('nobody', 'mingle-cards', cardsForm(await whole.token(sub)));
  await frame.browser.send(`${gadgetOrigin}/frame/flows`, {
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    method: 'POST',
  });
};

beforeAll(async () => {
  whole = await startWhole({ provider: { pkce: 'S256' } });
  await live('ann');
  await live('bob');
  const last = httpFrame(whole);
  const bearer = await launch(last, 'ann');
  expect(await last.connect(bearer, 'mingle', mingleConsent('ann'))).toBe('active');
  const files = readdirSync(whole.folder).filter((name) => name.startsWith('oriel.db'));
  expect(files).toEqual(expect.arrayContaining(['oriel.db', 'oriel.db-wal']));
  database = files.map((name) => readFileSync(join(whole.folder, name), 'latin1')).join('\n');
  log = await whole.stop();
  database += readFileSync(join(whole.folder, 'oriel.db'), 'latin1');
  const closed = await openSqlite(join(whole.folder, 'oriel.db'));
  audit = await closed.read(sql`select * from audit_entry order by seq`);
  await closed.close();
  secrets = secretsOf(whole);
});
afterAll(() => whole.close());

describe('after a day of two people, no secret of it is found in clear', () => {
  it.each(KINDS)('and there was a %s to be found', (kind) => {
    const [one = ''] = secrets.get(kind) ?? [];
    expect(one.length).toBeGreaterThan(20);
    for (const text of [one, Buffer.from(one).toString('hex'), Buffer.from(one).toString('base64')])
      expect(leaksIn(`before ${text} after`, secrets).map(({ secret }) => secret)).toContain(one);
  });

  it('in the log at its most verbose level (T20)', () => {
    expect(log.split('\n').length).toBeGreaterThan(40);
    expect(leaksIn(log, secrets)).toEqual([]);
  });

  it('in the files of the database, open and closed', () => {
    expect(database.length).toBeGreaterThan(10_000);
    expect(database).toContain('mingle');
    expect(leaksIn(database, secrets)).toEqual([]);
  });

  it('in the audit log, which records the day without naming anyone', () => {
    const logged = audit.map((row) => `${row.action} ${row.code}`);
    for (const each of [
      'flow.started opener',
      'flow.finished null',
      'flow.refused denied',
      'connection.disconnected unsupported',
    ])
      expect(logged.join()).toContain(each);
    const everything = JSON.stringify(audit);
    expect(everything).not.toMatch(/(?<![\w-])(ann|bob)(?![\w-])|@|Ann |Bob /);
    expect(leaksIn(everything, secrets)).toEqual([]);
  });

  it('in any answer, but for the one that hands it over', () => {
    const { exchanges } = whole.oriel;
    expect(exchanges.length).toBeGreaterThan(60);
    expect(
      exchanges.flatMap((exchange) =>
        leaksIn(withoutHandovers(exchange), secrets).map(({ kind }) => [exchange.url, kind]),
      ),
    ).toEqual([]);
  });

  it('in any address, but for the callback that a provider leads to', () => {
    const { oriel, mingle } = whole;
    const ours = oriel.exchanges.map(({ url }) => url).filter((url) => !url.startsWith('/connect/callback/'));
    const theirs = mingle.exchanges.map(({ url }) => url).filter((url) => url.startsWith('/api/'));
    expect(theirs.length).toBeGreaterThan(1);
    expect(leaksIn([...ours, ...theirs].join('\n'), secrets)).toEqual([]);
  });
});
