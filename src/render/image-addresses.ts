import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Directory } from '../config/directory.js';
import { type Connection, factValuesOf } from '../domain/connection.js';
import type { Gadget } from '../domain/gadget.js';
import { parseUrl } from '../domain/parse-url.js';
import { OWN_IMAGES } from '../gadgets/manifest.js';
import { everyApi, type Provider } from '../providers/provider.js';
import type { SealingKey } from '../store/sealing/sealing-key.js';
import { isOfApi } from '../upstream/fetch-image.js';
import type { ImageNamer } from '../views/view-models.js';
import type { Source } from './fetch-answers.js';

/** A picture that a gadget may show: where it is, and through whose Connection it is fetched and kept. */
export interface ImageSource {
  /** As the one of its APIs is called that the picture is part of, or lies beside. */
  readonly provider: Provider;
  readonly url: URL;
}

/** What an address on our own origin stands for, as it says itself. */
export interface ReadAddress {
  readonly provider: string;
  readonly url: URL;
  readonly proof: string;
}

const LONGEST = 2048;
const PREFIX = '/frame/images/';
const ADDRESS = /^(\d{1,2})\.([\w-]{1,2800})\.([\w-]{22})$/;
const PROOF_BYTES = 16;

/** Of several APIs on the origin of a picture the one that it is part of, the closest; else the first. */
const ownerOf = (apis: readonly Provider[], url: URL): Provider | undefined => {
  const [beside] = apis.filter(({ api }) => new URL(api).origin === url.origin);
  const [closest] = apis
    .filter((each) => isOfApi(each, url))
    .toSorted((one, other) => other.api.length - one.api.length);
  return closest ?? beside;
};

/**
 * Where a picture is that an answer names, and which of these APIs it belongs to: one on whose own origin it lies, else the first. Null
 * for what is no web address, or lies on a host that the definition does not name.
 */
export const imageSource = (
  images: readonly string[],
  apis: readonly Provider[],
  written: string,
): ImageSource | null => {
  const [first] = apis;
  if (first === undefined || written === '' || written.length > LONGEST || /[\p{Cc}\s]/u.test(written))
    return null;
  const url = parseUrl(written, first.api);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    return null;
  url.hash = '';
  const own = ownerOf(apis, url);
  if (own !== undefined && images.includes(OWN_IMAGES)) return { provider: own, url };
  return images.includes(url.host) ? { provider: own ?? first, url } : null;
};

/**
 * Addresses of pictures on the gadget origin. An address holds where the picture is, and a proof (HMAC-SHA-256 under a key out of the ring)
 * that a rendering named it for this viewer, gadget and Connection; it opens nothing without the bearer of a frame that shows that gadget to
 * that viewer. The same picture has the same address for as long as the Connection lasts, so that a fragment stays the same.
 */
export class ImageAddresses {
  readonly #directory: Pick<Directory, 'provider'>;
  readonly #keys: () => readonly SealingKey[];
  readonly #mostNamed: number;

  /** `keys` gives the ring in force; `mostNamed` is how many pictures one rendering may name. */
  constructor(directory: Pick<Directory, 'provider'>, keys: () => readonly SealingKey[], mostNamed: number) {
    this.#directory = directory;
    this.#keys = keys;
    this.#mostNamed = mostNamed;
  }

  /** Names the pictures of one rendering that was made with these Connections; null where its gadget shows none. */
  namerFor(gadget: Gadget, sources: readonly Source[]): ImageNamer | null {
    const { images } = gadget;
    if (images.length === 0) return null;
    const apis = sources.flatMap(({ provider: id, connection }) => {
      const provider = this.#directory.provider(id);
      return provider === undefined ? [] : everyApi(provider, factValuesOf(connection));
    });
    const named = new Map<string, string | null>();
    return (written) => {
      const known = named.get(written);
      if (known !== undefined) return known;
      if (named.size >= this.#mostNamed) return null;
      const source = imageSource(images, apis, written);
      const connection = sources.find(({ provider }) => provider === source?.provider.id)?.connection;
      const address =
        source === null || connection === undefined ? null : this.#format(gadget, connection, source.url);
      named.set(written, address);
      return address;
    };
  }

  /** What the last part of an address says; null where it has no sound form, or names no provider of this gadget. */
  read({ providers }: Gadget, text: string): ReadAddress | null {
    const [, index = '', packed = '', proof = ''] = ADDRESS.exec(text) ?? [];
    const provider = index === '' ? undefined : providers[Number(index)];
    const url = parseUrl(Buffer.from(packed, 'base64url').toString());
    return provider === undefined || url === null ? null : { provider, url, proof };
  }

  /** Whether a rendering of this gadget named the address for the viewer of this Connection. */
  isNamed(gadget: Gadget, connection: Connection, { url, proof }: ReadAddress): boolean {
    const given = Buffer.from(proof, 'base64url');
    return this.#keys().some((key) => {
      const expected = proofOf(key, gadget, connection, url);
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  }

  #format(gadget: Gadget, connection: Connection, url: URL): string | null {
    const [key] = this.#keys();
    const index = gadget.providers.indexOf(connection.provider);
    if (key === undefined || index === -1) return null;
    const packed = Buffer.from(url.href).toString('base64url');
    return `${PREFIX}${index}.${packed}.${proofOf(key, gadget, connection, url).toString('base64url')}`;
  }
}

const PURPOSE = 'oriel image';

const proofOf = (
  { key }: SealingKey,
  { id, version }: Gadget,
  connection: Connection,
  { href }: URL,
): Buffer => {
  const facts = [connection.viewer.id, id, version, connection.id, connection.generation, href];
  const own = createHmac('sha256', key.reveal()).update(PURPOSE).digest();
  return createHmac('sha256', own).update(JSON.stringify(facts)).digest().subarray(0, PROOF_BYTES);
};
