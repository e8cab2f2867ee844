import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { client, lineOf } from './dry-run-setup.js';
import { asked, hangs, huge, page, type Row, signIn, to, wrongServer } from './wrong-server.js';

let server: Awaited<ReturnType<typeof wrongServer>>;
beforeAll(async () => {
  server = await wrongServer();
});
afterAll(() => server.close());

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
    { authorize: page('The OAuth client was not found.', 400) },
  ],
  ['the same sign-in page for everything', 'authorization_signs_in', 'yellow', { authorize: signIn }],
  [
    'a sign-in page whose words are like those of a refusal',
    'authorization_signs_in',
    'yellow',
    {
      authorize: page(
        '<p>Sign in to the app. Not registered?</p><form><input name="user"><input type="password" name="p"></form>',
      ),
    },
  ],
  [
    'a mismatch, on a page where one can sign in too',
    'authorization_redirect_uri',
    'red',
    { authorize: page('<p>Invalid redirect_uri.</p><form><input name=p type=password></form>') },
  ],
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
];

describe('A dry run against a server that answers the consent request with', () => {
  it.each(table)('%s says %s (%s)', async (_, code, light, answers) => {
    const line = lineOf(await server.lines(answers), code);
    expect(line.light).toBe(light);
    if (light !== 'green') expect(line.fix).toMatch(/[.:}]|https:/);
  });
});
