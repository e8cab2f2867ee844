import { type Connection, factValuesOf } from '../../src/domain/connection.js';
import { Secret } from '../../src/domain/secret.js';
import type { Viewer } from '../../src/domain/viewer.js';
import { originsOf, type Provider } from '../../src/providers/provider.js';
import { FrameImages, IMAGE_LIMITS, type ImageLimits } from '../../src/render/frame-images.js';
import { ImageAddresses } from '../../src/render/image-addresses.js';
import { Upstream } from '../../src/upstream/upstream.js';
import { gadget, request } from '../support/a-gadget.js';
import { TestClock } from '../support/test-clock.js';
import type { StubServer } from '../upstream/stub-server.js';
import { gocd } from './a-host.js';
import { connection, frameOf, provider, question } from './render-setup.js';

export const KEY = { id: 'k', key: new Secret('k'.repeat(43)) };
export const OLD_KEY = { id: 'o', key: new Secret('o'.repeat(43)) };

export const hostOf = ({ origin }: StubServer): string => new URL(origin).host;

/** One gadget that shows pictures of its provider and of one other host, with real calls and caches. */
export const setUpImages = (
  { api, pictures }: { readonly api: StubServer; readonly pictures: StubServer },
  limits: Partial<ImageLimits> = {},
) => {
  const shown = gadget({
    requests: [request('people', { provider: 'mingle' })],
    images: ['{provider}', hostOf(pictures)],
  });
  let gadgets = [shown];
  /** What tokens are bound to, where that is not what the record says now. */
  let bound: readonly string[] | null = null;
  let keys = [KEY];
  const clock = new TestClock();
  const misplaced: string[] = [];
  const upstream = new Upstream({
    ...{ clock, userAgent: 'Oriel/test', maxStaleMs: () => 0 },
    ...{ meter: { called: () => {}, answered: () => {} }, journal: { warn: () => {} } },
    misplaced: (what) => void misplaced.push(what),
  });
  const records = new Map<string, Provider>([
    ['mingle', provider('mingle', { api: `${api.origin}/api`, allowAddresses: ['127.0.0.0/8'] })],
  ]);
  const connections = new Map<string, Connection>();
  const find = (viewer: Viewer): Connection | null => connections.get(viewer.id) ?? null;
  const directory = {
    host: () => gocd,
    gadget: (id: string) => gadgets.find((each) => each.id === id),
    provider: (id: string) => records.get(id),
  };
  const bounds = { ...IMAGE_LIMITS, ...limits };
  const addresses = new ImageAddresses(directory, () => keys, bounds.named);
  const images = new FrameImages(
    {
      ...{ addresses, clock, directory, upstream, caches: upstream.caches },
      connections: { find: async (viewer) => find(viewer), recall: () => undefined },
      access: {
        async fresh(viewer, asking) {
          const found = find(viewer);
          if (found === null) return { kind: 'none' };
          const token = new Secret(`${viewer.sub}-${found.version}`);
          const origins = bound ?? originsOf(asking, factValuesOf(found));
          return { kind: 'access', access: { connection: found, token, origins } };
        },
      },
    },
    bounds,
  );
  /** The address that a rendering for this viewer has for a picture; null where it shows none. */
  const named = (viewer: Viewer, written: string, of = shown): string | null => {
    const found = find(viewer);
    const sources = found === null ? [] : [{ provider: 'mingle', api: '', connection: found }];
    return addresses.namerFor(of, sources)?.(written) ?? null;
  };
  const open = (viewer: Viewer, address: string | null) =>
    images.find(frameOf('f', question(shown, { viewer })), (address ?? 'none').replace('/frame/images/', ''));
  return {
    ...{ shown, clock, upstream, records, misplaced, addresses, named, open },
    connect: (viewer: Viewer, more: Partial<Connection> = {}) =>
      connections.set(viewer.id, connection(viewer, 'mingle', more)),
    disconnect: (viewer: Viewer) => connections.delete(viewer.id),
    serve: (...next: readonly (typeof shown)[]) => {
      gadgets = [...next];
    },
    bind: (...origins: readonly string[]) => {
      bound = origins;
    },
    use: (...next: readonly (typeof KEY)[]) => {
      keys = [...next];
    },
    show: async (viewer: Viewer, written: string) => {
      const image = await open(viewer, named(viewer, written));
      return typeof image === 'object' && image !== null ? `${image.width} × ${image.height}` : image;
    },
  };
};
