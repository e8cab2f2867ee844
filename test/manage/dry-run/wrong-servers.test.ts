import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Provider } from '../../../src/domain/provider.js';
import type { LineCode } from '../../../src/manage/dry-run/line.js';
import { type Answering, type StubServer, says, stubServer } from '../../upstream/stub-server.js';
import { client, dryRuns, lineOf, record, SECRET } from './scene.js';

const runs = dryRuns({ timeLimit: 400 });
let stub: StubServer;
beforeAll(async () => {
  stub = await stubServer();
});
afterAll(async () => {
  await stub.close();
  await runs.close();
});

const html = { 'content-type': 'text/html; charset=utf-8' };
const page = (body: string, status = 200): Answering =>
  says(status, `<html><body>${body}</body></html>`, html);
const to = (location: string, status = 302): Answering => says(status, '', { location });
const signIn = page(
  '<h1>Sign in</h1><form><input name="user"></form><script>var m="invalid redirect_uri"</script>',
);
const error = (code: string, description = '', status = 400): Answering =>
  says(status, JSON.stringify({ error: code, error_description: description }));
const hangs: Answering = () => undefined;
const huge: Answering = (_, response) => {
  response.writeHead(200, html);
  const pour = (): void => {
    while (!response.destroyed && response.write('x'.repeat(65_536)));
    if (!response.destroyed) response.once('drain', pour);
  };
  pour();
};

const asked = (request: IncomingMessage): URL => new URL(request.url ?? '/', stub.origin);
const isOurs = (url: URL): boolean =>
  url.searchParams.get('client_id') === client.id &&
  (url.searchParams.get('redirect_uri') ?? '').startsWith('https://oriel.example/');
/** Tells ours from what is made up. */
const ifOurs =
  (ours: Answering, others: Answering): Answering =>
  (request, response) =>
    (isOurs(asked(request)) ? ours : others)(request, response);
/** Tells our secret from another. */
const bySecret =
  (ours: Answering, others: Answering): Answering =>
  async (request, response) => {
    const body = await text(request);
    const basic = Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64').toString();
    (body.includes(SECRET) || basic.includes(SECRET) ? ours : others)(request, response);
  };

interface Scene {
  readonly authorize?: Answering;
  readonly token?: Answering;
  readonly revoke?: Answering;
}
const good = {
  authorize: ifOurs(signIn, page('redirect_uri is not associated with this application', 400)),
  token: bySecret(error('invalid_grant'), error('invalid_client', '', 401)),
  revoke: says(200, ''),
};
const lines = async (scene: Scene, given: Partial<Provider> = {}) => {
  const { authorize, token, revoke } = { ...good, ...scene };
  stub.answers((request, response) => {
    const { pathname } = asked(request);
    const answer = pathname === '/authorize' ? authorize : pathname === '/token' ? token : revoke;
    answer(request, response);
  });
  const revocation = { kind: 'rfc7009', endpoint: `${stub.origin}/revoke` } as const;
  return runs.lines(record(stub.origin, { revocation, ...given }));
};

type Row = readonly [what: string, code: LineCode, light: string, scene: Scene];
const table: readonly Row[] = [
  ['a sign-in page for ours alone', 'authorization_accepted', 'green', {}],
  [
    'GitHub’s page',
    'authorization_redirect_uri',
    'red',
    { authorize: page('The redirect_uri is not associated with this application.') },
  ],
  [
    'a page in words of its own, but not for a stranger',
    'authorization_redirect_uri',
    'red',
    {
      authorize: (request, response) =>
        (asked(request).searchParams.get('client_id') === client.id
          ? page('Nope', 400)
          : page('Unknown client', 400))(request, response),
    },
  ],
  [
    'an unknown client',
    'authorization_client',
    'red',
    { authorize: page('The OAuth client was not found.', 401 - 1) },
  ],
  ['the same sign-in page for everything', 'authorization_signs_in', 'yellow', { authorize: signIn }],
  [
    'a redirect to a sign-in page for everything',
    'authorization_signs_in',
    'yellow',
    { authorize: to('/login?next=redirect_uri') },
  ],
  ['a redirect to an error page', 'authorization_refused', 'red', { authorize: to('/oauth/error?x=1') }],
  [
    'an error that comes back to us',
    'authorization_scope',
    'red',
    {
      authorize: (request, response) =>
        to(`${asked(request).searchParams.get('redirect_uri')}?error=invalid_scope&state=x`)(
          request,
          response,
        ),
    },
  ],
  [
    'the legacy error that comes back to us',
    'authorization_redirect_uri',
    'red',
    {
      authorize: (request, response) =>
        to(`${asked(request).searchParams.get('redirect_uri')}?error=redirect-uri-mismatch`)(
          request,
          response,
        ),
    },
  ],
  [
    'a redirect to itself',
    'authorization_loops',
    'red',
    { authorize: (request, response) => to(request.url ?? '')(request, response) },
  ],
  ['nothing', 'authorization_not_found', 'red', { authorize: page('Not here', 404) }],
  ['an error of its own', 'authorization_failed', 'red', { authorize: page('Oops', 500) }],
  ['no answer', 'authorization_failed', 'red', { authorize: hangs }],
  ['a page without end', 'authorization_signs_in', 'yellow', { authorize: huge }],
  ['that it is asked too often', 'authorization_limited', 'yellow', { authorize: page('Slow down', 429) }],

  ['invalid_grant to ours, invalid_client to a wrong secret', 'token_accepted', 'green', {}],
  ['invalid_grant to everything', 'token_does_not_tell', 'yellow', { token: error('invalid_grant') }],
  [
    'invalid_client to everything',
    'token_client',
    'red',
    { token: error('invalid_client', 'bad secret', 401) },
  ],
  ['401 without a word', 'token_client', 'red', { token: page('Unauthorized', 401) }],
  [
    'GitHub’s words, with 200',
    'token_words',
    'yellow',
    {
      token: bySecret(
        error('bad_verification_code', '', 200),
        error('incorrect_client_credentials', '', 200),
      ),
    },
  ],
  [
    'GitHub’s word for a wrong secret',
    'token_client',
    'red',
    { token: error('incorrect_client_credentials', '', 200) },
  ],
  ['unsupported_grant_type', 'token_grant_type', 'red', { token: error('unsupported_grant_type') }],
  ['invalid_request to everything', 'token_refused', 'red', { token: error('invalid_request') }],
  [
    'invalid_request to ours alone',
    'token_accepted',
    'green',
    { token: bySecret(error('invalid_request'), error('invalid_client')) },
  ],
  [
    'tokens to everybody',
    'token_careless',
    'red',
    { token: says(200, '{"access_token":"a","token_type":"bearer"}') },
  ],
  ['a sign-in page', 'token_not_json', 'red', { token: signIn }],
  ['an error page', 'token_not_json', 'red', { token: page('Bad request', 400) }],
  ['a page without end', 'token_not_json', 'red', { token: huge }],
  ['nothing', 'token_not_found', 'red', { token: page('', 405) }],
  ['a redirect', 'token_redirected', 'red', { token: to('https://elsewhere.example/token', 308) }],
  ['an error of its own', 'token_failed', 'red', { token: page('', 503) }],
  ['no answer', 'token_failed', 'red', { token: hangs }],
  ['that it is asked too often', 'token_limited', 'yellow', { token: error('slow_down', '', 429) }],
  [
    'that the redirect URI is another',
    'redirect_uri_mismatch',
    'red',
    { token: bySecret(error('invalid_grant', 'redirect_uri does not match'), error('invalid_client')) },
  ],

  ['200 to a token it does not know', 'revocation_works', 'green', {}],
  ['invalid_token', 'revocation_works', 'green', { revoke: error('invalid_token') }],
  ['invalid_client', 'revocation_client', 'red', { revoke: error('invalid_client', '', 401) }],
  ['invalid_request', 'revocation_refused', 'yellow', { revoke: error('invalid_request') }],
  ['nothing', 'revocation_not_found', 'red', { revoke: page('', 404) }],
  ['a sign-in page', 'revocation_not_found', 'red', { revoke: signIn }],
  ['an error of its own', 'revocation_failed', 'red', { revoke: page('', 500) }],
  ['that it is asked too often', 'revocation_limited', 'yellow', { revoke: error('slow_down', '', 429) }],
];

describe('A dry run against a server that answers', () => {
  it.each(table)('%s says %s (%s)', async (_, code, light, scene) => {
    const line = lineOf(await lines(scene), code);
    expect(line.light).toBe(light);
    if (light !== 'green') expect(line.mend).toMatch(/[.:}]|https:/);
  });

  it('in a careless way never shows our secret, though it repeats it', async () => {
    const echo: Answering = async (request, response) => {
      const body = await text(request);
      const heard = `${request.headers.authorization} ${body}`;
      error('invalid_client', `no such ${heard} ${decodeURIComponent(body)}`, 400)(request, response);
    };
    for (const clientAuthentication of ['basic', 'body'] as const) {
      const found = JSON.stringify(await lines({ token: echo, revoke: echo }, { clientAuthentication }));
      expect(found).toContain('token_client');
      expect(found).toContain('[secret]');
      expect(found).not.toContain(SECRET);
      expect(found).not.toContain(Buffer.from(`${client.id}:${SECRET}`).toString('base64'));
    }
  });
});

it('A dry run sends the secret to the token and revocation endpoints alone, nothing that could be used up, and few requests', async () => {
  const seen: { readonly path: string; readonly said: string }[] = [];
  const note =
    (answering: Answering): Answering =>
    async (request, response) => {
      const body = await text(request);
      const basic = Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64').toString();
      const said = `${request.url} ${basic} ${body}`;
      seen.push({ path: asked(request).pathname, said });
      answering(request, response);
    };
  await lines({
    authorize: note(good.authorize),
    token: note(error('invalid_grant')),
    revoke: note(good.revoke),
  });
  const paths = seen.map(({ path }) => path).sort();
  expect(paths).toEqual([...Array(3).fill('/authorize'), '/revoke', ...Array(3).fill('/token')]);
  for (const { path, said } of seen) {
    expect(said).not.toContain('refresh_token');
    if (path === '/authorize') expect(said).not.toContain(SECRET);
  }
  expect(runs.audited.at(-1)).toMatchObject({
    action: 'provider.tested',
    provider: 'mingle',
    code: 'yellow',
  });
  expect(JSON.stringify(runs.audited)).not.toContain(SECRET);
});
