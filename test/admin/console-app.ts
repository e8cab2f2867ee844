import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import type Koa from 'koa';
import type { AdminDeps } from '../../src/admin/admin-deps.js';
import { createApiKey, listApiKeys } from '../../src/admin/api-keys/use-cases.js';
import { ScryptPasswords } from '../../src/admin/people/password-hashing.js';
import {
  acceptInvitation,
  findAdministrator,
  inviteAdministrator,
  inviteFirstAdministrator,
  listAdministrators,
  removeAdministrator,
  resetPassword,
} from '../../src/admin/people/use-cases.js';
import { AccessTokens } from '../../src/connect/tokens/access-tokens.js';
import type { Actor } from '../../src/domain/actor.js';
import type { IdentityProvider } from '../../src/domain/administrator-sign-in.js';
import type { AuditEvent } from '../../src/domain/audit-event.js';
import { Secret } from '../../src/domain/secret.js';
import { consoleOf } from '../../src/server.js';
import { originRouter, webApp } from '../../src/web/app.js';
import { loadAssets } from '../../src/web/load-assets.js';
import { errorPagesIn } from '../../src/web/site/error-text.js';
import { type ConnectSetup, setUpConnect } from '../connect/connect-setup.js';
import { type Answer, HttpBrowser } from '../support/http-viewer.js';
import { ownViews } from '../support/own-views.js';

const ROOT = resolve(import.meta.dirname, '../..');
export const PASSWORD = 'four words in a row';

/** Weak on purpose: what they cost is looked at elsewhere. */
export const quickPasswords = () => new ScryptPasswords({ N: 2 ** 10, r: 8, p: 1 });

export const tokenIn = (answer: Pick<Answer, 'text'>): string =>
  /name="form-token" value="([\w-]+)"/.exec(answer.text)?.[1] ?? '';

export type ConsoleApp = Awaited<ReturnType<typeof startConsole>>;

/** The console on a port of loopback: real pages, real store, a clock that stands still. */
export const startConsole = async (
  given: {
    identityProvider?: (siteOrigin: string) => IdentityProvider;
    /** The site's origin, where it is another than its address. */
    siteOrigin?: (port: number) => string;
    deps?: (ports: ConnectSetup['ports']) => Partial<Omit<AdminDeps, 'authorizer'>>;
  } = {},
) => {
  const setup = await setUpConnect();
  let app: ReturnType<Koa['callback']>;
  const server = createServer((request, response) => void app(request, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}`;
  const siteOrigin = given.siteOrigin?.(port) ?? address;
  const gadgetOrigin = siteOrigin.includes('localhost') ? address : `http://localhost:${port}`;
  const events: AuditEvent[] = [];
  const ports = {
    ...setup.ports,
    siteOrigin,
    gadgetOrigin,
    audit: { record: async (event: AuditEvent) => void events.push(event) },
    passwords: quickPasswords(),
    identityProvider: given.identityProvider?.(siteOrigin) ?? null,
  };
  // What only other pages need is theirs to test: here none of it is called.
  const deps = { access: new AccessTokens(ports), ...ports, ...given.deps?.(ports) } as unknown as AdminDeps;
  const manage = {
    administrators: {
      list: () => listAdministrators(deps),
      named: (name: string) => findAdministrator(deps, name),
      inviteFirst: () => inviteFirstAdministrator(deps),
      invite: (by: Actor) => inviteAdministrator(deps, by),
      accept: (token: Secret, name: string, password: Secret) =>
        acceptInvitation(deps, token, name, password),
      reset: (id: string, by: Actor) => resetPassword(deps, id, by),
      remove: (id: string, by: Actor) => removeAdministrator(deps, id, by),
    },
    apiKeys: {
      list: () => listApiKeys(deps),
      create: (wanted: Parameters<typeof createApiKey>[1], by: Actor) => createApiKey(deps, wanted, by),
    },
  };
  const bugs: unknown[] = [];
  const pages = {
    gadgetOrigin,
    siteOrigin,
    views: ownViews,
    assets: loadAssets(ROOT, () => [], gadgetOrigin),
    errorPages: errorPagesIn(ROOT),
  };
  const siteRoutes = originRouter();
  app = webApp({
    ...pages,
    log: { request: () => {}, bug: (_, error) => void bugs.push(error) },
    trustedProxies: ['127.0.0.1'],
    ready: { require: async () => {}, faultyGadgets: () => [] },
    frameRoutes: originRouter(),
    gadgetRoutes: originRouter(),
    siteRoutes,
    console: consoleOf(pages, deps),
  }).callback();

  const page = (browser: HttpBrowser, path: string) => browser.send(siteOrigin + path);
  const post = (
    browser: HttpBrowser,
    path: string,
    form: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ) => browser.send(siteOrigin + path, { origin: siteOrigin, form, headers });
  return {
    ...setup,
    ports,
    manage,
    siteRoutes,
    siteOrigin,
    address,
    events,
    bugs,
    page,
    post,
    /** An administrator of this name, whose password is PASSWORD. */
    async admin(name: string) {
      const first = await manage.administrators.inviteFirst();
      const { link } = first ?? (await manage.administrators.invite({ kind: 'system' }));
      const token = new Secret(new URL(link.reveal()).hash.slice(1));
      return manage.administrators.accept(token, name, new Secret(PASSWORD));
    },
    /** A browser in which this administrator is signed in, and the form token of its session. */
    async signedIn(name = 'ann') {
      const browser = new HttpBrowser();
      const answer = await post(browser, '/admin/sign-in', { name, password: PASSWORD });
      if (answer.status !== 303) throw new Error(`${answer.status} ${answer.text}`);
      const token = tokenIn(await page(browser, '/admin/administrators'));
      return { browser, token };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await setup.stores.close();
    },
  };
};
