import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import helmet from 'helmet';
import { signHostToken } from './host-token.js';

/** An application that frames gadgets, as its developer would write it; a test changes what it does while it runs. */
export interface HostPage {
  readonly origin: string;
  /** The user that the application sees; null when no one is signed in. */
  user: string | null;
  /** The address of `embed.js`'s server. */
  gadgetOrigin: string;
  /** Where its page `/oriel-connect` posts the user it knows in a browser: the cookie `user`, or `user` where there is none. */
  siteOrigin: string;
  /** What the page's body holds. */
  body: string;
  /** Further pages, by path, as they are written. */
  pages: Readonly<Record<string, string>>;
  /** Further response headers of the page. */
  headers: Readonly<Record<string, string>>;
  /** With helmet's default headers, and the changes that an embedding needs where `allowed`. */
  helmet: 'none' | 'default' | 'allowed';
  /** How the token endpoint answers instead of with a token. */
  tokenAnswer: ((response: ServerResponse) => void) | null;
  /** How its page `/oriel-connect` answers instead of with the user it knows. */
  connectAnswer: ((response: ServerResponse) => void) | null;
  /** Further claims of every token. */
  claims: Readonly<Record<string, unknown>>;
  /** What the token endpoint was asked, and how many questions were open at once. */
  readonly questions: readonly {
    readonly gadget: string;
    readonly params: Readonly<Record<string, string>>;
  }[];
  readonly mostAtOnce: () => number;
  close(): Promise<void>;
}

/** Notes every event of every gadget; a script of its own, for pages that allow no inline ones. */
const PAGE_SCRIPT = `
window.events = [];
window.restored = false;
addEventListener('pageshow', ({ persisted }) => { window.restored = persisted; });
for (const name of ['oriel-state', 'oriel-resize', 'oriel-error'])
  document.addEventListener(name, ({ target, detail }) => window.events.push({ name, id: target.id, ...detail }));
`;

const page = (host: HostPage): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Host</title>
<script src="/page.js"></script>
<script src="${host.gadgetOrigin}/embed.js" async></script>
</head><body>${host.body}</body></html>`;

const helmetFor = ({ helmet: mode, gadgetOrigin }: HostPage) => {
  if (mode === 'default') return helmet();
  return helmet({
    contentSecurityPolicy: {
      directives: {
        'script-src': ["'self'", gadgetOrigin],
        'frame-src': [gadgetOrigin],
        'form-action': ["'self'", gadgetOrigin],
      },
    },
    crossOriginOpenerPolicy: { policy: 'same-origin-allow-popups' },
  });
};

const readBody = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
};

/** Starts the application on loopback, or over TLS under a name. */
export const startHostPage = async (tls?: {
  readonly key: string;
  readonly cert: string;
  readonly name: string;
}): Promise<HostPage> => {
  const server: Server = tls ? createSecureServer(tls) : createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );
  const questions: { gadget: string; params: Readonly<Record<string, string>> }[] = [];
  let open = 0;
  let most = 0;
  const host: HostPage = {
    origin: tls ? `https://${tls.name}:${port}` : `http://localhost:${port}`,
    user: 'ann',
    gadgetOrigin: '',
    siteOrigin: '',
    body: '',
    pages: {},
    headers: {},
    helmet: 'none',
    tokenAnswer: null,
    connectAnswer: null,
    claims: {},
    questions,
    mostAtOnce: () => most,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  const answerToken = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { user } = host;
    questions.push(JSON.parse(await readBody(request)));
    if (host.tokenAnswer) return host.tokenAnswer(response);
    if (user === null) return void response.writeHead(401).end();
    const token = await signHostToken({ aud: host.gadgetOrigin, sub: user, name: user, ...host.claims });
    await new Promise((resolve) => setTimeout(resolve, 20));
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ token }));
  };
  const answerConnect = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (host.connectAnswer) return host.connectAnswer(response);
    const asked = new URL(request.url ?? '/', host.origin).searchParams.get('request') ?? '';
    const user = /(?:^|; )user=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? host.user ?? '';
    const flow_hash = createHash('sha256').update(asked).digest('base64url');
    const token = await signHostToken({ aud: host.gadgetOrigin, sub: user, purpose: 'connect', flow_hash });
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><title>Host</title>
      <form method="post" action="${host.siteOrigin}/connect/vouched/gocd"><input name="token" value="${token}"></form>
      <script>document.forms[0].submit()</script>`);
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url === '/page.js')
      return void response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(PAGE_SCRIPT);
    if (request.url === '/oriel-token') {
      open += 1;
      most = Math.max(most, open);
      await answerToken(request, response);
      open -= 1;
      return;
    }
    if (host.helmet !== 'none') await new Promise((done) => helmetFor(host)(request, response, done));
    for (const [name, value] of Object.entries(host.headers)) response.setHeader(name, value);
    if (request.url?.startsWith('/oriel-connect')) return answerConnect(request, response);
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    const written = host.pages[request.url ?? ''];
    if (written !== undefined) return void response.end(written);
    response.end(
      request.url === '/elsewhere' ? '<!doctype html><title>Elsewhere</title><h1>Elsewhere</h1>' : page(host),
    );
  };
  server.on('request', (request, response) => void answer(request, response));
  return host;
};
