import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpBrowser } from '../../support/http-viewer.js';
import { type ConsoleApp, PASSWORD, startConsole } from '../console-app.js';

/** The field that has the focus, and what is read out with it as its error. */
const faultIn = (text: string): readonly [string | undefined, string | undefined] => {
  const [tag = ''] = /<input [^>]*autofocus[^>]*>/.exec(text) ?? [];
  const name = / name="([^"]+)"/.exec(tag)?.[1];
  const described = / aria-describedby="([^"]+)"/.exec(tag)?.[1] ?? '';
  if (!tag.includes('aria-invalid="true"') || !described.split(' ').includes(`${name}-error`))
    return [name, undefined];
  return [name, new RegExp(`id="${name}-error">([^<]+)<`).exec(text)?.[1]];
};

describe('A form about people that cannot be taken', () => {
  let app: ConsoleApp;
  let browser: HttpBrowser;
  let token: string;
  beforeEach(async () => {
    app = await startConsole();
    await app.admin('ann');
    ({ browser, token } = await app.signedIn());
  });
  afterEach(() => app.close());

  const sent = async (path: string, form: Readonly<Record<string, string>>, as = browser) => {
    const { text } = await app.post(as, path, { ...form, 'form-token': token });
    expect(text).toContain('<title>Error: ');
    return text;
  };

  it('leads to the password at sign-in, and keeps the name', async () => {
    const text = await sent('/admin/sign-in', { name: 'ann', password: 'wrong' }, new HttpBrowser());
    expect(faultIn(text)).toEqual(['password', 'Wrong name or password.']);
    expect(text).toContain('value="ann"');
  });

  it('leads to the password field where it is asked for again', async () => {
    const text = await sent('/admin/confirm', { to: '/admin', 'confirm-password': 'wrong' });
    expect(faultIn(text)).toEqual(['confirm-password', 'Wrong password.']);
  });

  it('leads an invited person to what is wrong', async () => {
    const { link } = await app.manage.administrators.invite({ kind: 'system' });
    const invitation = new URL(link.reveal()).hash.slice(1);
    const good = { token: invitation, name: 'bob', password: PASSWORD, again: PASSWORD };
    const field = async (more: Readonly<Record<string, string>>) =>
      faultIn(await sent('/admin/setup', { ...good, ...more }, new HttpBrowser()))[0];
    expect(await field({ name: ' bob' })).toBe('name');
    expect(await field({ name: 'ann' })).toBe('name');
    expect(await field({ password: 'short', again: 'short' })).toBe('password');
    expect(await field({ again: 'another' })).toBe('again');
  });

  it('leads to the wrong password when an administrator changes their own', async () => {
    const path = '/admin/administrators/password';
    const good = { current: PASSWORD, password: 'another four words', again: 'another four words' };
    for (const [field, more] of [
      ['current', { current: 'wrong' }],
      ['password', { password: 'short', again: 'short' }],
      ['again', { again: 'something else' }],
    ] as const)
      expect(faultIn(await sent(path, { ...good, ...more }))[0]).toBe(field);
  });

  it('says all that is wrong with a new API key, and keeps what was typed', async () => {
    const path = '/admin/api-keys/new';
    const text = await sent(path, { name: 'nightly', days: '400' });
    expect(faultIn(text)).toEqual(['days', 'Enter a whole number from 1 to 365.']);
    for (const seen of ['Choose at least one scope.', 'value="nightly"', 'value="400"'])
      expect(text).toContain(seen);
    const nameless = await sent(path, { name: ' x', days: '30', 'scope.audit:read': 'yes' });
    expect(faultIn(nameless)[0]).toBe('name');
    expect(nameless).toMatch(/name="scope.audit:read" value="yes" checked/);
  });
});
