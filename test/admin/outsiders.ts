import { HttpBrowser } from '../support/http-viewer.js';
import type { ConsoleApp } from './console-app.js';

const HOUR = 60 * 60_000;

const browserWith = (cookies: Readonly<Record<string, string>>): HttpBrowser => {
  const browser = new HttpBrowser();
  const send = browser.send.bind(browser);
  const cookie = Object.entries(cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');
  browser.send = (url, options = {}) => send(url, { ...options, headers: { ...options.headers, cookie } });
  return browser;
};

/** Browsers of people who are no administrators, or not any more. */
export const OUTSIDERS: Readonly<Record<string, (app: ConsoleApp) => Promise<HttpBrowser>>> = {
  'no one signed in': async () => new HttpBrowser(),
  'a viewer’s session': async (app) => {
    const key = 'v'.repeat(43);
    const content = { visitor: { host: 'gocd', sub: 'ann', name: null }, formToken: 'f' };
    await app.stores.webSessions.set(key, JSON.stringify(content), app.clock.now() + HOUR);
    return browserWith({ 'oriel-viewer': key, 'oriel-admin': key });
  },
  'a session that is over': async (app) => {
    const { browser } = await app.signedIn('ann');
    app.clock.pass(HOUR);
    return browser;
  },
  'a removed administrator': async (app) => {
    const bob = await app.admin('bob');
    const { browser } = await app.signedIn('bob');
    await app.manage.administrators.remove(bob.id, { kind: 'system' });
    return browser;
  },
};
