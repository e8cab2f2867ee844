import { LRUCache } from 'lru-cache';
import type { Directory } from '../config/directory.js';
import type { AccessTokens } from '../connect/tokens/access-tokens.js';
import {
  type Connection,
  factValuesOf,
  isSameOwner,
  type Owned,
  type Owner,
  ownerOf,
} from '../domain/connection.js';
import type { FrameSession } from '../domain/frame-session.js';
import type { Gadget } from '../domain/gadget.js';
import type { Clock } from '../domain/system.js';
import type { Viewer } from '../domain/viewer.js';
import { mayUse } from '../hosts/host.js';
import { everyApi, mayTravel } from '../providers/provider.js';
import type { ConnectionCaches } from '../upstream/cache.js';
import type { CleanImage, ImageBounds } from '../upstream/clean-image.js';
import type { FetchedImage } from '../upstream/fetch-image.js';
import type { Upstream } from '../upstream/upstream.js';
import { gadgetOfHost } from './frame-renderings.js';
import { type ImageAddresses, type ImageSource, imageSource } from './image-addresses.js';
import type { UsableDeps } from './usable-connections.js';

/** Bounds of the pictures of gadgets. */
export interface ImageLimits extends ImageBounds {
  /** Pictures that one rendering names. */
  readonly named: number;
  /** Fetched at the same time for one viewer, and in all. */
  readonly atOnce: number;
  readonly atOnceInAll: number;
  /** Requests that wait for their turn, in all. */
  readonly waiting: number;
  /** Fetched for one viewer in a minute. */
  readonly perMinute: number;
  /** Viewers whose fetches of the last minute are counted. */
  readonly viewers: number;
}

export const IMAGE_LIMITS: ImageLimits = {
  bytes: 1024 * 1024,
  pixels: 4_000_000,
  named: 100,
  atOnce: 6,
  atOnceInAll: 60,
  waiting: 2000,
  perMinute: 300,
  viewers: 10_000,
};

export interface FrameImagesDeps {
  readonly directory: Pick<Directory, 'host' | 'gadget' | 'provider'>;
  readonly connections: UsableDeps['connections'];
  readonly access: Pick<AccessTokens, 'fresh'>;
  readonly upstream: Pick<Upstream, 'image' | 'sendsToken'>;
  readonly caches: Pick<ConnectionCaches, 'get' | 'set'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly addresses: ImageAddresses;
}

/** A picture, or the stable code of why there is none. */
export type FrameImage = CleanImage | string;

/** What became of a picture, in the private cache of the Connection that it was fetched through. */
class KeptImage implements Owned {
  readonly owner: Owner;
  readonly image: FrameImage;

  constructor(owner: Owner, image: FrameImage) {
    this.owner = owner;
    this.image = image;
  }
}

/** Milliseconds. */
const KEPT_FOR = 60 * 60_000;
const REFUSED_FOR = 60_000;
const MINUTE = 60_000;

/** Lets so many in at a time, of one viewer and in all; others wait, as far as there is room to. */
class Turns {
  readonly #limits: ImageLimits;
  readonly #inside = new Map<string, number>();
  #total = 0;
  #waiting: { readonly viewer: string; readonly enter: () => void }[] = [];

  constructor(limits: ImageLimits) {
    this.#limits = limits;
  }

  /** Does the work when it is its turn; null where too many wait. */
  async take<T>({ id }: Viewer, work: () => Promise<T>): Promise<T | null> {
    if (this.#hasRoom(id)) this.#count(id);
    else {
      if (this.#waiting.length >= this.#limits.waiting) return null;
      await new Promise<void>((enter) => this.#waiting.push({ viewer: id, enter }));
    }
    try {
      return await work();
    } finally {
      this.#leave(id);
    }
  }

  #hasRoom(viewer: string): boolean {
    return this.#total < this.#limits.atOnceInAll && (this.#inside.get(viewer) ?? 0) < this.#limits.atOnce;
  }

  #count(viewer: string): void {
    this.#inside.set(viewer, (this.#inside.get(viewer) ?? 0) + 1);
    this.#total += 1;
  }

  #leave(viewer: string): void {
    const left = (this.#inside.get(viewer) ?? 1) - 1;
    if (left === 0) this.#inside.delete(viewer);
    else this.#inside.set(viewer, left);
    this.#total -= 1;
    const index = this.#waiting.findIndex((each) => this.#hasRoom(each.viewer));
    const [next] = index === -1 ? [] : this.#waiting.splice(index, 1);
    if (next === undefined) return;
    // Counted before it runs: who comes in the meantime must not take the same place.
    this.#count(next.viewer);
    next.enter();
  }
}

/**
 * The pictures that gadgets show: fetched for one viewer, through the Connection of the rendering that named them, and kept in that
 * Connection's private cache. A frame is given only what a rendering of its own gadget named for its own viewer.
 */
export class FrameImages {
  readonly #deps: FrameImagesDeps;
  readonly #limits: ImageLimits;
  readonly #turns: Turns;
  /** Pictures that are being fetched, by their place. */
  readonly #flights = new Map<string, Promise<KeptImage>>();
  readonly #fetched: LRUCache<string, { count: number; readonly since: number }>;

  constructor(deps: FrameImagesDeps, limits: ImageLimits) {
    this.#deps = deps;
    this.#limits = limits;
    this.#turns = new Turns(limits);
    this.#fetched = new LRUCache({ max: limits.viewers });
  }

  /** The picture of an address, or why there is none; null where no rendering named that address for this frame's viewer. */
  async find(session: FrameSession, address: string): Promise<FrameImage | null> {
    const named = await this.#named(session, address);
    if (named === null) return null;
    const { connection, source } = named;
    const owner = ownerOf(connection);
    const key = `image ${source.url.href}`;
    const kept = this.#deps.caches.get(owner, key, 'image');
    if (kept instanceof KeptImage) return kept.image;
    const image = await this.#join(session.viewer, connection, source, key);
    // What was fetched is shown only while the Connection is what it was.
    const now = await this.#deps.connections.find(session.viewer, connection.provider);
    const isCurrent = now?.status === 'active' && isSameOwner(ownerOf(now), image.owner);
    return isCurrent && isSameOwner(image.owner, owner) ? image.image : null;
  }

  /** What an address stands for, where it was named for this frame's gadget and viewer, and everything is still as it was then. */
  async #named(
    { viewer, gadget: name }: FrameSession,
    address: string,
  ): Promise<{ readonly connection: Connection; readonly source: ImageSource } | null> {
    const { addresses, connections, directory } = this.#deps;
    const host = directory.host(viewer.host);
    if (host === undefined) return null;
    const gadget: Gadget = gadgetOfHost(directory, host, name);
    const read = addresses.read(gadget, address);
    const provider = read === null ? undefined : directory.provider(read.provider);
    if (read === null || provider === undefined || !mayUse(host, read.provider)) return null;
    const connection =
      connections.recall(viewer, read.provider) ?? (await connections.find(viewer, read.provider));
    if (connection?.status !== 'active' || !addresses.isNamed(gadget, connection, read)) return null;
    const source = imageSource(gadget.images, everyApi(provider, factValuesOf(connection)), read.url.href);
    return source === null ? null : { connection, source };
  }

  #join(viewer: Viewer, connection: Connection, source: ImageSource, key: string): Promise<KeptImage> {
    const place = JSON.stringify([connection.id, connection.generation, key]);
    const running = this.#flights.get(place);
    if (running !== undefined) return running;
    const flight = this.#fetch(viewer, connection, source, key).finally(() => this.#flights.delete(place));
    this.#flights.set(place, flight);
    return flight;
  }

  async #fetch(viewer: Viewer, connection: Connection, source: ImageSource, key: string): Promise<KeptImage> {
    const owner = ownerOf(connection);
    const fetched = this.#mayFetch(viewer)
      ? await this.#turns.take(viewer, () => this.#ask(viewer, connection, source))
      : null;
    if (fetched === null) return new KeptImage(owner, 'images-too-many');
    const kept = new KeptImage(owner, fetched.image);
    const [bytes, life] =
      typeof fetched.image === 'string' ? [0, REFUSED_FOR] : [fetched.image.bytes.length, KEPT_FOR];
    if (fetched.mayKeep)
      this.#deps.caches.set(owner, key, kept, bytes, this.#deps.clock.monotonic() + life, 'image');
    return kept;
  }

  /** With the viewer's token where it is for one of the provider's own APIs, else without anything that says who asks. */
  async #ask(viewer: Viewer, connection: Connection, { provider, url }: ImageSource): Promise<FetchedImage> {
    const { access, upstream } = this.#deps;
    if (!upstream.sendsToken(provider, url)) return upstream.image(provider, null, url, this.#limits);
    const granted = await access.fresh(viewer, provider);
    // A token of a Connection that was made in the meantime is not for what this one was shown.
    if (granted.kind !== 'access' || !isSameOwner(ownerOf(granted.access.connection), ownerOf(connection)))
      return { image: 'image-no-token', mayKeep: false };
    // The record names this API only since the person agreed: their token is not for it.
    if (!mayTravel(granted.access.origins, provider.api)) return { image: 'image-no-token', mayKeep: false };
    return upstream.image(provider, granted.access, url, this.#limits);
  }

  /** Counts a fetch, unless the viewer had as many as are allowed within a minute. */
  #mayFetch({ id }: Viewer): boolean {
    const now = this.#deps.clock.monotonic();
    const known = this.#fetched.get(id);
    const counted = known !== undefined && now - known.since < MINUTE ? known : { count: 0, since: now };
    counted.count += 1;
    this.#fetched.set(id, counted);
    return counted.count <= this.#limits.perMinute;
  }
}
