import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { parse } from 'yaml';

/*
 * Atlassian's and Slack's servers, as far as connecting and one gadget ask them, in the words of their documentation: what they say to a
 * right registration, and to one with another client id, secret or redirect URI. Both ask people to sign in before anything else, which
 * is the most that a dry run can meet; whether they look at the registration first is documented for neither.
 */

/** What was registered there for us. */
export interface Registration {
  readonly id: string;
  readonly secret: string;
  readonly redirectUri: string;
}

export interface CloudServer {
  readonly origin: string;
  /** What a form has to say besides, because the server stands on loopback and not at the preset's address. */
  readonly fields: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly isSignedIn: boolean;
}

type Service = (asked: Asked) => Answer;

const json = (status: number, body: unknown): Answer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(body),
});
const page = (status: number, words: string): Answer => ({
  status,
  type: 'text/html; charset=utf-8',
  body: `<!doctype html><html lang="en"><title>Provider</title><main>${words}</main></html>`,
});
const to = (location: string, headers: Answer['headers'] = {}): Answer => ({
  status: 302,
  headers: { ...headers, location },
});
const escaped = (words: string): string => words.replaceAll('&', '&amp;').replaceAll('"', '&quot;');

interface Contract {
  readonly token: { readonly answer: Readonly<Record<string, unknown>> };
  readonly account: { readonly answer: unknown };
}

/** What the preset's contract says that this server answers. */
const contractOf = (preset: string): Contract =>
  parse(readFileSync(`test/providers/contracts/${preset}.yaml`, 'utf8')) as Contract;

/** What a gadget's first sample has as the answer to one of its requests. */
const sampleOf = (gadget: string, request: string): unknown =>
  JSON.parse(readFileSync(`gadgets/${gadget}/sample.json`, 'utf8')).answers[request].data;

const SIGN_IN = '/login';

/** A sign-in page that leads back to where it was asked, and answers only to who has been there. */
const behindSignIn =
  (button: string, service: Service, isPrivate: (path: string) => boolean): Service =>
  (asked) => {
    const { path, query, isSignedIn } = asked;
    const next = query.get('continue') ?? '/';
    if (path === SIGN_IN) {
      const form = `<form action="${SIGN_IN}/done"><input type="hidden" name="continue" value="${escaped(next)}">`;
      return page(
        200,
        `<h1>Log in</h1>${form}<input type="password" name="p"><button>${button}</button></form>`,
      );
    }
    if (path === `${SIGN_IN}/done`) return to(next, { 'set-cookie': 'signed-in=yes; Path=/; HttpOnly' });
    return isPrivate(path) && !isSignedIn
      ? to(`${SIGN_IN}?${new URLSearchParams({ continue: `${path}?${query}` })}`)
      : service(asked);
  };

const start = async (service: Service): Promise<Omit<CloudServer, 'fields'>> => {
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stub');
    const { status, type, body, headers } = service({
      path: pathname,
      query: searchParams,
      form: new URLSearchParams(await text(request)),
      headers: request.headers,
      isSignedIn: /(?:^|; )signed-in=yes/.test(request.headers.cookie ?? ''),
    });
    response.writeHead(status, { ...(type !== undefined && { 'content-type': type }), ...headers }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** Codes that were given away, each for one exchange with the redirect URI that it was sent to. */
const codes = () => {
  const given = new Map<string, string>();
  return {
    /** Where a person who agrees is sent. */
    back(query: URLSearchParams): string {
      const code = `code-${given.size + 1}`;
      const redirectUri = query.get('redirect_uri') ?? '';
      given.set(code, redirectUri);
      return `${redirectUri}?${new URLSearchParams({ state: query.get('state') ?? '', code })}`;
    },
    sentTo: (form: URLSearchParams): string | undefined => given.get(form.get('code') ?? ''),
    spend: (form: URLSearchParams): boolean => given.delete(form.get('code') ?? ''),
  };
};

const bearer = ({ headers }: Asked): string => /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';

const SITES = [
  { id: '11223344-a1b2-3b33-c444-def123456789', name: 'acme', url: 'https://acme.atlassian.example' },
  { id: '55667788-a1b2-3b33-c444-def123456789', name: 'acme-lab', url: 'https://acme-lab.atlassian.example' },
].map((site) => ({ ...site, scopes: ['read:jira-work'], avatarUrl: `${site.url}/avatar.png` }));

/** Jira Cloud: `auth.atlassian.com` and `api.atlassian.com` in one. Its person has two sites. */
export const startAtlassian = async ({ id, secret, redirectUri }: Registration): Promise<CloudServer> => {
  const { token, account } = contractOf('jira');
  const exchange = codes();
  const consent = (query: URLSearchParams): Answer => {
    if (query.get('client_id') !== id)
      return page(400, 'Something went wrong. invalid_request: unknown client');
    if (query.get('redirect_uri') !== redirectUri)
      return page(400, 'Something went wrong. The redirect_uri is not registered for this client.');
    if (query.get('audience') !== 'api.atlassian.com') return page(400, 'Something went wrong.');
    return page(
      200,
      `<h1>Oriel is requesting access</h1><a href="${escaped(exchange.back(query))}">Accept</a>`,
    );
  };
  const issue = ({ form }: Asked): Answer => {
    if (form.get('client_id') !== id || form.get('client_secret') !== secret)
      return json(401, { error: 'access_denied', error_description: 'Unauthorized' });
    if (exchange.sentTo(form) !== form.get('redirect_uri') || !exchange.spend(form))
      return json(403, {
        error: 'invalid_grant',
        error_description: 'Unknown or invalid authorization code.',
      });
    return json(200, token.answer);
  };
  const api = ({ path }: Asked): Answer => {
    if (path === '/oauth/token/accessible-resources') return json(200, SITES);
    if (path === '/me') return json(200, account.answer);
    const [, site, resource] = /^\/ex\/jira\/([^/]+)\/rest\/api\/3\/(.+)$/.exec(path) ?? [];
    const request = resource === 'serverInfo' ? 'site' : resource === 'search/jql' ? 'issues' : null;
    return request === null || !SITES.some((each) => each.id === site)
      ? json(404, { code: 404, message: 'Not Found' })
      : json(200, sampleOf('jira-issues', request));
  };
  const server = await start(
    behindSignIn(
      'Continue',
      (asked) => {
        if (asked.path === '/authorize') return consent(asked.query);
        if (asked.path === '/oauth/token') return issue(asked);
        return bearer(asked) === token.answer.access_token
          ? api(asked)
          : json(401, { code: 401, message: 'Unauthorized' });
      },
      (path) => path === '/authorize',
    ),
  );
  return {
    ...server,
    fields: {
      'authorization-endpoint': `${server.origin}/authorize`,
      'token-endpoint': `${server.origin}/oauth/token`,
      api: server.origin,
      'allow-addresses': '127.0.0.0/8',
    },
  };
};

/** Slack, with tokens of people: every answer of its API has status 200. */
export const startSlack = async ({ id, secret, redirectUri }: Registration): Promise<CloudServer> => {
  const { token, account } = contractOf('slack');
  const exchange = codes();
  const no = (error: string): Answer => json(200, { ok: false, error });
  const consent = (query: URLSearchParams): Answer => {
    if (query.get('client_id') !== id) return page(200, 'Something went wrong. Invalid client_id parameter');
    if (query.get('redirect_uri') !== redirectUri)
      return page(200, 'Something went wrong. redirect_uri did not match any configured URIs.');
    if (query.get('scope') !== 'search:read,users:read')
      return page(200, 'Something went wrong. Invalid scope');
    return page(
      200,
      `<h1>Oriel is requesting access</h1><a href="${escaped(exchange.back(query))}">Allow</a>`,
    );
  };
  const issue = ({ form, headers }: Asked): Answer => {
    const basic = Buffer.from(headers.authorization?.replace(/^Basic /, '') ?? '', 'base64').toString();
    if (!basic.startsWith(`${id}:`)) return no('invalid_client_id');
    if (basic !== `${id}:${secret}`) return no('bad_client_secret');
    if (exchange.sentTo(form) === undefined) return no('invalid_code');
    if (exchange.sentTo(form) !== form.get('redirect_uri')) return no('bad_redirect_uri');
    exchange.spend(form);
    return json(200, token.answer);
  };
  const methods: Readonly<Record<string, () => Answer>> = {
    'auth.test': () => json(200, account.answer),
    'auth.revoke': () => json(200, { ok: true, revoked: true }),
    'search.messages': () => json(200, sampleOf('slack-mentions', 'mentions')),
  };
  const server = await start(
    behindSignIn(
      'Continue',
      (asked) => {
        const method = /^\/api\/([\w.]+)$/.exec(asked.path)?.[1] ?? '';
        if (asked.path === '/oauth/v2_user/authorize') return consent(asked.query);
        if (method === 'oauth.v2.user.access') return issue(asked);
        if (bearer(asked) !== token.answer.access_token) return no('invalid_auth');
        return methods[method]?.() ?? no('unknown_method');
      },
      (path) => path === '/oauth/v2_user/authorize',
    ),
  );
  return {
    ...server,
    fields: {
      'authorization-endpoint': `${server.origin}/oauth/v2_user/authorize`,
      'token-endpoint': `${server.origin}/api/oauth.v2.user.access`,
      api: `${server.origin}/api`,
      'allow-addresses': '127.0.0.0/8',
    },
  };
};
