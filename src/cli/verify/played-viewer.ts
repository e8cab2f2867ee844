import { createHmac, type KeyObject, randomUUID, sign } from 'node:crypto';
import type { HostAlgorithm } from '../../hosts/host.js';
import { unguardedRequest } from '../../net/unguarded-request.js';
import type { HeardAnswer } from './inspector.js';

/** A person before a host's page, as the run names them. */
export interface PlayedPerson {
  readonly host: string;
  readonly sub: string;
}

/** How findings and canaries name a viewer. */
export const viewerName = ({ host, sub }: PlayedPerson): string => `${sub} at ${host}`;

/** What a host signs its tokens with. */
export type HostSigningKey =
  | { readonly algorithm: 'HS256'; readonly secret: string }
  | { readonly algorithm: Exclude<HostAlgorithm, 'HS256'>; readonly key: KeyObject };

/** Seconds that a host token lives. */
const TOKEN_LIFE = 60;
const PSS_SALT = 32;

const signature = (signed: string, key: HostSigningKey): Buffer => {
  if (key.algorithm === 'HS256') return createHmac('sha256', key.secret).update(signed).digest();
  const bytes = Buffer.from(signed);
  switch (key.algorithm) {
    case 'EdDSA':
      return sign(null, bytes, key.key);
    case 'ES256':
      return sign('sha256', bytes, { key: key.key, dsaEncoding: 'ieee-p1363' });
    case 'PS256':
      // RSA_PKCS1_PSS_PADDING
      return sign('sha256', bytes, { key: key.key, padding: 6, saltLength: PSS_SALT });
    case 'RS256':
      return sign('sha256', bytes, key.key);
  }
};

const part = (data: object): string => Buffer.from(JSON.stringify(data)).toString('base64url');

/** A token by which a host names its viewer, as the host's own server would make it. `now` is epoch milliseconds. */
export const hostToken = (
  { host, sub }: PlayedPerson,
  audience: string,
  key: HostSigningKey,
  now: number,
  locked: Readonly<Record<string, string>> = {},
): string => {
  const iat = Math.floor(now / 1000);
  const claims = { iss: host, aud: audience, sub, name: sub, iat, exp: iat + TOKEN_LIFE, jti: randomUUID() };
  const params = Object.keys(locked).length === 0 ? {} : { params: locked };
  const signed = `${part({ alg: key.algorithm, typ: 'JWT' })}.${part({ ...claims, ...params })}`;
  return `${signed}.${signature(signed, key).toString('base64url')}`;
};

/** A gadget, and what its page says of it. */
export interface Launching {
  readonly gadget: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly locale: string;
  readonly timeZone: string;
  /** Names of parameters that the host's token has instead of the page. */
  readonly locked?: readonly string[];
}

/** An answer, read to its end. */
export interface Response {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A gadget on a viewer's screen. */
export interface OpenFrame {
  readonly gadget: string;
  readonly bearer: string;
  /** What the launch showed: the fragment, or a skeleton in its place. */
  readonly launched: string;
}

/** Where Oriel is, and what the viewer is known by there. */
export interface Surroundings {
  readonly gadgetOrigin: string;
  readonly siteOrigin: string;
  readonly key: HostSigningKey;
  now(): number;
  /** When a request starts, for `HeardAnswer.since`. */
  moment(): number;
  hear(answer: HeardAnswer): void;
  /** Called with every secret that this viewer is handed. */
  secret?(text: string): void;
}

/** So often a frame asks again for what is still being made, after so many ms. */
const MOST_TRIES = 100;
const BETWEEN = 25;

const frameData = (page: string): { readonly bearer: string; readonly state: string } => {
  const block = /<script type="application\/json" id="oriel-frame">(.*?)<\/script>/s.exec(page)?.[1];
  if (block === undefined) throw new Error(`A launch was refused: ${refusalIn(page)}`);
  return JSON.parse(block);
};

const refusalIn = (page: string): string =>
  /data-code="([^"]+)"|"code":"([^"]+)"/.exec(page)?.slice(1).find(Boolean) ??
  page.replaceAll(/<[^>]*>|\s+/g, ' ').slice(0, 300);

/** The fragment within a launch page. */
const mainOf = (page: string): string => /<main id="oriel-content">(.*?)<\/main>/s.exec(page)?.[1] ?? '';

interface Sending {
  readonly method?: 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** The gadget that it is about. */
  readonly gadget?: string;
}

/** One person's browser before the frames and pages of Oriel, as far as HTTP can show. Every answer is heard. */
export class PlayedViewer {
  readonly person: PlayedPerson;
  readonly name: string;
  readonly #around: Surroundings;
  /** Cookies by host name. */
  readonly #jars = new Map<string, Map<string, string>>();

  constructor(person: PlayedPerson, around: Surroundings) {
    this.person = person;
    this.name = viewerName(person);
    this.#around = around;
  }

  /** Opens a gadget. Throws a sentence where it is refused. */
  async launch({ gadget, parameters, locale, timeZone, locked = [] }: Launching): Promise<OpenFrame> {
    const { gadgetOrigin, key } = this.#around;
    const isLocked = (name: string): boolean => locked.includes(name);
    const values = Object.entries(parameters);
    const locks = Object.fromEntries(values.filter(([name]) => isLocked(name)));
    const token = hostToken(this.person, gadgetOrigin, key, this.#around.now(), locks);
    this.#around.secret?.(token);
    const open = values.filter(([name]) => !isLocked(name)).map(([name, value]) => [`p.${name}`, value]);
    const form = { token, locale, 'time-zone': timeZone, ...Object.fromEntries(open) };
    const path = `/h/${this.person.host}/g/${gadget}`;
    const { text } = await this.send(gadgetOrigin + path, { form, gadget });
    const { bearer, state } = frameData(text);
    this.#around.secret?.(bearer);
    return { gadget, bearer, launched: state === 'loading' ? '' : mainOf(text) };
  }

  /** What a frame shows now, once it is made. */
  async content({ gadget, bearer }: OpenFrame, etag?: string): Promise<Response> {
    const headers = {
      authorization: `Bearer ${bearer}`,
      ...(etag !== undefined && { 'if-none-match': etag }),
    };
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const answer = await this.send(`${this.#around.gadgetOrigin}/frame/content`, { headers, gadget });
      if (answer.status !== 202) return answer;
      await new Promise((resolve) => setTimeout(resolve, BETWEEN));
    }
    throw new Error(`${gadget} was not ready for ${this.name} in time.`);
  }

  /** Whether what a frame shows still stands. */
  standing({ gadget, bearer }: OpenFrame, etag?: string): Promise<Response> {
    const headers = {
      authorization: `Bearer ${bearer}`,
      ...(etag !== undefined && { 'if-none-match': etag }),
    };
    return this.send(`${this.#around.gadgetOrigin}/frame/standing`, { headers, gadget });
  }

  /** The page at a frame's own address, which has nothing of anyone. */
  relaunchPage(gadget: string): Promise<Response> {
    return this.send(`${this.#around.gadgetOrigin}/h/${this.person.host}/g/${gadget}`, { gadget });
  }

  /** A call of a frame's script. Throws a sentence where it is refused. */
  async call({ gadget, bearer }: OpenFrame, path: string, json?: unknown): Promise<Record<string, string>> {
    const { gadgetOrigin } = this.#around;
    const headers = { authorization: `Bearer ${bearer}`, origin: gadgetOrigin };
    const { status, text } = await this.send(gadgetOrigin + path, { headers, json, gadget });
    if (status >= 400)
      throw new Error(`${path} was refused for ${this.name}: ${status} ${text.slice(0, 200)}`);
    return JSON.parse(text);
  }

  /** The whole consent, from the frame to an active Connection; `cookie` is how the provider knows the person. */
  async connect(frame: OpenFrame, provider: string, cookie: string): Promise<void> {
    const { siteOrigin } = this.#around;
    const own = { origin: siteOrigin, 'sec-fetch-site': 'same-origin' };
    const asked = await this.call(frame, '/frame/flows', { provider, intent: 'connect' });
    const { flow = '', ticket = '' } = asked;
    this.#around.secret?.(ticket);
    await this.#good('/connect/open', { headers: own, json: { ticket } });
    const leaving = await this.#good('/connect/go', { headers: own, form: { flow } });
    const asking = { method: 'GET', headers: { cookie }, body: null } as const;
    const consent = await unguardedRequest(this.#leadsTo(leaving), asking);
    const returned = await this.#good(new URL(consent.headers.get('location') ?? '').href);
    await this.#good(this.#leadsTo(returned));
    await this.#good('/connect/accept', { headers: own, form: { flow } });
    const { status } = await this.call(frame, `/frame/flows/${flow}`);
    if (status !== 'active') throw new Error(`${this.name} could not connect to ${provider}: ${status}`);
  }

  /** Sends one request without following redirects; keeps its cookies. */
  async send(url: string, { form, gadget, headers, json, method }: Sending = {}): Promise<Response> {
    const { hostname, pathname } = new URL(url);
    const jar = this.#jars.get(hostname) ?? new Map<string, string>();
    this.#jars.set(hostname, jar);
    const cookies = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const body =
      form !== undefined
        ? new URLSearchParams(form).toString()
        : json === undefined
          ? null
          : JSON.stringify(json);
    const type = form !== undefined ? 'application/x-www-form-urlencoded;charset=UTF-8' : 'application/json';
    const since = this.#around.moment();
    const answer = await unguardedRequest(url, {
      method: method ?? (body === null ? 'GET' : 'POST'),
      headers: {
        accept: 'text/html, application/json',
        ...(body !== null && { 'content-type': type }),
        ...(cookies !== '' && { cookie: cookies }),
        ...headers,
      },
      body,
    });
    const { status, text } = answer;
    this.#keepCookies(jar, answer.headers);
    const heard = { viewer: this.name, gadget: gadget ?? null, path: pathname, status, text, since };
    this.#around.hear({ ...heard, headers: answer.headers });
    return { status, headers: answer.headers, text };
  }

  async #good(at: string, sending: Sending = {}): Promise<Response> {
    const answer = await this.send(new URL(at, this.#around.siteOrigin).href, sending);
    if (answer.status >= 400) throw new Error(`${at} was refused for ${this.name}: ${answer.status}`);
    return answer;
  }

  #leadsTo(answer: Response): string {
    const location = answer.headers.get('location');
    if (location === null) throw new Error(`A page that leads on was expected, and ${answer.status} came.`);
    return new URL(location, this.#around.siteOrigin).href;
  }

  #keepCookies(jar: Map<string, string>, headers: Headers): void {
    for (const line of headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';');
      const at = pair.indexOf('=');
      const isGone = attributes.some((each) => /^\s*(?:max-age=0|expires=thu, 01 jan 1970)/i.test(each));
      if (isGone) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
      this.#around.secret?.(pair.slice(at + 1));
    }
  }
}
