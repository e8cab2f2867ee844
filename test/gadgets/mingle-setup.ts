import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ConnectionFacts } from '../../src/domain/connection.js';
import type { Rendered } from '../../src/domain/rendering.js';
import { Secret } from '../../src/domain/secret.js';
import { type Viewer, viewerOf } from '../../src/domain/viewer.js';
import { loadCatalog } from '../../src/gadgets/load-gadgets.js';
import { readParameters } from '../../src/gadgets/parameters.js';
import { bindGadget } from '../../src/hosts/bound-gadget.js';
import { originsOf, type Provider } from '../../src/providers/provider.js';
import { FragmentCache } from '../../src/render/fragment-cache.js';
import type { RenderDeps } from '../../src/render/render-gadget.js';
import { systemClock } from '../../src/server/node-system.js';
import { Upstream } from '../../src/upstream/upstream.js';
import { NunjucksViews } from '../../src/views/nunjucks-views.js';
import { startGocd } from '../demo/gocd/start-gocd.js';
import { startMingle } from '../demo/mingle/start-mingle.js';
import type { RunningApplication } from '../demo/site/application.js';
import { type LegacyClient, legacyClient, seeded } from '../demo/support/legacy-client.js';
import { gocd } from '../render/a-host.js';
import { connection, provider, show as shownBy } from '../render/render-setup.js';
import { neverMisplaced } from '../support/misplaced.js';
import { textOf } from '../views/support/our-views.js';
import { reading } from './reading.js';

export type Shown = Pick<Rendered, 'state'> & { readonly html: string; readonly text: string };

/** An application as a provider. */
export interface Played {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly edition?: string;
  /** What was fixed when people connected. */
  readonly facts?: Readonly<Record<string, string>>;
  /** What else its record says. */
  readonly record?: Partial<Provider>;
  readonly client: Pick<LegacyClient, 'connect'>;
  readonly application: Pick<RunningApplication, 'close'>;
}

const playMingle = async (): Promise<Played> => {
  const application = await startMingle({ clients: [seeded] });
  const { url } = application;
  return { id: 'mingle', name: 'Mingle', url, client: legacyClient(url, '', '/profile/login'), application };
};

const playGocd = async (): Promise<Played> => {
  const oriel = { gadgetOrigin: 'http://127.0.0.1:3999', secret: 's'.repeat(40) };
  const application = await startGocd({ oriel, mingle: 'http://localhost:8099', clients: [seeded] });
  const client = legacyClient(application.url, '/go', '/go/auth/login');
  return { id: 'gocd', name: 'GoCD', url: `${application.url}/go`, client, application };
};

/** The gadgets as they ship, the demo's Mingle, and what lies between them; consent is given already. */
export const setUpMingle = async () => {
  const mingle = await playMingle();
  return { mingle, ...(await setUpProviders([mingle])) };
};

/** The same with the demo's GoCD, whose APIs of old and today are the same server's: the record says which are asked. */
export const setUpGocd = async (edition?: string) => {
  const server = await playGocd();
  return { gocd: server, ...(await setUpProviders([server], edition)) };
};

/** The same with the demo's GoCD and other applications. */
export const setUpGocdAnd = async (others: readonly Played[]) => {
  const server = await playGocd();
  return { gocd: server, ...(await setUpProviders([server, ...others])) };
};

/** The same with other applications alone. */
export const setUpOthers = (others: readonly Played[]) => setUpProviders(others);

/** The same with both. */
export const setUpBoth = async () => {
  const [mingle, server] = await Promise.all([playMingle(), playGocd()]);
  return { mingle, gocd: server, ...(await setUpProviders([server, mingle])) };
};

const setUpProviders = async (played: readonly Played[], edition?: string) => {
  const tokens = new Map<string, string>();
  for (const { id, client } of played)
    for (const login of ['ann', 'bob', 'dana'])
      tokens.set(`${login} ${id}`, (await client.connect(login)).access_token);

  const { entries, faults } = await loadCatalog(['gadgets'], reading);
  const clock = systemClock;
  const upstream = new Upstream({
    clock,
    journal: { warn: () => {} },
    meter: { called: () => {}, answered: () => {} },
    misplaced: neverMisplaced,
    maxStaleMs: () => 0,
    userAgent: 'test',
  });
  const records = new Map(
    played.map(({ id, name, url, edition: own = edition, record: more = {} }) => {
      const record = provider(id, {
        name,
        api: url,
        site: url,
        authorizationHeader: 'Token token="{token}"',
        allowAddresses: ['127.0.0.0/8', '::1/128'],
        certificates: [],
        ...(own !== undefined && { edition: own }),
        ...more,
      });
      return [id, record] as const;
    }),
  );
  const host = { ...gocd, providers: played.map(({ id }) => id) };
  const factsOf = (id: string): ConnectionFacts => {
    const facts = played.find((each) => each.id === id)?.facts ?? {};
    return Object.fromEntries(
      Object.entries(facts).map(([name, value]) => [name, { value, label: null, among: [] }]),
    );
  };
  const connectionOf = ({ sub }: Viewer, id: string) =>
    tokens.has(`${sub} ${id}`)
      ? connection(viewerOf('gocd', sub), id, {
          account: { id: sub, label: sub },
          facts: factsOf(id),
        })
      : null;
  const ports: RenderDeps = {
    clock,
    upstream,
    fragments: new FragmentCache(upstream.caches, neverMisplaced),
    directory: {
      host: () => host,
      providerName: (id) => records.get(id)?.name ?? id,
      provider: (id) => records.get(id),
    },
    connections: {
      find: async (viewer, id) => connectionOf(viewer, id),
      latest: async (viewer, id) => connectionOf(viewer, id),
      recall: (viewer, id) => connectionOf(viewer, id) ?? undefined,
    },
    access: {
      fresh: async (viewer, record) => {
        const { id } = record;
        const found = connectionOf(viewer, id);
        if (found === null) return { kind: 'none' };
        const token = new Secret(tokens.get(`${viewer.sub} ${id}`) ?? '');
        return { kind: 'access', access: { connection: found, token, origins: originsOf(record) } };
      },
      renewed: async () => ({ kind: 'reconnect', reason: 'expired' }),
      accepted: () => {},
    },
    views: new NunjucksViews({ templates: join('templates'), gadgets: entries }),
    noteUse: () => {},
    digest: { sha256: (content) => createHash('sha256').update(content).digest('base64url') },
  };

  const show = async (
    login: string,
    gadgetId: string,
    given: Readonly<Record<string, string>>,
    /** Which providers play which roles. */
    roles: Readonly<Record<string, string>> = {},
  ): Promise<Shown> => {
    const found = entries.find((entry) => entry.gadget.id === gadgetId)?.gadget;
    if (found === undefined) throw new Error(`no gadget ${gadgetId}`);
    const gadget = bindGadget(found, gadgetId, { gadget: gadgetId, providers: roles });
    const parameters = readParameters(gadget, new Map(Object.entries(given)), {});
    const viewer = viewerOf('gocd', login);
    const { state, body } = await shownBy(ports, {
      gadget,
      viewer,
      parameters,
      locale: 'en-GB',
      timeZone: 'UTC',
    });
    const html = new TextDecoder().decode(body);
    return { state, html, text: textOf(html) };
  };
  /** This person has no Connection to that provider from now on. */
  const disconnect = (login: string, id: string): void => {
    tokens.delete(`${login} ${id}`);
  };
  const close = async (): Promise<void> => {
    await upstream.close();
    await Promise.all(played.map(({ application }) => application.close()));
  };
  return { faults, show, disconnect, close };
};
