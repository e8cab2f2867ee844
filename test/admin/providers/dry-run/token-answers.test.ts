import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { says } from '../../../upstream/stub-server.js';
import { lineOf } from './dry-run-setup.js';
import { bySecret, error, hangs, huge, page, type Row, signIn, to, wrongServer } from './wrong-server.js';

let server: Awaited<ReturnType<typeof wrongServer>>;
beforeAll(async () => {
  server = await wrongServer();
});
afterAll(() => server.close());

const table: readonly Row[] = [
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
    'token_accepted',
    'green',
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
  ['invalid_request to everything', 'token_refused', 'yellow', { token: error('invalid_request') }],
  ['a word of its own to everything', 'token_refused', 'yellow', { token: error('bad_code') }],
  ['JSON without a word to everything', 'token_refused', 'yellow', { token: says(400, '{}') }],
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
  [
    'that the redirect URI is another, in a word of its own and before it looks at anything else',
    'redirect_uri_mismatch',
    'red',
    { token: error('redirect-uri-mismatch') },
  ],

  ['200 to a token it does not know', 'revocation_works', 'green', {}],
  ['invalid_token', 'revocation_works', 'green', { revoke: error('invalid_token') }],
  ['invalid_client', 'revocation_client', 'red', { revoke: error('invalid_client', '', 401) }],
  ['invalid_request', 'revocation_refused', 'yellow', { revoke: error('invalid_request') }],
  ['nothing', 'revocation_not_found', 'red', { revoke: page('', 404) }],
  ['a sign-in page', 'revocation_not_found', 'red', { revoke: signIn }],
  ['an error of its own', 'revocation_failed', 'red', { revoke: page('', 500) }],
  ['a redirect', 'revocation_redirected', 'red', { revoke: to('/revoke/', 301) }],
  ['that it is asked too often', 'revocation_limited', 'yellow', { revoke: error('slow_down', '', 429) }],
];

describe('The advice of a dry run', () => {
  it.each([301, 302, 303, 307, 308])(
    'about an endpoint that redirects to its own slash names the address to write (%i)',
    async (status) => {
      const lines = await server.lines({ token: to('/token/', status), revoke: to('/revoke/', status) });
      for (const [code, field] of [
        ['token_redirected', 'tokenEndpoint'],
        ['revocation_redirected', 'revocationEndpoint'],
      ]) {
        const line = lines.find((each) => each.code === code);
        expect(line?.sentence).toMatch(/ redirects to http:\/\/\S+\/\.$/);
        const address = /redirects to (\S+)\.$/.exec(line?.sentence ?? '')?.[1];
        expect(line?.fix).toContain(`Put ${address} into ${field} of the record`);
      }
    },
  );

  const advised = async (ours: string, others: string) =>
    (await server.lines({ token: bySecret(error(ours), error(others)) })).find(
      ({ code }) => code === 'token_words',
    )?.fix;

  it.each([
    ['bad_code', 'bad_secret'],
    ['no such code', 'invalid_client'],
  ])('about %s and %s changes what those words mean', async (ours, others) => {
    const entry = /\{ (.*) \}/.exec((await advised(ours, others)) ?? '')?.[1] ?? '';
    const words = entry.split(', ').map((each) => each.split(': '));
    expect(words.length).toBeGreaterThan(0);
    for (const [word, meaning] of words) {
      expect(meaning).toMatch(/^invalid_(?:grant|client)$/);
      expect(word).not.toBe(meaning);
    }
  });

  it('is none about words that are known anyway, nor about spaces in a secret', async () => {
    expect(await advised('invalid_grant', 'invalid_client')).toBeUndefined();
    expect(await advised('bad_verification_code', 'incorrect_client_credentials')).toBeUndefined();
    const refused = await server.lines({ token: error('invalid_client') });
    expect(lineOf(refused, 'token_client').fix).not.toContain('space');
  });

  it.each([
    ['a form', says(400, 'error=invalid_grant&error_description=x', { 'content-type': 'text/plain' })],
    ['JSON behind a byte order mark', says(400, '\ufeff{"error":"invalid_grant"}')],
    [
      'JSON that calls itself a page',
      says(400, '{"error":"invalid_grant"}', { 'content-type': 'text/html' }),
    ],
    ['unasked gzip', says(400, gzipSync('{"error":"invalid_grant"}'), { 'content-encoding': 'gzip' })],
  ])('is what consents and refreshes make of %s', async (_, ours) => {
    const lines = await server.lines({ token: bySecret(ours, error('invalid_client')) });
    expect(lineOf(lines, 'token_accepted').light).toBe('green');
  });

  it('names where an answer stops being JSON', async () => {
    const lines = await server.lines({ token: says(200, '{"access_token": x}') });
    expect(lineOf(lines, 'token_not_json').cause).toContain('json-syntax at 17');
  });
});

describe('A dry run against a server that answers the client with', () => {
  it.each(table)('%s says %s (%s)', async (_, code, light, answers) => {
    const line = lineOf(await server.lines(answers), code);
    expect(line.light).toBe(light);
    if (light !== 'green') expect(line.fix).toMatch(/[.:}]|https:/);
  });
});
