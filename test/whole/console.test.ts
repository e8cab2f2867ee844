import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Measured } from '../../src/domain/meter.js';
import { Secret } from '../../src/domain/secret.js';
import { openStores } from '../../src/store/open-stores.js';
import { start } from '../cli/command-line.js';
import { frameData, HttpBrowser, httpFrame } from '../support/http-viewer.js';
import { mingleConsent } from '../support/mingle-consent.js';
import { TestClock } from '../support/test-clock.js';
import { cardsForm, startWhole, type Whole } from '../support/whole.js';
import { leaksIn, secretsOf } from './secrets.js';

const PASSWORD = 'four words in a row';
const PAGES = ['/admin', '/admin/connections', '/admin/connections/refreshing', '/admin/bulk-disconnects'];

let whole: Whole;
/** What was answered to frames, by state. */
const shown: string[] = [];

const see = ({ headers }: { headers: Readonly<Record<string, unknown>> }): void => {
  const state = headers['x-oriel-state'];
  if (typeof state === 'string') shown.push(state);
};

/** Connects, looks at cards a few times, with a worn-out token and a broken provider in between. */
const live = async (sub: string): Promise<void> => {
  const frame = httpFrame(whole);
  const launch = async (more = {}) => {
    const { text } = await frame.launch('gocd', 'mingle-cards', cardsForm(await whole.token(sub), more));
    const { bearer, state } = frameData(text);
    shown.push(state);
    return bearer;
  };
  const bearer = await launch();
  expect(await frame.connect(bearer, 'mingle', mingleConsent(sub))).toBe('active');
  for (let n = 0; n < 4; n += 1) see(await frame.content(bearer));
  await whole.tell({ expire: sub });
  await launch({ 'p.sort': 'Number ASC' });
  await whole.tell({ fault: { paths: ['/api/'], status: 500, body: 'out of order' } });
  await launch({ 'p.sort': 'Name ASC' });
  await whole.tell({ clear: null });
};

/** An administrator's browser, by the link that the command prints. */
const administrator = async (): Promise<HttpBrowser> => {
  const origin = whole.siteOrigin;
  const { out } = await start(['admin', 'invite', '--config', 'oriel-0.yaml'], { cwd: whole.folder }).ended;
  const token = new URL(out.trim()).hash.slice(1);
  const browser = new HttpBrowser();
  const form = { token, name: 'ruth', password: PASSWORD, again: PASSWORD };
  const accepted = await browser.send(`${origin}/admin/setup`, { origin, form });
  expect(accepted.status).toBe(303);
  await browser.send(`${origin}/admin/sign-in`, { origin, form: { name: 'ruth', password: PASSWORD } });
  return browser;
};

/** Every name, title and sentence that the provider's API sent. */
const upstreamTexts = (): readonly string[] => {
  const bodies = whole.mingle.exchanges.filter(({ url }) => url.startsWith('/api/')).map(({ body }) => body);
  const texts = bodies.flatMap((body) =>
    [...body.matchAll(/>([^<>]{6,})</g)].map(([, text = '']) => text.trim()),
  );
  return [...new Set(texts)].filter((text) => text.length > 5 && /[a-z]/i.test(text));
};

beforeAll(async () => {
  whole = await startWhole({ processes: 2, provider: { pkce: 'S256' } });
  await live('ann');
  await live('bob');
});
afterAll(() => whole.close());

describe('the console over two processes, after a day of two people', () => {
  let browser: HttpBrowser;
  const page = async (path: string): Promise<string> => {
    const { status, text } = await browser.send(whole.siteOrigin + path);
    expect([path, status]).toEqual([path, 200]);
    return text;
  };
  beforeAll(async () => {
    browser = await administrator();
  });

  it('shows who is connected, and how the day was on a process that has ended', async () => {
    const text = await page('/admin/connections');
    expect(text).toContain('>ann<');
    expect(text).toContain('>bob<');
    expect(text).toContain('2 active');
    await whole.end(1);
    whole.oriel.to(whole.ports[0] ?? 0);
    expect(await page('/admin')).toContain('<svg');
  });

  it('holds no token and no byte of what the provider answered', async () => {
    const texts = upstreamTexts();
    expect(texts.length).toBeGreaterThan(10);
    const secrets = secretsOf(whole);
    const revoke = /href="(\/admin\/connections\/[^"/]+\/revoke)"/.exec(
      await page('/admin/connections'),
    )?.[1];
    for (const path of [...PAGES, revoke ?? '', '/admin/connections/revoke-all?provider=mingle']) {
      const text = await page(path);
      expect(leaksIn(text, secrets).filter(({ kind }) => kind !== 'oriel-admin')).toEqual([]);
      expect(texts.filter((each) => text.includes(each))).toEqual([]);
    }
  });

  it('counts each rendering, call and refresh of both processes once', async () => {
    await whole.stop();
    const key = { id: 'k', key: new Secret(whole.secrets.key) };
    const clock = new TestClock('runs');
    const stores = await openStores({ url: `sqlite:${join(whole.folder, 'oriel.db')}`, keys: [key], clock });
    const rows = await stores.meter.since(0);
    await stores.close();
    const count = (metric: Measured['metric'], wanted: (row: Measured) => boolean = () => true): number =>
      rows.filter((row) => row.metric === metric && wanted(row)).reduce((sum, row) => sum + row.count, 0);
    expect(count('rendered')).toBe(shown.length);
    expect(count('rendered', ({ outcome }) => outcome === 'connect')).toBe(
      shown.filter((state) => state === 'connect').length,
    );
    const called = whole.mingle.exchanges.filter(({ url }) => url.startsWith('/api/')).length;
    expect(count('called')).toBe(called);
    expect(count('called', ({ outcome }) => outcome === 'down')).toBeGreaterThan(0);
    const refreshed = whole.mingle.exchanges.filter(
      ({ url, requestBody }) => url === '/oauth/token' && /grant_type=refresh/.test(requestBody),
    ).length;
    expect(refreshed).toBeGreaterThan(0);
    expect(count('refreshed', ({ outcome }) => outcome === 'ok')).toBe(refreshed);
  });
});
