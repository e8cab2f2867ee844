import { API_SCOPES } from '../../src/domain/administrator.js';
import { HOST_SECRET, signHostToken } from '../support/host-token.js';
import { type Answer, frameData, HttpBrowser, httpFrame } from '../support/http-viewer.js';
import { createTestConsole, type TestConsole } from '../support/test-console.js';

/** Every kind of caller. */
export const IDENTITIES = ['nobody', 'frame', 'viewer', 'administrator', 'wrong scope', 'api key'] as const;
export type Identity = (typeof IDENTITIES)[number];

export interface Knocking {
  readonly testConsole: TestConsole;
  /** One request as this identity would send it, from our own page where it is one of a page. */
  as(identity: Identity, route: Route, scope: string | null): Promise<Answer>;
  /**
   * Prepares everything that is needed to be let in anywhere, and returns a function that sends one request to a route with all of it: session,
   * bearer token, key of every scope, form token, and for a launch a token of the host.
   */
  prepared(): Promise<(route: Route) => Promise<Answer>>;
  close(): Promise<void>;
}

interface Route {
  readonly method: string;
  readonly origin: 'gadget' | 'site';
  readonly path: string;
}

/** Forms are refused without the session's own token, which only a page of the console holds. */
const formToken = async (testConsole: TestConsole): Promise<string> =>
  /name="form-token" value="([\w-]+)"/.exec((await testConsole.page('/admin/administrators')).text)?.[1] ??
  '';

const headersFor = (
  origin: Route['origin'],
  path: string,
  { bearer, key }: { readonly bearer: string; readonly key: string },
): Record<string, string> => {
  if (origin === 'gadget') return { authorization: `Bearer ${bearer}`, 'sec-fetch-dest': 'iframe' };
  return path.startsWith('/api') ? { authorization: `Bearer ${key}` } : {};
};

export const startKnocking = async (): Promise<Knocking> => {
  const testConsole = await createTestConsole({
    hosts: {
      gocd: {
        name: 'GoCD',
        origins: ['http://localhost:8153'],
        key: { algorithm: 'HS256', secret: HOST_SECRET },
        gadgets: ['mingle-cards'],
        providers: ['mingle'],
      },
    },
    providers: {
      mingle: { preset: 'mingle', url: 'https://mingle.example.com', client: { id: 'a', secret: 'b' } },
    },
  });
  const viewer = new HttpBrowser();
  const frame = httpFrame(testConsole, viewer);
  const launched = async (): Promise<string> => {
    const token = await signHostToken({ aud: testConsole.gadgetOrigin });
    const form = { token, 'p.project': 'apollo' };
    return frameData((await frame.launch('gocd', 'mingle-cards', form)).text).bearer;
  };
  /** New each time: one of the addresses erases everything of the viewer. */
  const openSession = async (): Promise<void> => {
    const bearer = await launched();
    const { ticket } = await frame.call(bearer, '/frame/tickets', {});
    const origin = testConsole.siteOrigin;
    await viewer.send(`${origin}/connections/open`, { origin, json: { ticket } });
  };
  const keys = new Map<string, string>();
  const keyFor = async (...scopes: readonly string[]): Promise<string> => {
    const name = scopes.join(' ');
    const known = keys.get(name) ?? (await testConsole.key(...scopes));
    keys.set(name, known);
    return known;
  };

  const bodyOf = async (method: string, path: string, identity: Identity) => {
    if (method === 'GET') return {};
    if (/^\/(frame|api|h\/.*\/leave|connections\/(open|visit)|connect\/open|admin\/preview)/.test(path))
      return { json: {} };
    const token = identity === 'administrator' ? { 'form-token': await formToken(testConsole) } : {};
    return { form: { intent: 'connect', ...token } };
  };

  const bearerOf = async (identity: Identity, scope: string | null): Promise<Record<string, string>> => {
    if (identity === 'frame') return { authorization: `Bearer ${await launched()}` };
    if (identity === 'api key') return { authorization: `Bearer ${await keyFor(scope ?? 'overview:read')}` };
    if (identity !== 'wrong scope') return {};
    const others = API_SCOPES.filter((other) => other !== scope);
    return { authorization: `Bearer ${await keyFor(...others)}` };
  };

  return {
    testConsole,
    async as(identity, { method, origin, path }, scope) {
      const own = origin === 'gadget' ? testConsole.gadgetOrigin : testConsole.siteOrigin;
      const browser =
        identity === 'viewer'
          ? viewer
          : identity === 'administrator'
            ? testConsole.browser
            : new HttpBrowser();
      if (identity === 'viewer') await openSession();
      // One of the addresses signs out.
      if (identity === 'administrator' && (await formToken(testConsole)) === '') await testConsole.signIn();
      return browser.send(own + path.replaceAll(/:\w+/g, 'some-id'), {
        method: method as 'GET',
        ...(method === 'GET' ? {} : { origin: own }),
        headers: await bearerOf(identity, scope),
        ...(await bodyOf(method, path, identity)),
      });
    },
    async prepared() {
      const [bearer, key] = [await launched(), await keyFor(...API_SCOPES)];
      await openSession();
      const token = await formToken(testConsole);
      return async ({ method, origin, path }) => {
        const own = origin === 'gadget' ? testConsole.gadgetOrigin : testConsole.siteOrigin;
        const at = path
          .replace(':host', 'gocd')
          .replace(':gadget', 'mingle-cards')
          .replace(':provider', 'mingle');
        const launch = {
          token: await signHostToken({ aud: testConsole.gadgetOrigin }),
          'p.project': 'apollo',
        };
        const sent = await bodyOf(method, at, 'nobody');
        const form = {
          ...launch,
          intent: 'connect',
          'form-token': token,
          next: '/',
          name: 'ann',
          password: 'x',
        };
        const browser = path.startsWith('/connections') ? viewer : testConsole.browser;
        return browser.send(own + at.replaceAll(/:\w+/g, 'some-id'), {
          method: method as 'GET',
          ...(method === 'GET' ? {} : { origin: own }),
          headers: headersFor(origin, path, { bearer, key }),
          ...('form' in sent ? { form } : sent),
        });
      };
    },
    close: () => testConsole.close(),
  };
};
