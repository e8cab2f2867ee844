import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LineCode } from '../../../../src/admin/providers/dry-run/line.js';
import { presetCalled } from '../../../../src/providers/presets.js';
import type { Provider } from '../../../../src/providers/provider.js';
import { type Answering, says } from '../../../upstream/stub-server.js';
import { asked, bySecret, page, to, type WrongAnswers, wrongServer } from './wrong-server.js';

let server: Awaited<ReturnType<typeof wrongServer>>;
beforeAll(async () => {
  server = await wrongServer();
});
afterAll(() => server.close());

/** What the preset says of its dialect, for a server that stands on loopback. */
const dialectOf = (preset: string): Partial<Provider> => {
  const { fields } = presetCalled(preset);
  const { clientAuthentication, pkce, tokenType, errorCodes, grantTypes, refused, tokenRequest, tokenAt } =
    fields;
  const said = {
    clientAuthentication,
    pkce,
    tokenType,
    errorCodes,
    grantTypes,
    refused,
    tokenRequest,
    tokenAt,
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
};

const words = (status: number, body: object): Answering => says(status, JSON.stringify(body));
/** What comes back to our redirect URI, as by a browser. */
const back =
  (error: string): Answering =>
  (request, response) =>
    to(`${asked(request).searchParams.get('redirect_uri')}?error=${error}`)(request, response);

/** How each server refuses what no one was given, and a secret that is not the client's: in its own words. */
const TOKENS: readonly (readonly [preset: string, wrongCode: Answering, wrongSecret: Answering])[] = [
  [
    'github',
    words(200, {
      error: 'bad_verification_code',
      error_description: 'The code passed is incorrect or expired.',
    }),
    words(200, { error: 'incorrect_client_credentials', error_description: 'The client_id is incorrect.' }),
  ],
  [
    'slack',
    words(200, { ok: false, error: 'invalid_code' }),
    words(200, { ok: false, error: 'bad_client_secret' }),
  ],
  [
    'google',
    words(400, { error: 'invalid_grant', error_description: 'Malformed auth code.' }),
    words(401, { error: 'invalid_client', error_description: 'Unauthorized' }),
  ],
  [
    'microsoft',
    words(400, {
      error: 'invalid_grant',
      error_description: 'AADSTS70000: The provided value for the input parameter ‘code’ is not valid.',
    }),
    words(401, {
      error: 'invalid_client',
      error_description: 'AADSTS7000215: Invalid client secret provided.',
    }),
  ],
  [
    'jira',
    words(403, { error: 'invalid_grant', error_description: 'Unknown or invalid authorization code.' }),
    words(401, { error: 'access_denied', error_description: 'Unauthorized' }),
  ],
  [
    'gitlab',
    words(400, { error: 'invalid_grant', error_description: 'The provided authorization grant is invalid.' }),
    words(401, {
      error: 'invalid_client',
      error_description: 'Client authentication failed due to unknown client.',
    }),
  ],
  [
    'salesforce',
    words(400, { error: 'invalid_grant', error_description: 'invalid authorization code' }),
    words(400, { error: 'invalid_client_id', error_description: 'client identifier invalid' }),
  ],
  [
    'notion',
    words(400, { error: 'invalid_grant' }),
    words(401, { error: 'invalid_client', request_id: 'x' }),
  ],
  [
    'hubspot',
    words(400, { status: 'BAD_AUTH_CODE', message: 'missing or unknown auth code' }),
    words(401, { status: 'BAD_CLIENT_SECRET', message: 'missing or invalid client secret' }),
  ],
  [
    'x',
    words(400, {
      error: 'invalid_request',
      error_description: 'Value passed for the authorization code was invalid.',
    }),
    words(401, { error: 'unauthorized_client', error_description: 'Missing valid authorization header' }),
  ],
  ['discord', words(400, { error: 'invalid_grant' }), words(401, { error: 'invalid_client' })],
  ['mingle', words(400, { error: 'invalid-grant' }), words(400, { error: 'invalid-client-credentials' })],
];

/** Mistakes in a registration that these servers tell before anyone signs in. */
const MISTAKES: readonly (readonly [
  preset: string,
  mistake: string,
  code: LineCode,
  answers: WrongAnswers,
])[] = [
  [
    'github',
    'another redirect URI',
    'authorization_redirect_uri',
    { authorize: page('Be careful! The redirect_uri is not associated with this application.') },
  ],
  [
    'google',
    'another redirect URI',
    'authorization_redirect_uri',
    {
      authorize: page('Access blocked: This app’s request is invalid. Error 400: redirect_uri_mismatch', 400),
    },
  ],
  [
    'google',
    'another client ID',
    'authorization_client',
    { authorize: page('The OAuth client was not found. Error 401: invalid_client', 400) },
  ],
  [
    'microsoft',
    'another redirect URI',
    'authorization_redirect_uri',
    { authorize: page('AADSTS50011: The redirect URI specified in the request does not match.', 400) },
  ],
  [
    'microsoft',
    'another client ID',
    'authorization_client',
    { authorize: page('AADSTS700016: Application was not found in the directory.', 400) },
  ],
  [
    'gitlab',
    'another redirect URI',
    'authorization_redirect_uri',
    { authorize: page('The redirect URI included is not valid.', 422) },
  ],
  [
    'gitlab',
    'a scope that the app may not ask for',
    'authorization_scope',
    { authorize: back('invalid_scope') },
  ],
  [
    'slack',
    'another redirect URI',
    'redirect_uri_mismatch',
    {
      token: bySecret(
        words(200, { ok: false, error: 'bad_redirect_uri' }),
        words(200, { ok: false, error: 'bad_client_secret' }),
      ),
    },
  ],
  [
    'slack',
    'an app that is not distributed',
    'authorization_refused',
    { authorize: back('invalid_team_for_non_distributed_app') },
  ],
  [
    'microsoft',
    'a tenant whose administrator has to consent',
    'authorization_refused',
    { authorize: back('access_denied&error_description=AADSTS90094%3A+Admin+consent+is+required.') },
  ],
  [
    'salesforce',
    'another redirect URI',
    'redirect_uri_mismatch',
    {
      token: bySecret(
        words(400, {
          error: 'redirect_uri_mismatch',
          error_description: 'redirect_uri must match configuration',
        }),
        words(400, { error: 'invalid_client', error_description: 'invalid client credentials' }),
      ),
    },
  ],
];

describe('A dry run knows the words of', () => {
  it.each(TOKENS)('%s for a right secret, and for a wrong one', async (preset, wrongCode, wrongSecret) => {
    const dialect = dialectOf(preset);
    const right = await server.lines({ token: bySecret(wrongCode, wrongSecret) }, dialect);
    const accepted = right.find(({ code }) => code === 'token_accepted' || code === 'token_words');
    expect([accepted?.light, right.map(({ code }) => code)]).toEqual(['green', expect.anything()]);
    const wrong = await server.lines({ token: wrongSecret }, dialect);
    const refused = wrong.find(({ code }) => code === 'token_client');
    expect([refused?.light, wrong.map(({ code }) => code)]).toEqual(['red', expect.anything()]);
  });

  it.each(MISTAKES)('%s for %s (%s)', async (preset, _mistake, code, answers) => {
    const lines = await server.lines(answers, dialectOf(preset));
    const line = lines.find((each) => each.code === code);
    expect([line?.light, lines.map((each) => each.code)]).toEqual(['red', expect.anything()]);
    expect(line?.fix).toMatch(/[.:]/);
  });
});
