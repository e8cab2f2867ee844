import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, KEY, openFolder, type Started, start } from '../cli/command-line.js';
import { frameData, HttpBrowser, httpFrame, redirectOf } from '../support/http-viewer.js';
import { snippet } from './markdown.js';

const GUIDE = 'docs/embedding.md';
const SECRET = 'the-secret-of-the-wiki-in-the-guide-0002';
const folder = openFolder();
let oriel: Started;
let host: Server;
let gadgetOrigin: string;
let siteOrigin: string;

interface Guide {
  sign(oriel: object, said: object): string;
  hostToken(oriel: object, user: object, gadget: string): string;
  connectPage(
    oriel: object,
    siteOrigin: string,
    user: object,
    request: IncomingMessage,
    response: ServerResponse,
  ): void;
}

const guide = async (): Promise<Guide> => {
  const token = folder.write('host-token.mjs', snippet(GUIDE, '// host-token.mjs'));
  const page = folder.write('connect-page.mjs', snippet(GUIDE, '// connect-page.mjs'));
  return { ...(await import(pathToFileURL(token).href)), ...(await import(pathToFileURL(page).href)) };
};

/** The user whose session the host finds in any browser. */
let user = { id: 'u-17' };
const wiki = () => ({ host: 'wiki', gadgetOrigin, secret: SECRET });

beforeAll(async () => {
  const port = await freePort();
  gadgetOrigin = `http://127.0.0.1:${port}`;
  siteOrigin = `http://localhost:${port}`;
  const { connectPage } = await guide();
  host = createServer((request, response) => connectPage(wiki(), siteOrigin, user, request, response));
  await new Promise<void>((ready) => host.listen(0, '127.0.0.1', ready));
  const hostOrigin = `http://localhost:${(host.address() as AddressInfo).port}`;
  const yaml = snippet(GUIDE, '# oriel.yaml')
    .replaceAll(':3000', `:${port}`)
    .replaceAll('http://localhost:4000', hostOrigin)
    .replace('gadgets: [', `connect: { mode: reauth, url: "${hostOrigin}/oriel-connect" }\n    gadgets: [`);
  const file = folder.write('oriel.yaml', `${yaml}listen: { port: ${port} }\n`);
  oriel = start(['serve', '--config', file], {
    cwd: folder.path,
    env: { ORIEL_KEY: KEY, HOST_SECRET: SECRET },
  });
  await oriel.saying('"msg":"ready"');
});
afterAll(async () => {
  oriel.child.kill('SIGTERM');
  await oriel.ended;
  host.close();
  folder.remove();
});

/** From the gadget over the link and the guide's page to what Oriel says of its answer. */
const goOver = async (browser: HttpBrowser): Promise<string> => {
  const frame = httpFrame({ gadgetOrigin, siteOrigin });
  const { hostToken } = await guide();
  const token = hostToken(wiki(), { id: 'u-17', name: 'Ann' }, 'mingle-cards');
  const page = await frame.launch('wiki', 'mingle-cards', { token, 'p.project': 'apollo' });
  const { flow = '', ticket } = await frame.call(frameData(page.text).bearer, '/frame/flows', {
    provider: 'mingle',
    intent: 'connect',
  });
  const json = { ticket, via: 'fragment' };
  await browser.send(`${siteOrigin}/connect/open`, { origin: siteOrigin, json });
  const asked = await browser.send(`${siteOrigin}/connect/ask`, { origin: siteOrigin, form: { flow } });
  const shown = await browser.send(redirectOf(asked, siteOrigin));
  expect(shown.headers['content-security-policy']).toContain(`form-action ${siteOrigin};`);
  const action = /action="([^"]+)"/.exec(shown.text)?.[1] ?? '';
  const value = /name="token" value="([^"]+)"/.exec(shown.text)?.[1] ?? '';
  const origin = new URL(redirectOf(asked, siteOrigin)).origin;
  const answered = await browser.send(action, { origin, form: { token: value } });
  return (await browser.send(redirectOf(answered, siteOrigin))).text.replace(/<[^>]+>/g, '');
};

describe('The page of a host of mode reauth, as the guide writes it', () => {
  it('lets the viewer go on who pressed Connect', async () => {
    expect(await goOver(new HttpBrowser())).toContain('Continue to Mingle');
  });

  it('ends the flow when someone else is signed in', async () => {
    user = { id: 'u-18' };
    expect(await goOver(new HttpBrowser())).toContain('knows a different person');
  });
});
