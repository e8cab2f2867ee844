import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Place } from '../../src/cli/verify/verified-server.js';
import { freePort } from './command-line.js';

/** What distinguishes a launch: a memory that leaves one of these out gives one answer to two questions. */
const FACTS = ['viewer', 'host', 'parameters', 'locale', 'time zone', 'consents', 'provider record'] as const;
export type Fact = (typeof FACTS)[number];

/** What a proxy in front gets wrong. */
export type ProxyFault =
  | { readonly kind: 'none' | 'public' | 'shared-etag' | 'logs-answers' | 'ages' | 'by-address' }
  | { readonly kind: 'remembers-launches'; readonly without: Fact };

interface Passed {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
}

const bytesOf = async (message: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

const EVERYONES = '"the same for everyone"';
const HOUR = 3600;

/** A server in front of Oriel, as a company may have one, with one thing wrong. */
export class FaultyProxy {
  readonly place: Place;
  readonly log: string;
  readonly #folder: string;
  readonly #server: Server;
  readonly #fault: ProxyFault;
  readonly #kept = new Map<string, Passed>();
  /** By viewer: how many consents were started or ended, which a good memory would count in. */
  #consents = 0;
  #records = 0;

  private constructor(server: Server, port: number, fault: ProxyFault) {
    const front = (server.address() as AddressInfo).port;
    this.place = { port, gadgetOrigin: `http://127.0.0.1:${front}`, siteOrigin: `http://localhost:${front}` };
    this.#folder = mkdtempSync(join(tmpdir(), 'oriel-proxy-'));
    this.log = join(this.#folder, 'access.log');
    writeFileSync(this.log, '');
    this.#server = server;
    this.#fault = fault;
    server.on('request', (incoming, outgoing) => {
      this.#pass(incoming, outgoing).catch(() => outgoing.destroy());
    });
  }

  static async start(fault: ProxyFault): Promise<FaultyProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new FaultyProxy(server, await freePort(), fault);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await bytesOf(incoming);
    const { url = '/' } = incoming;
    if (/^\/(?:connect|frame\/(?:flows|disconnect))/.test(url)) this.#consents += 1;
    const key = this.#keyOf(incoming, body.toString());
    const known = key === null ? undefined : this.#kept.get(key);
    const answer = known ?? this.#spoilt(incoming, await this.#ask(incoming, body));
    if (key !== null && answer.status === 200) this.#kept.set(key, answer);
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  }

  async #ask(incoming: IncomingMessage, body: Buffer): Promise<Passed> {
    const { method = 'GET', url = '/', headers } = incoming;
    const { port } = this.place;
    const isShared = this.#fault.kind === 'shared-etag' && url === '/frame/content';
    const { 'if-none-match': validator, ...others } = headers;
    const sent = isShared ? others : headers;
    const answer = await new Promise<IncomingMessage>((resolve, reject) =>
      request({ host: '127.0.0.1', port, method, path: url, headers: sent, agent: false }, resolve)
        .on('error', reject)
        .end(body),
    );
    const { 'transfer-encoding': _, ...got } = answer.headers;
    const passed = { status: answer.statusCode ?? 0, headers: { ...got }, body: await bytesOf(answer) };
    if (isShared && validator === EVERYONES && passed.status === 200)
      return { ...passed, status: 304, headers: { ...got, etag: EVERYONES }, body: Buffer.alloc(0) };
    return passed;
  }

  #spoilt({ url = '/', method }: IncomingMessage, answer: Passed): Passed {
    const { body, headers } = answer;
    const isOfFrame = /^\/(?:h|frame)\//.test(url);
    switch (this.#fault.kind) {
      case 'public':
        return isOfFrame
          ? { ...answer, headers: { ...headers, 'cache-control': 'public, max-age=60' } }
          : answer;
      case 'ages':
        return isOfFrame ? { ...answer, headers: { ...headers, age: '7' } } : answer;
      case 'shared-etag':
        return url === '/frame/content' && answer.status === 200
          ? { ...answer, headers: { ...headers, etag: EVERYONES } }
          : answer;
      case 'logs-answers':
        appendFileSync(this.log, `${method} ${url} ${body.toString('latin1').replaceAll('\n', ' ')}\n`);
        return answer;
      default:
        return answer;
    }
  }

  /** What an answer is remembered by; null where none is. */
  #keyOf({ url = '/', method, headers }: IncomingMessage, body: string): string | null {
    if (
      this.#fault.kind === 'by-address' &&
      url === '/frame/content' &&
      headers['if-none-match'] === undefined
    )
      return `${url} ${this.#consents}`;
    if (this.#fault.kind !== 'remembers-launches' || method !== 'POST' || !url.startsWith('/h/')) return null;
    const form = new URLSearchParams(body);
    const [, claims = ''] = (form.get('token') ?? '').split('.');
    const { sub, iat, params = {} } = JSON.parse(Buffer.from(claims, 'base64url').toString());
    const [, , host, , gadget] = url.split('/');
    const open = [...form]
      .filter(([name]) => name.startsWith('p.'))
      .map(([name, value]) => [name.slice(2), value]);
    const facts: Readonly<Record<Fact, unknown>> = {
      viewer: sub,
      host,
      parameters: [...open, ...Object.entries(params)].sort(),
      locale: form.get('locale'),
      'time zone': form.get('time-zone'),
      consents: this.#consents,
      'provider record': this.#records,
    };
    const { without } = this.#fault;
    const known = FACTS.filter((fact) => fact !== without).map((fact) => facts[fact]);
    return JSON.stringify([gadget, Math.floor(iat / HOUR), ...known]);
  }
}
