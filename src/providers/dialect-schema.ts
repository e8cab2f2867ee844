import * as z from 'zod';
import { HEADER_VALUE, headerFault, tokenHeaderFault } from '../domain/fixed-headers.js';
import { baseUrlProblem, trimSlashes } from '../domain/url-problems.js';
import {
  described,
  flag,
  label,
  requestParameters,
  text,
  tokenParameters,
  url,
  whole,
  words,
} from '../domain/zod-types.js';
import { account, facts, path, refused, revocation, tokenRejected } from './answer-rules-schema.js';
import { headerProblem, pastedTokenSchema } from './pasted-token.js';

const visible = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/, 'this is empty, or holds spaces or other characters that cannot be sent');

/** A base URL, or one with facts, whose places are looked at together with what they are. */
const apiBase = text((value) => {
  const plain = value
    .replace(/^\{facts\.[^{}]*\}/, 'https://x.example')
    .replaceAll(/\{facts\.[^{}]*\}/g, 'x');
  return baseUrlProblem(plain);
}).transform(trimSlashes);

const header = text(headerProblem);

export const grantTypeName = visible;

/** Seconds in a year: what lives longer is used until the API refuses it. */
const YEAR = 365 * 24 * 60 * 60;

/** How a server speaks OAuth and answers: what a preset may settle, and an administrator may write otherwise. */
export const dialect = {
  connect: described(
    z.enum(['oauth', 'token']),
    'How people connect: oauth, where they agree at the provider, or token, where they create a token there and paste it',
    'token',
  ).exactOptional(),
  pastedToken: described(
    pastedTokenSchema,
    'With `connect: token`: where people create one, what it must allow, and whether it ends',
    { page: '/access_tokens', permissions: ['Read access to builds'], expires: 'asked' },
  ).exactOptional(),
  grantTypes: described(
    z.strictObject({
      authorizationCode: described(visible, 'Name of the code grant', 'authorization_code').exactOptional(),
      refreshToken: described(visible, 'Name of the refresh grant', 'refresh_token').exactOptional(),
    }),
    'Names of the grant types on the wire, where a server has its own',
    { authorizationCode: 'authorization-code', refreshToken: 'refresh-token' },
  ).exactOptional(),
  clientAuthentication: described(
    z.enum(['basic', 'body']),
    'How the client authenticates: basic (the Authorization header) or body (form fields)',
    'basic',
  ).exactOptional(),
  clientIdInBody: described(
    flag,
    'Whether token requests name the client in the form too, where it authenticates by the Authorization header',
    true,
  ).exactOptional(),
  basicEncoding: described(
    z.enum(['standard', 'raw']),
    'How id and secret are written into the Authorization header: standard (form-encoded first, RFC 6749 §2.3.1) or raw, where a server does not decode them',
    'raw',
  ).exactOptional(),
  tokenRequest: described(
    z.enum(['form', 'json']),
    'How token requests are written: form, as RFC 6749 has it, or json',
    'json',
  ).exactOptional(),
  tokenParameters: described(
    tokenParameters([]),
    'Further parameters of the request that turns a code into tokens',
    { expires_in: '1800' },
  ).exactOptional(),
  refreshParameters: described(
    tokenParameters(['scope']),
    'Further parameters of the request that refreshes tokens',
    { expires_in: '1800' },
  ).exactOptional(),
  refreshEndpoint: described(
    url,
    'Where tokens are refreshed, where that is not the token endpoint',
    'https://api.example.com/oauth/refresh',
  ).exactOptional(),
  tokenAt: described(
    path,
    'Where in a token answer the tokens stand, keys joined by dots, where that is not its top',
    'authed_user',
  ).exactOptional(),
  accessTokenLife: described(
    whole(60, YEAR),
    'Seconds that an access token lives, where token answers do not say it',
    7200,
  ).exactOptional(),
  resource: described(
    url,
    'The resource that tokens are asked for (RFC 8707), named in authorization and token requests',
    'https://api.example.com',
  ).exactOptional(),
  audience: described(
    z
      .string()
      .regex(
        /^[\x21-\x7e]{1,500}$/,
        'this is empty, or holds spaces or other characters that cannot be sent',
      ),
    'The audience that tokens are asked for, named in authorization and token requests, where a server wants that instead of a resource',
    'https://api.example.com',
  ).exactOptional(),
  pkce: described(
    z.enum(['S256', 'none']),
    'PKCE: S256, or none where a server refuses it',
    'S256',
  ).exactOptional(),
  tokenType: described(
    z.enum(['bearer', 'absent', 'any']),
    'Whether token answers must say `token_type: bearer`, may leave it out (absent), or may say anything or nothing (any)',
    'bearer',
  ).exactOptional(),
  authorizationHeader: described(
    header,
    'The Authorization header of API calls, with {token} once for the access token; `Basic {account}:{token}` sends an account name along, which is asked for where a token is pasted',
    'Bearer {token}',
  ).exactOptional(),
  tokenHeader: described(
    text(tokenHeaderFault),
    'The header that the token is sent in, where a server has one of its own for it; what stands in it is said by `authorizationHeader`',
    'X-Shopify-Access-Token',
  ).exactOptional(),
  headers: described(
    z
      .record(z.string(), z.string().regex(HEADER_VALUE, 'this is no value of a header'))
      .superRefine((headers, context) => {
        for (const name of Object.keys(headers)) {
          const message = headerFault(name);
          if (message !== null) context.addIssue({ code: 'custom', path: [name], message });
        }
      }),
    'Fixed headers of every API call, which choose what is answered and say nothing of who asks; a gadget’s own win',
    { 'Notion-Version': '2025-09-03' },
  ).exactOptional(),
  errorCodes: described(
    words,
    "The server's own error codes and what they are called in RFC 6749; added to the preset's",
    { 'invalid-grant': 'invalid_grant' },
  ).exactOptional(),
  errorsCarryState: described(flag, 'Whether error responses carry `state`', true).exactOptional(),
  refreshSendsRedirectUri: described(
    flag,
    'Whether refreshing sends `redirect_uri` too',
    false,
  ).exactOptional(),
  account: described(
    account,
    'How to ask whose account a token belongs to: a request, and where id and label stand in its answer; or none',
    { target: '/user', format: 'json', id: 'id', label: 'login' },
  ).exactOptional(),
  revocation: described(
    revocation,
    'How tokens are revoked where that is not by RFC 7009: a request of the server’s own kind. It takes the place of `revocationEndpoint`',
    {
      url: '/applications/{clientId}/grant',
      method: 'DELETE',
      send: 'json',
      token: 'access_token',
    },
  ).exactOptional(),
  oneGrantPerAccount: described(
    flag,
    'Whether a newer grant of the same person and client ends the older',
    false,
  ).exactOptional(),
  scopes: described(z.array(visible), 'The scopes asked for', ['read:user']).exactOptional(),
  scopeSeparator: described(
    z.string().regex(/^[ ,;+|]$/, 'this is none of a space, a comma, a semicolon, + and |'),
    'What stands between scopes in requests, where that is not a space',
    ',',
  ).exactOptional(),
  impliedScopes: described(
    z.record(visible, z.array(visible).max(50)),
    'Scopes that a granted one includes, or that the server calls by its name: what a gadget needs is compared with all of them',
    { repo: ['public_repo'] },
  ).exactOptional(),
  scopeDescriptions: described(
    z.record(visible, label(200)),
    'What scopes allow, in words that people read in My connections',
    { 'read:user': 'Read your profile' },
  ).exactOptional(),
  authorizationParameters: described(requestParameters, 'Further parameters of the authorization request', {
    audience: 'https://api.example.com',
  }).exactOptional(),
  selectAccountParameters: described(
    requestParameters,
    'Parameters that make the server ask which account to use',
    { prompt: 'select_account' },
  ).exactOptional(),
  facts: described(
    facts,
    'Values that are fixed when a person connects, by the names that `api` and gadgets have for them: `{facts.cloud}`',
    {
      cloud: {
        from: 'request',
        target: '/oauth/token/accessible-resources',
        at: 'id',
        label: 'name',
        title: 'Jira site',
      },
    },
  ).exactOptional(),
  refused: described(
    refused,
    'How this API says no within a 200: what such an answer holds, where it says why, and which codes mean that the access token is no longer good',
    { when: { ok: false }, code: 'error', expired: ['token_expired'] },
  ).exactOptional(),
  tokenRejected: described(
    z.array(tokenRejected).max(50),
    'Answers by which this API says, in its own way, that the access token is dead; with `never: true`, answers that look so and are not. The first that fits counts',
    [{ status: 403, code: 'Bad_OAuth_Token' }],
  ).exactOptional(),
  edition: described(
    z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'this is not a lower-case word like `legacy`'),
    'Which edition of its API this server has, where gadgets know several: `legacy` of GoCD up to 18.7',
    'legacy',
  ).exactOptional(),
  keepAlive: described(
    flag,
    "Whether a connection to the API is kept for the same viewer's next call; false opens one for every call, where a server or proxy mixes up answers",
    true,
  ).exactOptional(),
};

/** Where a server is: what a preset may settle for an application that is in one place, and an administrator may write otherwise. */
export const places = {
  issuer: described(
    url,
    "The authorization server's issuer (RFC 8414); its metadata gives the endpoints that are not written here",
    'https://login.example.com',
  ).exactOptional(),
  iss: described(
    z.enum(['required', 'optional']),
    'Whether an authorization response without `iss` is refused (RFC 9207)',
    'required',
  ).exactOptional(),
  jwks: described(
    url,
    'Where the server publishes the keys that id tokens and userinfo are signed with (RFC 7517); its metadata gives it where it is left out',
    'https://login.example.com/keys',
  ).exactOptional(),
  authorizationEndpoint: described(
    url,
    'Where people give consent',
    'https://login.example.com/authorize',
  ).exactOptional(),
  tokenEndpoint: described(
    url,
    'Where codes become tokens',
    'https://login.example.com/token',
  ).exactOptional(),
  revocationEndpoint: described(
    z.union([z.literal('none'), url]),
    'Where tokens are revoked (RFC 7009), or none',
    'https://login.example.com/revoke',
  ).exactOptional(),
  api: described(
    apiBase,
    'The base URL of every call made with a token; https, or http on loopback. {facts.NAME} stands for a fact',
    'https://api.example.com/v1',
  ).exactOptional(),
  apis: described(
    z
      .record(
        z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'this is not a lower-case word like `calendar`'),
        apiBase,
      )
      .refine((all) => Object.keys(all).length <= 20, 'these are more than 20'),
    'Further APIs that the same token is for, by the names that requests of gadgets have for them',
    { mail: 'https://gmail.googleapis.com/gmail/v1' },
  ).exactOptional(),
  accountPage: described(
    z.union([z.literal('none'), url]),
    'A page where people see what may use their account, or none',
    'https://app.example.com/settings/applications',
  ).exactOptional(),
};
