import * as z from 'zod';
import { urlProblem } from '../domain/url-problems.js';
import { defaulted, described, label, text } from '../domain/zod-types.js';
import { hostPatternProblem } from './facts.js';

/*
 * Fields of a provider's record that are records themselves: requests of a server's own kind, and what its answers mean.
 */

/** A GraphQL query, or what an API takes that is asked by POST alone. */
const accountBody = z
  .unknown()
  .refine(
    (body) => (JSON.stringify(body) ?? '').length <= 4000,
    'this is longer than 4,000 characters of JSON',
  );

const accountTarget = text((value) => {
  if (value.startsWith('//')) return 'this starts with two slashes, so that it names a host';
  if (value.startsWith('/'))
    return /^\/[\x21-\x7e]*$/.test(value) ? null : 'this holds characters that no URL has';
  return urlProblem(value) === null
    ? null
    : `this does not start with a slash, and as a URL: ${urlProblem(value)}`;
});

const accountId = described(
  label(200),
  "Where the account's lasting id stands in the answer or among the claims, keys joined by dots",
  'id',
);
const accountLabel = described(
  label(200),
  'Where its name for people stands; several places are separated by commas, and the first that is there counts',
  'login',
);

export const account = z.union([
  z.literal('none'),
  z.strictObject({
    target: described(
      accountTarget,
      "Path and query of the request, below the provider's `api`; or a URL on another origin, to which the token is then sent too",
      '/user',
    ),
    format: defaulted(
      z.enum(['json', 'xml', 'jwt']),
      'How its answer is read: json, xml, or jwt where userinfo is answered as a signed token',
      'json',
    ),
    accept: described(
      z.string().regex(/^[\x21-\x7e]{1,100}$/, 'this is no media type'),
      'The media type it is asked in, where the API wants one of its own',
      'application/vnd.example+json',
    ).exactOptional(),
    body: described(
      accountBody,
      'JSON that is posted, for APIs that are asked by POST: a GraphQL query that reads, or null. Without it the request is a GET',
      { query: '{ viewer { id name } }' },
    ).exactOptional(),
    id: accountId,
    label: accountLabel,
  }),
  z.strictObject({
    from: described(
      z.enum(['id-token', 'token']),
      'What says whose account it is where no request has to be made: the id token (OpenID Connect), or the token answer itself (token)',
      'id-token',
    ),
    id: accountId,
    label: accountLabel,
  }),
]);

const plain = z.union([z.string().max(200), z.number(), z.boolean(), z.null()]);
const plainOrList = z.union([plain, z.array(plain).max(50)]);
export const path = z
  .string()
  .max(200)
  .regex(/^[^.\s]+(\.[^.\s]+)*$/, 'this is no path of keys joined by dots');

const conditions = z
  .record(
    path,
    z.union([
      plainOrList,
      z.strictObject({ not: described(plainOrList, 'Anything that is there, but none of these', 0) }),
      z.strictObject({ present: described(z.boolean(), 'Whether anything is there', true) }),
    ]),
  )
  .refine((when) => Object.keys(when).length > 0, 'this names no condition');

export const refused = z.strictObject({
  when: described(
    conditions,
    'What a refusal holds, path by path: a value, a list of values, { not: value } or { present: true }',
    { ok: false },
  ),
  code: described(path, 'Where it says why, keys joined by dots', 'error').exactOptional(),
  expired: defaulted(
    z.array(z.string().min(1).max(200)).max(50),
    'Which of these codes mean that the access token is no longer good',
    [],
    ['token_expired', 'invalid_auth'],
  ),
});

const statuses = z
  .array(z.int().min(200, 'this is no status of an answer').max(499, 'this is no status of an answer'))
  .max(20);

/** Where a token is revoked: a URL or a path below `api`, of which our client id may be a whole segment. */
const revocationUrlProblem = (value: string): string | null => {
  if (!/^[\x21-\x7e]{1,1000}$/.test(value)) return 'this is empty, or holds characters that no URL has';
  const [, rest = ''] = /^(?:https?:\/\/[^/?#]*)?(\/.*)?$/i.exec(value) ?? [];
  const plain = rest.replaceAll('/{clientId}', '/x');
  if (/[{}]/.test(value.slice(0, value.length - rest.length) + plain))
    return 'only a whole segment of the path may be {clientId}';
  if (
    plain
      .split('?', 1)
      .join()
      .split('/')
      .some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment)) ||
    /\\|%(?:2f|5c)/i.test(plain)
  )
    return 'this path leads out of where it starts';
  if (value.startsWith('//')) return 'this starts with two slashes, so that it names a host';
  return value.startsWith('/')
    ? value.includes('#')
      ? 'a URL here has no #fragment'
      : null
    : urlProblem(value.replaceAll('/{clientId}', '/x'));
};

export const revocation = z
  .strictObject({
    url: described(
      text(revocationUrlProblem),
      "Where tokens are revoked: a URL, or a path below the provider's `api`; {clientId} stands for the client id, as a whole segment",
      '/applications/{clientId}/grant',
    ),
    method: defaulted(z.enum(['POST', 'DELETE', 'GET']), 'The method of the request', 'POST', 'DELETE'),
    authentication: defaulted(
      z.enum(['basic', 'body', 'bearer', 'none']),
      'Who asks: the client by the Authorization header (basic) or in the fields (body), or the token itself (bearer)',
      'basic',
    ),
    send: defaulted(
      z.enum(['form', 'json', 'query', 'none']),
      'How its fields are sent: form, json or query; none where the bearer alone says which token is meant',
      'form',
      'json',
    ),
    token: defaulted(label(100), "The name of the token's field", 'token', 'access_token'),
    tokens: defaulted(
      z.enum(['access', 'refresh', 'both']),
      'Which token is named: access, refresh (where there is one), or both, one after the other',
      'access',
    ),
    parameters: defaulted(
      z.record(z.string().regex(/^[\x21-\x7e]{1,100}$/, 'this is no parameter name'), z.string().max(1000)),
      'Further fields',
      {},
      { test: 'false' },
    ),
    success: defaulted(
      statuses,
      'Statuses that say that the token was revoked; every 2xx where this is left out',
      [],
      [204],
    ),
    gone: defaulted(statuses, 'Statuses that say that the token is not known any more', [], [404, 422]),
  })
  .superRefine(({ method, authentication, send }, context) => {
    const problem = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (method === 'GET' && (send === 'form' || send === 'json'))
      problem('send', 'a GET has no body: this is query or none');
    if (send === 'none' && authentication !== 'bearer')
      problem('send', 'without fields only `authentication: bearer` says which token is meant');
    if (authentication === 'body' && send === 'query')
      problem('authentication', 'a client secret must not stand in a URL: this is basic, bearer or none');
  });

/** Statuses whose answers are data, or failures of the server, unless they hold something that is named. */
const needsContent = (status: number): boolean => status < 300 || status >= 500;

export const tokenRejected = z
  .strictObject({
    status: described(
      z
        .int()
        .min(200, 'this is no status of an answer')
        .max(599, 'this is no status of an answer')
        .refine((status) => status !== 304, 'this says that an answer has not changed'),
      'The status of such an answer',
      403,
    ),
    code: described(
      z.union([z.string().min(1).max(200), z.array(z.string().min(1).max(200)).min(1).max(50)]),
      'A code or sentence it has somewhere in its body or in WWW-Authenticate, or one of a list',
      'Bad_OAuth_Token',
    ).exactOptional(),
    when: described(conditions, 'What its body holds, path by path, as in `refused`', {
      'error.code': 190,
    }).exactOptional(),
    headers: described(
      z
        .record(
          z.string().regex(/^[A-Za-z0-9-]{1,60}$/, 'this is no name of a header'),
          z
            .string()
            .regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?$/, 'this is no text that a header has'),
        )
        .refine((headers) => Object.keys(headers).length > 0, 'this names no header'),
      'What its headers hold, name by name: a text that stands somewhere in the value, capital letters or not',
      { 'X-Auth-Error': 'token_expired' },
    ).exactOptional(),
    never: described(
      z.literal(true),
      'That such an answer never means it: the token is good, and this one request is refused',
      true,
    ).exactOptional(),
  })
  .refine(
    ({ status, code, when, headers, never }) =>
      never || code !== undefined || when !== undefined || headers !== undefined || !needsContent(status),
    {
      path: ['status'],
      error:
        'every answer with this status would count as a rejected token: this needs a code, `when` or `headers`',
    },
  );

const factName = z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/, 'this is not a lower-case word like `cloud`');

const fact = z
  .strictObject({
    from: described(
      z.enum(['token', 'callback', 'request']),
      'What says it: the token answer, a parameter of the callback, or a request to the API right after consent',
      'token',
    ),
    at: described(
      path,
      'Where it stands: keys joined by dots in the token answer or in an item of the request’s answer; the name of the parameter',
      'instance_url',
    ),
    kind: defaulted(
      z.enum(['id', 'label', 'origin']),
      'What it is: id (a segment of a path, or a value), label (the first part of a host’s name), or origin',
      'id',
      'origin',
    ),
    hosts: defaulted(
      z.array(text(hostPatternProblem)).max(50),
      'For an origin: the hosts it may have, each a name, or *. and the end of names',
      [],
      ['*.my.salesforce.com'],
    ),
    title: described(label(60), 'What people call it, for a person who has several', 'Jira site'),
    target: described(
      text((value) => (/^\/(?!\/)[\x21-\x7e]*$/.test(value) ? null : 'this does not start with one slash')),
      'Of a request: its path and query, below `api`',
      '/oauth/token/accessible-resources',
    ).exactOptional(),
    items: described(
      path,
      'Of a request: where in its answer the items are, where that is not its top',
      'values',
    ).exactOptional(),
    label: described(path, 'Of a request: where an item says what it is called', 'name').exactOptional(),
  })
  .superRefine(({ from, at: place, kind, hosts, target, items, label: named }, context) => {
    const problem = (at: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [at], message });
    if (from === 'callback' && /^(?:state|code|iss|error(?:_.*)?)$/.test(place))
      problem('at', 'this parameter belongs to the consent itself');
    if (from === 'request' && target === undefined)
      problem('target', 'this is missing: which request says it');
    if (from !== 'request' && (target ?? items ?? named) !== undefined)
      problem('from', 'target, items and label are of a request');
    if (kind === 'origin' && hosts.length === 0)
      problem('hosts', 'this is missing: a token goes to no host that the record does not name');
    if (kind !== 'origin' && hosts.length > 0) problem('hosts', 'hosts are of an origin');
  });

export const facts = z
  .record(factName, fact)
  .refine((all) => Object.keys(all).length <= 10, 'these are more than 10');
