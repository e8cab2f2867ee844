import { activateFlow } from '../../../src/connect/consent/activate-flow.js';
import { startFlow } from '../../../src/connect/consent/start-flow.js';
import type { Viewer } from '../../../src/domain/viewer.js';
import { alice, gocd } from '../../connect/connect-setup.js';
import { gadget } from '../../support/a-gadget.js';
import { gadgetFiles, hostEntries } from '../../support/entries.js';
import { signHostToken } from '../../support/host-token.js';
import { type Answer, frameData, type HttpBrowser, httpFrame } from '../../support/http-viewer.js';
import { TestClock } from '../../support/test-clock.js';
import { createTestServer } from '../../support/test-server.js';
import { startTokenServer, tokenProviders } from '../../support/token-server.js';

export const TOKEN = 'tok-of-ada-5f2c9a7781d0e3b64c';
const BUILDS = gadget({ id: 'builds', title: 'Builds', providers: ['gocd'] });
const JOBS = gadget({ id: 'jobs', title: 'Jobs', providers: ['jenkins'] });

/** Oriel with a gadget on GoCD and one on Jenkins, for both of which people paste tokens, and the steps of a person who does. */
export const startPasting = async (mode: 'opener' | 'code' = 'opener') => {
  const api = await startTokenServer();
  api.tokens.set(TOKEN, 'ada').set('tok-of-bob-000000000000000000', 'bob');
  const host = { ...gocd, gadgets: ['builds', 'jobs'], providers: ['gocd', 'jenkins'], connectMode: mode };
  const configuration = (providers: Readonly<Record<string, object>> = tokenProviders(api.url)) => ({
    ...{ gadgets: ['./own'], hosts: hostEntries([host]), providers },
  });
  const clock = new TestClock('runs');
  const oriel = await createTestServer(configuration(), {
    ...{ clock, bundled: false, files: { ...gadgetFiles(BUILDS), ...gadgetFiles(JOBS) } },
  });
  const { deps, siteOrigin } = oriel;
  const send = (browser: HttpBrowser, path: string, form: Readonly<Record<string, string>>) =>
    browser.send(siteOrigin + path, { origin: siteOrigin, form });
  const steps = {
    ticket: async (provider = 'gocd', viewer: Viewer = alice): Promise<string> => {
      const profile = { name: 'Alice <Smith>', email: null };
      const gadget = provider === 'gocd' ? 'builds' : 'jobs';
      const wish = { viewer, profile, gadget, provider, intent: 'connect' as const };
      return (await startFlow(deps, wish)).ticket.reveal();
    },
    /** Up to the form that takes the token. */
    async open(browser: HttpBrowser, provider = 'gocd', viewer: Viewer = alice) {
      const ticket = await steps.ticket(provider, viewer);
      const via = mode === 'opener' ? 'opener' : 'fragment';
      const opened = await browser.send(`${siteOrigin}/connect/open`, {
        origin: siteOrigin,
        json: { ticket, via },
      });
      const { flow, html } = JSON.parse(opened.text) as { flow: string; html: string };
      return { flow, html, ticket };
    },
    paste: (browser: HttpBrowser, flow: string, token: string, more: Readonly<Record<string, string>> = {}) =>
      send(browser, '/connect/token', { flow, token, ...more }),
    page: (browser: HttpBrowser, path: string) => browser.send(siteOrigin + path),
    find: (viewer: Viewer = alice, provider = 'gocd') => deps.stores.connections.find(viewer, provider),
    async connect(browser: HttpBrowser, token = TOKEN, viewer: Viewer = alice, more = {}) {
      const { flow } = await steps.open(browser, 'gocd', viewer);
      await steps.paste(browser, flow, token, more);
      await send(browser, '/connect/accept', { flow });
      await activateFlow(deps, flow, viewer);
      return flow;
    },
    frame: async (sub = 'alice', name = 'builds') => {
      const frame = httpFrame(oriel);
      const token = await signHostToken({
        aud: oriel.gadgetOrigin,
        sub,
        name: sub,
        iat: Math.floor(clock.now() / 1000),
        exp: Math.floor(clock.now() / 1000) + 60,
      });
      const { bearer } = frameData((await frame.launch('gocd', name, { token })).text);
      return { frame, content: () => frame.content(bearer), bearer };
    },
    send,
  };
  return {
    ...{ ...oriel, ...steps, api, clock, configuration, ports: deps },
    async close() {
      await oriel.close();
      await api.close();
    },
  };
};

export type Pasting = Awaited<ReturnType<typeof startPasting>>;

/** What a page says, without its tags. */
export const wordsOf = ({ text }: Answer): string => text.replace(/<[^>]*>/g, '').replace(/\s+/g, ' ');
