import type { AdminDeps } from '../../src/admin/admin-deps.js';
import { createApiKey, listApiKeys } from '../../src/admin/api-keys/use-cases.js';
import {
  acceptInvitation,
  findAdministrator,
  inviteAdministrator,
  inviteFirstAdministrator,
  listAdministrators,
  removeAdministrator,
  resetPassword,
} from '../../src/admin/people/use-cases.js';
import type { Actor } from '../../src/domain/actor.js';
import { Secret } from '../../src/domain/secret.js';
import type { ServerParts } from '../../src/server.js';
import { type ConnectServerOptions, createConnectServer } from '../connect/connect-server.js';
import { type Answer, HttpBrowser } from '../support/http-viewer.js';

export const PASSWORD = 'four words in a row';

export const tokenIn = (answer: Pick<Answer, 'text'>): string =>
  /name="form-token" value="([\w-]+)"/.exec(answer.text)?.[1] ?? '';

export type ConsoleApp = Awaited<ReturnType<typeof startConsole>>;

/** The console, and the steps of its administrators. */
export const startConsole = async (
  given: {
    readonly deps?: (deps: AdminDeps) => Partial<AdminDeps>;
    /** Parts that only some tests need otherwise. */
    readonly replace?: (parts: ServerParts) => Partial<ServerParts>;
    readonly config?: Readonly<Record<string, unknown>>;
  } & Pick<ConnectServerOptions, 'clock' | 'port' | 'siteOrigin' | 'gadgetOrigin'> = {},
) => {
  const { deps: others, replace, config, ...options } = given;
  const oriel = await createConnectServer(
    { trustedProxies: ['127.0.0.1/32'], ...config },
    {
      ...options,
      replace: (parts) => {
        const { adminDeps } = parts;
        return {
          adminDeps: { ...adminDeps, ...others?.(adminDeps) },
          ...replace?.(parts),
        };
      },
    },
  );
  const { deps, siteOrigin, stores } = oriel;
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
  const page = (browser: HttpBrowser, path: string) => browser.send(siteOrigin + path);
  const post = (
    browser: HttpBrowser,
    path: string,
    form: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ) => browser.send(siteOrigin + path, { origin: siteOrigin, form, headers });
  return {
    ...oriel,
    manage,
    page,
    post,
    /** What the audit log holds, oldest first: at most the latest hundred. */
    async events() {
      return (await stores.audit.list({}, { before: null, limit: 100 })).toReversed();
    },
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
  };
};
