import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../cli/command-line.js';
import { people } from './people.js';
import { pause } from './run/processes.js';
import { projectPath } from './site/files.js';

const gadgetOrigin = 'http://127.0.0.1:3999';
const secret = 's'.repeat(40);

describe('The portal', () => {
  let portal: ChildProcess;
  let url: string;
  beforeAll(async () => {
    const port = await freePort();
    url = `http://localhost:${port}`;
    const env = { PORTAL_PORT: String(port), PORTAL_PEOPLE: JSON.stringify(people) };
    portal = spawn(process.execPath, [projectPath('test', 'demo', 'portal', 'portal.mjs')], {
      env: { ...process.env, ...env, GADGET_ORIGIN: gadgetOrigin, HOST_SECRET: secret },
      stdio: 'inherit',
    });
    while (!(await fetch(url).catch(() => null))) await pause(50);
  });
  afterAll(async () => {
    portal.kill('SIGTERM');
    await once(portal, 'exit');
  });

  const post = (path: string, body: string, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: url, ...headers },
      body,
    });
  const signIn = async (login: string, password: string): Promise<string> => {
    const answer = await post('/sign-in', new URLSearchParams({ login, password }).toString());
    return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  };
  const page = async (cookie: string): Promise<string> => (await fetch(url, { headers: { cookie } })).text();

  it('frames gadgets of both applications for the person who is signed in', async () => {
    const shown = await page(await signIn('dana', 'dana'));
    expect(shown).toContain('Dana Novak');
    expect(shown).toContain(`<script src="${gadgetOrigin}/embed.js" async></script>`);
    for (const gadget of ['gocd-pipelines', 'mingle-cards'])
      expect(shown).toContain(`<oriel-gadget host="portal" gadget="${gadget}" token-url="/oriel-token"`);
    expect(shown).not.toMatch(/\{\w/);
  });

  it('asks anyone else to sign in, and forgets who signed out', async () => {
    expect(await page('')).toContain('Sign in</button>');
    expect(await page(await signIn('dana', 'wrong'))).not.toContain('oriel-gadget');
    const cookie = await signIn('ann', 'ann');
    expect(await page(cookie)).toContain('Ann Kowalski');
    await post('/sign-out', '', { cookie });
    expect(await page(cookie)).not.toContain('Ann Kowalski');
  });

  it('signs who is looking, for its own pages alone', async () => {
    const cookie = await signIn('ann', 'ann');
    const ask = (headers: Readonly<Record<string, string>>, body = '{"gadget":"mingle-cards"}') =>
      post('/oriel-token', body, headers);
    const { token } = (await (await ask({ cookie })).json()) as { readonly token: string };
    const [header = '', payload = '', signature] = token.split('.');
    expect(createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url')).toBe(signature);
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    expect(claims).toMatchObject({ iss: 'portal', aud: gadgetOrigin, gadget: 'mingle-cards' });
    expect(claims.sub).toBe(people[0]?.subject);
    expect((await ask({})).status).toBe(401);
    expect((await ask({ cookie, origin: 'http://evil.example' })).status).toBe(403);
    expect((await ask({ cookie }, 'not JSON')).status).toBe(400);
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
  });
});
