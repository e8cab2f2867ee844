import { afterAll, beforeAll, expect, it } from 'vitest';
import { stubServer } from '../upstream/stub-server.js';
import { type Played, setUpOthers } from './mingle-setup.js';

/*
 * How applications say no, in their own words, and what people see then.
 */

interface Refusal {
  readonly gadget: string;
  readonly role: string;
  readonly status: number;
  readonly body: object | string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly state: string;
}

const slack = (error: string, state: string): Refusal => ({
  ...{ gadget: 'slack-mentions', role: 'slack', status: 200, state },
  body: { ok: false, error, needed: 'search:read', provided: 'users:read' },
});
const google = (status: number, reason: string, state: string): Refusal => ({
  ...{ gadget: 'google-calendar', role: 'google', status, state },
  body: { error: { code: status, message: `Refused: ${reason}`, errors: [{ domain: 'global', reason }] } },
});
const microsoft = (status: number, code: string, state: string): Refusal => ({
  ...{ gadget: 'microsoft-calendar', role: 'microsoft', status, state },
  body: { error: { code, message: `Refused: ${code}`, innerError: { 'request-id': 'b0a0' } } },
});
const nextcloud = (status: number, statuscode: number, message: string, state: string): Refusal => ({
  ...{ gadget: 'nextcloud-notifications', role: 'nextcloud', status, state },
  body: { ocs: { meta: { status: 'failure', statuscode, message }, data: [] } },
});

const REFUSALS: readonly Refusal[] = [
  ...[slack('token_revoked', 'reconnect'), slack('invalid_auth', 'reconnect')],
  ...[slack('missing_scope', 'misconfigured'), slack('fatal_error', 'misconfigured')],
  { ...slack('ratelimited', 'rate-limited'), status: 429, headers: { 'retry-after': '30' } },
  ...[google(401, 'authError', 'reconnect'), google(403, 'insufficientPermissions', 'no-access')],
  ...[google(404, 'notFound', 'not-found'), google(403, 'rateLimitExceeded', 'rate-limited')],
  ...[
    microsoft(401, 'InvalidAuthenticationToken', 'reconnect'),
    microsoft(403, 'ErrorAccessDenied', 'no-access'),
  ],
  { ...microsoft(429, 'ApplicationThrottled', 'rate-limited'), headers: { 'retry-after': '10' } },
  nextcloud(401, 997, 'Current user is not logged in', 'reconnect'),
  nextcloud(404, 998, 'Invalid query, please check the syntax.', 'not-found'),
  nextcloud(200, 996, 'Internal Server Error', 'misconfigured'),
  {
    ...{ gadget: 'zendesk-tickets', role: 'zendesk', status: 401, state: 'reconnect' },
    body: {
      error: 'invalid_token',
      error_description: 'The access token provided is expired, revoked or malformed',
    },
  },
  {
    ...{ gadget: 'zendesk-tickets', role: 'zendesk', status: 403, state: 'no-access' },
    body: { error: 'Forbidden', description: 'You do not have access to this page.' },
  },
  {
    ...{ gadget: 'jenkins-failing-builds', role: 'jenkins', status: 401, state: 'reconnect' },
    ...{ body: '<html><head><title>Error 401 Unauthorized</title></head></html>' },
    headers: { 'www-authenticate': 'Basic realm="Jenkins"' },
  },
  {
    ...{ gadget: 'jenkins-failing-builds', role: 'jenkins', status: 404, state: 'not-found' },
    body: '<html><head><title>Not Found - Jenkins</title></head></html>',
  },
  {
    ...{ gadget: 'grafana-alerts', role: 'grafana', status: 401, state: 'reconnect' },
    body: { message: 'Invalid API key', messageId: 'api-key.invalid', statusCode: 401, traceID: '' },
  },
  {
    ...{ gadget: 'grafana-alerts', role: 'grafana', status: 403, state: 'no-access' },
    body: {
      accessErrorId: 'ACE0',
      message: 'Permissions needed: alert.instances:read',
      title: 'Access denied',
    },
  },
  {
    ...{ gadget: 'x-mentions', role: 'x', status: 403, state: 'no-access' },
    body: {
      ...{ title: 'Client Forbidden', detail: 'You may need a higher plan.', reason: 'client-not-enrolled' },
      type: 'https://api.twitter.com/2/problems/client-forbidden',
    },
  },
  {
    ...{ gadget: 'x-mentions', role: 'x', status: 429, state: 'rate-limited' },
    ...{ body: { title: 'Too Many Requests', detail: 'Too Many Requests', status: 429 } },
    headers: { 'x-rate-limit-reset': String(Math.floor(Date.now() / 1000) + 600) },
  },
];

/** As the preset says it. */
const REFUSED = {
  slack: {
    when: { ok: false },
    code: 'error',
    expired: ['token_expired', 'token_revoked', 'invalid_auth', 'account_inactive', 'not_authed'],
  },
} as const;

let setup: Awaited<ReturnType<typeof setUpOthers>>;

beforeAll(async () => {
  const server = await stubServer((request, response) => {
    const { status, body, headers } = REFUSALS[Number(/^\/(\d+)\//.exec(request.url ?? '')?.[1])] as Refusal;
    const type = typeof body === 'string' ? 'text/html' : 'application/json';
    response.writeHead(status, { 'content-type': type, ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  const played = REFUSALS.map(
    ({ role }, index): Played => ({
      ...{ id: `refuses-${index}`, name: 'Refuses', url: `${server.origin}/${index}` },
      record: {
        ...(role === 'slack' && { refused: REFUSED.slack }),
        ...(role === 'google' && { apis: { calendar: `${server.origin}/${index}` } }),
      },
      client: { connect: async (login) => ({ access_token: login, expires_in: 3600, refresh_token: '' }) },
      application: { close: async () => {} },
    }),
  );
  const { close, ...rest } = await setUpOthers(played);
  setup = {
    ...rest,
    close: async () => {
      await close();
      await server.close();
    },
  };
});

afterAll(() => setup.close());

const wordOf = ({ body }: Refusal): string =>
  /"(?:error|code|reason|message)":"?([\w ]+)/.exec(JSON.stringify(body))?.[1] ?? '';

it.each(
  REFUSALS.map((each, index) => [each.gadget, each.status, wordOf(each), each.state, each, index] as const),
)('%s, refused with %i %s, says that it is %s', async (gadget, _, __, expected, { role }, index) => {
  const { state, text } = await setup.show('ann', gadget, {}, { [role]: `refuses-${index}` });
  expect(state, text).toBe(expected);
});
