import { request } from 'undici';

/** A person's browser, as far as HTTP can show: it keeps cookies per host and says where its requests come from. */
export class HttpBrowser {
  readonly #cookies = new Map<string, Map<string, string>>();

  cookies(origin: string): ReadonlyMap<string, string> {
    return this.#cookies.get(new URL(origin).hostname) ?? new Map();
  }

  /** Sends one request without following redirects. A page's own form or script passes its `origin`. */
  async send(
    url: string,
    options: {
      method?: 'GET' | 'POST';
      origin?: string;
      form?: Readonly<Record<string, string>>;
      json?: unknown;
      headers?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<Answer> {
    const { hostname } = new URL(url);
    const jar = this.#cookies.get(hostname) ?? new Map<string, string>();
    this.#cookies.set(hostname, jar);
    const headers: Record<string, string> = { accept: 'text/html', ...options.headers };
    if (jar.size > 0) headers.cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    if (options.origin !== undefined) {
      headers.origin = options.origin;
      headers['sec-fetch-site'] = new URL(url).origin === options.origin ? 'same-origin' : 'cross-site';
    }
    let body: string | null = null;
    if (options.form) {
      body = new URLSearchParams(options.form).toString();
      headers['content-type'] = 'application/x-www-form-urlencoded';
    } else if (options.json !== undefined) {
      body = JSON.stringify(options.json);
      headers['content-type'] = 'application/json';
    }
    const answer = await request(url, {
      // A server that is closed gives idle connections a second, which each test would wait for.
      reset: true,
      method: options.method ?? (body === null ? 'GET' : 'POST'),
      headers,
      body,
    });
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) keep(jar, line);
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

const keep = (jar: Map<string, string>, line: string): void => {
  const [pair = '', ...attributes] = line.split(';');
  const at = pair.indexOf('=');
  const gone = attributes.some((attribute) => /^\s*(max-age=0|expires=thu, 01 jan 1970)/i.test(attribute));
  if (gone) jar.delete(pair.slice(0, at));
  else jar.set(pair.slice(0, at), pair.slice(at + 1));
};

/** Where an answer redirects to, as an absolute URL; throws when it does not. */
export const redirectOf = (answer: Answer, base: string): string => {
  const { location } = answer.headers;
  if (typeof location !== 'string')
    throw new Error(`expected a redirect, got ${answer.status}: ${answer.text.slice(0, 300)}`);
  return new URL(location, base).href;
};

/** What the launch page hands to the frame's script. */
export const frameData = (page: string): { bearer: string; state: string } & Record<string, unknown> => {
  const block = /<script type="application\/json" id="oriel-frame">(.*?)<\/script>/s.exec(page)?.[1];
  if (block === undefined) throw new Error(`no data block in ${page.slice(0, 300)}`);
  return JSON.parse(block);
};

/** One frame of one viewer, driven over HTTP just as the frame's script does it. */
export const httpFrame = (
  site: { gadgetOrigin: string; siteOrigin: string },
  browser = new HttpBrowser(),
) => {
  const { gadgetOrigin, siteOrigin } = site;
  const call = async (bearer: string, path: string, json?: unknown) => {
    const options = { headers: { authorization: `Bearer ${bearer}` }, origin: gadgetOrigin };
    const answer = await browser.send(
      gadgetOrigin + path,
      json === undefined ? options : { ...options, json },
    );
    if (answer.status >= 400) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return JSON.parse(answer.text) as Record<string, string>;
  };
  return {
    browser,
    launch: (host: string, gadget: string, form: Readonly<Record<string, string>>) =>
      browser.send(`${gadgetOrigin}/h/${host}/g/${gadget}`, { form }),
    content: (bearer: string, etag?: string) =>
      browser.send(`${gadgetOrigin}/frame/content`, {
        headers: { authorization: `Bearer ${bearer}`, ...(etag ? { 'if-none-match': etag } : {}) },
      }),
    call,
    /** Goes through the whole consent; `consent` plays the provider's pages and returns the callback's URL. */
    async connect(
      bearer: string,
      provider: string,
      consent: (authorizationUrl: string, browser: HttpBrowser) => Promise<string>,
    ): Promise<string> {
      const { flow = '', ticket } = await call(bearer, '/frame/flows', { provider, intent: 'connect' });
      const opened = await browser.send(`${siteOrigin}/connect/open`, {
        origin: siteOrigin,
        json: { ticket },
      });
      if (opened.status !== 200) throw new Error(`open: ${opened.status} ${opened.text}`);
      const gone = await browser.send(`${siteOrigin}/connect/go`, { origin: siteOrigin, form: { flow } });
      const callback = await consent(redirectOf(gone, siteOrigin), browser);
      await browser.send(redirectOf(await browser.send(callback), siteOrigin));
      const accepted = await browser.send(`${siteOrigin}/connect/accept`, {
        origin: siteOrigin,
        form: { flow },
      });
      if (accepted.status >= 400) throw new Error(`accept: ${accepted.status} ${accepted.text}`);
      const { status = '' } = await call(bearer, `/frame/flows/${flow}`);
      return status;
    },
  };
};
