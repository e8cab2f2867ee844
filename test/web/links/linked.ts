import { createHash } from 'node:crypto';
import type { Host } from '../../../src/hosts/host.js';
import { providerNamed } from '../../connect/connect-setup.js';
import { exampleHost, startGadgetServer } from '../../support/gadget-server.js';
import { signHostToken } from '../../support/host-token.js';
import { type Answer, frameData, HttpBrowser, httpFrame, redirectOf } from '../../support/http-viewer.js';

export const HOST_ORIGIN = 'http://localhost:8153';
export const CONNECT_URL = `${HOST_ORIGIN}/oriel-connect?from=oriel`;

/** Hosts of both modes that have links, one whose window is opened, and another of mode `reauth`. */
const hosts = (): Host[] => [
  { ...exampleHost([HOST_ORIGIN]), connectMode: 'reauth', connectUrl: CONNECT_URL },
  { ...exampleHost([HOST_ORIGIN]), id: 'wiki', name: 'Wiki', connectMode: 'reauth', connectUrl: CONNECT_URL },
  { ...exampleHost([HOST_ORIGIN]), id: 'portal', name: 'Portal', connectMode: 'code' },
  { ...exampleHost([HOST_ORIGIN]), id: 'plain', name: 'Plain' },
];

const provider = providerNamed('mingle', { account: 'none' });

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

export type Linked = Awaited<ReturnType<typeof startLinked>>;

/** Oriel, and each step of a consent that starts with a link, as a browser or a host takes it. */
export const startLinked = async () => {
  let records = hosts();
  const server = await startGadgetServer({ hosts: records, providers: [provider] });
  const { gadgetOrigin, siteOrigin } = server;
  const frame = httpFrame(server);
  const post = (browser: HttpBrowser, path: string, flow: string) =>
    browser.send(siteOrigin + path, { origin: siteOrigin, form: { flow } });

  const steps = {
    async launch(host: string, sub = 'ann', claims: Readonly<Record<string, unknown>> = {}): Promise<string> {
      const token = await signHostToken({ iss: host, aud: gadgetOrigin, sub, name: sub, ...claims });
      const page = await frame.launch(host, 'example', { token, 'p.project': 'apollo' });
      return frameData(page.text).bearer;
    },
    begin: (bearer: string) => frame.call(bearer, '/frame/flows', { provider: 'mingle', intent: 'connect' }),
    look: (bearer: string, flow: string) => frame.call(bearer, `/frame/flows/${flow}`),
    enter: (bearer: string, flow: string, code: string) =>
      new HttpBrowser().send(`${gadgetOrigin}/frame/flows/${flow}/code`, {
        origin: gadgetOrigin,
        headers: { authorization: `Bearer ${bearer}` },
        json: { code },
      }),
    open: (browser: HttpBrowser, ticket: string, via = 'fragment') =>
      browser.send(`${siteOrigin}/connect/open`, { origin: siteOrigin, json: { ticket, via } }),
    /** Starts a flow and opens its link; returns the flow's id. */
    async follow(browser: HttpBrowser, bearer: string): Promise<string> {
      const { flow = '', ticket = '' } = await steps.begin(bearer);
      const opened = await steps.open(browser, ticket);
      if (opened.status !== 200) throw new Error(`open: ${opened.status} ${opened.text}`);
      return flow;
    },
    /** Sends the browser to its host; returns the request. */
    async ask(browser: HttpBrowser, flow: string): Promise<string> {
      const url = new URL(redirectOf(await post(browser, '/connect/ask', flow), siteOrigin));
      return url.searchParams.get('request') ?? '';
    },
    /** A token of purpose `connect`, as the host makes it for the user who is signed in there. */
    vouching: (request: string, sub = 'ann', claims: Readonly<Record<string, unknown>> = {}) =>
      signHostToken({ aud: gadgetOrigin, sub, purpose: 'connect', flow_hash: hashOf(request), ...claims }),
    /** The form that the host's page posts. */
    answer: (browser: HttpBrowser, token: string, host = 'gocd', origin = HOST_ORIGIN) =>
      browser.send(`${siteOrigin}/connect/vouched/${host}`, { origin, form: { token } }),
    /** Where the answer leads, seen by this browser. */
    see: (browser: HttpBrowser, answered: Answer) => browser.send(redirectOf(answered, siteOrigin)),
    post,
    /** From the first question over the provider to the second, in this browser. */
    async consent(browser: HttpBrowser, flow: string, account = 'ada'): Promise<Answer> {
      const gone = redirectOf(await post(browser, '/connect/go', flow), siteOrigin);
      const state = new URL(gone).searchParams.get('state') ?? '';
      const query = new URLSearchParams({ state, code: `code-of-${account}` });
      return browser.send(`${siteOrigin}/connect/callback/mingle?${query}`);
    },
    /** Yes to the second question; returns the page that follows. */
    async accept(browser: HttpBrowser, flow: string): Promise<Answer> {
      return browser.send(redirectOf(await post(browser, '/connect/accept', flow), siteOrigin));
    },
  };
  return {
    ...server,
    ...steps,
    /** Changes a host's record while the server runs. */
    async change(id: string, change: Partial<Host>): Promise<void> {
      records = records.map((host) => (host.id === id ? { ...host, ...change } : host));
      await server.change({ hosts: records });
    },
  };
};

/** What a page says, without its tags. */
export const wordsOf = ({ text }: Answer): string => text.replace(/<[^>]*>/g, '').replace(/\s+/g, ' ');

/** The code that a page shows, as it is written there. */
export const codeOn = (page: Answer): string => /id="oriel-code"><code>([A-Z-]+)</.exec(page.text)?.[1] ?? '';

export const refusalOf = (answer: Answer): string =>
  /"code":"([a-z_]+)"/.exec(answer.text)?.[1] ?? /<code>([a-z_]+)<\/code>/.exec(answer.text)?.[1] ?? '';
