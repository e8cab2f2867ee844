import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Rendered } from '../../src/domain/rendering.js';
import { Secret } from '../../src/domain/secret.js';
import { viewerOf } from '../../src/domain/viewer.js';
import { loadCatalog } from '../../src/gadgets/load-gadgets.js';
import { readParameters } from '../../src/gadgets/parameters.js';
import { originsOf } from '../../src/providers/provider.js';
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

/** The gadgets as they ship, the demo's Mingle, and what lies between them; consent is given already. */
export const setUpMingle = async () => {
  const mingle = await startMingle({ clients: [seeded] });
  const client = legacyClient(mingle.url, '', '/profile/login');
  return {
    mingle,
    ...(await setUpProvider({ id: 'mingle', name: 'Mingle', url: mingle.url }, client, mingle)),
  };
};

/** The same with the demo's GoCD, whose APIs of old and today are the same server's: the record says which are asked. */
export const setUpGocd = async (edition?: string) => {
  const oriel = { gadgetOrigin: 'http://127.0.0.1:3999', secret: 's'.repeat(40) };
  const server = await startGocd({ oriel, mingle: 'http://localhost:8099', clients: [seeded] });
  const client = legacyClient(server.url, '/go', '/go/auth/login');
  const record = { id: 'gocd', name: 'GoCD', url: `${server.url}/go` };
  return { gocd: record, ...(await setUpProvider(record, client, server, edition)) };
};

const setUpProvider = async (
  { id, name, url }: { readonly id: string; readonly name: string; readonly url: string },
  client: LegacyClient,
  application: RunningApplication,
  edition?: string,
) => {
  const tokens = new Map<string, string>();
  for (const login of ['ann', 'bob']) tokens.set(login, (await client.connect(login)).access_token);

  const { entries, faults } = await loadCatalog(['gadgets'], reading);
  const clock = systemClock;
  const door = new Upstream({
    clock,
    journal: { warn: () => {} },
    meter: { called: () => {} },
    misplaced: neverMisplaced,
    maxStaleMs: () => 0,
    userAgent: 'test',
  });
  const record = provider(id, {
    name,
    api: url,
    site: url,
    authorizationHeader: 'Token token="{token}"',
    allowAddresses: ['127.0.0.0/8', '::1/128'],
    certificates: [],
    ...(edition !== undefined && { edition }),
  });
  const ports: RenderDeps = {
    clock,
    upstream: door,
    fragments: new FragmentCache(door.caches, neverMisplaced),
    directory: { host: () => gocd, providerName: () => record.name, provider: () => record },
    connections: {
      find: async (viewer) => connection(viewer, id),
      recall: (viewer) => connection(viewer, id),
    },
    access: {
      fresh: async (viewer) => ({
        kind: 'access',
        access: {
          connection: connection(viewer, id),
          token: new Secret(tokens.get(viewer.sub) ?? ''),
          origins: originsOf(record),
        },
      }),
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
  ): Promise<Shown> => {
    const gadget = entries.find((entry) => entry.gadget.id === gadgetId)?.gadget;
    if (gadget === undefined) throw new Error(`no gadget ${gadgetId}`);
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
  const close = async (): Promise<void> => {
    await door.close();
    await application.close();
  };
  return { faults, show, close };
};
