import type { IncomingMessage } from 'node:http';
import { listenOnLoopback } from '../demo/site/loopback.js';

/** A GoCD of today and a Jenkins, as far as tokens that people create go: no OAuth, and everyone sees what is theirs. */
export interface TokenServer {
  readonly url: string;
  /** Token → whose it is. A test gives and takes them. */
  readonly tokens: Map<string, string>;
  /** What was asked: path, `Authorization` and `Accept`. */
  readonly asked: { readonly path: string; readonly authorization: string; readonly accept: string }[];
  /** Answers every request with this status until it is 0 again. */
  fail: number;
  close(): Promise<void>;
}

type Said = readonly [status: number, body: unknown];

const pipelineOf = (name: string) => ({
  name,
  pause_info: { paused: false },
  _embedded: {
    instances: [
      {
        label: '7',
        counter: 7,
        triggered_by: 'Triggered by changes',
        scheduled_at: '2026-11-30T10:00:00Z',
        _embedded: { stages: [{ name: 'build', counter: '1', status: 'Passed' }] },
      },
    ],
  },
});

const GOCD: Readonly<Record<string, (user: string) => unknown>> = {
  '/go/api/current_user': (user) => ({ login_name: user, display_name: `${user} (GoCD)` }),
  '/go/api/dashboard': (user) => ({
    _embedded: {
      pipeline_groups: [{ name: `group-of-${user}`, pipelines: [`pipeline-of-${user}`] }],
      pipelines: [pipelineOf(`pipeline-of-${user}`)],
    },
  }),
  '/go/gocd': (user) => ({ seen: user }),
};

/** The account and token of a request; null where it has none. */
const credentialsIn = ({
  headers,
}: IncomingMessage): readonly [account: string | null, token: string] | null => {
  const [, scheme = '', value = ''] = /^(\S+) (.+)$/.exec(headers.authorization ?? '') ?? [];
  if (scheme === 'Bearer') return [null, value];
  if (scheme !== 'Basic') return null;
  const [account = '', token = ''] = Buffer.from(value, 'base64').toString().split(':');
  return [account, token];
};

export const startTokenServer = async (): Promise<TokenServer> => {
  const tokens = new Map<string, string>();
  const asked: TokenServer['asked'][number][] = [];
  const ofJenkins = (path: string, account: string | null, user: string | undefined): Said => {
    if (user === undefined || account !== user) return [401, { message: 'Invalid password/token' }];
    if (path !== '/jenkins/me/api/json') return [200, { seen: user }];
    return [200, { id: user, fullName: `${user} (Jenkins)` }];
  };
  const ofGocd = (path: string, accept: string, user: string | undefined): Said => {
    if (user === undefined) return [401, { message: 'Invalid Personal Access Token.' }];
    const said = GOCD[path];
    // As GoCD does, which does not know plain JSON.
    const isKnown = !path.startsWith('/go/api/') || accept.includes('application/vnd.go.cd');
    return said === undefined || !isKnown ? [404, { message: 'not found' }] : [200, said(user)];
  };
  const answerTo = (request: IncomingMessage): Said => {
    const path = (request.url ?? '').replace(/\?.*/, '');
    const [account, token] = credentialsIn(request) ?? [null, ''];
    if (made.fail > 0) return [made.fail, { message: 'out of order' }];
    const user = tokens.get(token);
    return path.startsWith('/jenkins/')
      ? ofJenkins(path, account, user)
      : ofGocd(path, request.headers.accept ?? '', user);
  };
  const server = await listenOnLoopback((request, answer) => {
    const { authorization = '', accept = '' } = request.headers;
    asked.push({ path: request.url ?? '', authorization, accept });
    if (request.url?.startsWith('/go/cctray.xml')) {
      answer.setHeader('Content-Type', 'application/xml');
      answer.end('<Projects></Projects>');
      return;
    }
    const [status, body] = answerTo(request);
    answer.writeHead(status, { 'content-type': 'application/json' });
    answer.end(JSON.stringify(body));
  }, 0);
  const made = {
    url: `http://127.0.0.1:${server.port}`,
    tokens,
    asked,
    fail: 0,
    close: () => server.close(),
  };
  return made;
};

/** Records of both, as `oriel.yaml` has them. */
export const tokenProviders = (url: string) => ({
  gocd: { preset: 'gocd-token', name: 'GoCD', url: `${url}/go`, allowAddresses: ['127.0.0.0/8', '::1/128'] },
  jenkins: {
    ...{ preset: 'jenkins', name: 'Jenkins', url: `${url}/jenkins` },
    ...{ allowAddresses: ['127.0.0.0/8', '::1/128'], pastedToken: { permissions: ['Read jobs'] } },
  },
});
