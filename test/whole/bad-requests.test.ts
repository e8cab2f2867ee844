import { afterAll, beforeAll, describe, it } from 'vitest';
import {
  CARDS,
  expectNoBug,
  expectRefusal,
  FORM,
  frame,
  JSON_TYPE,
  type Row,
  site,
  startVictim,
  type Victim,
} from './bad-requests.js';

const MEGABYTES = 'x'.repeat(20 * 1024 * 1024);

const TABLE: readonly Row[] = [
  ['no bearer', frame('GET', '/frame/content', '', { authorization: '' }), 401, 'session_missing'],
  [
    'a bearer of no one',
    frame('GET', '/frame/content', '', { authorization: `Bearer ${'A'.repeat(43)}` }),
    401,
    'session_missing',
  ],
  [
    'a bearer by another origin',
    frame('GET', '/frame/content', '', { origin: 'https://evil.example' }),
    403,
    'origin_refused',
  ],
  ['broken JSON', frame('POST', '/frame/flows', '{"provider":'), 400, 'body_invalid'],
  ['JSON that is no object', frame('POST', '/frame/flows', '["mingle"]'), 400, 'body_invalid'],
  ['a number for a text', frame('POST', '/frame/flows', '{"provider":1}'), 400, 'body_invalid'],
  ['deeply nested JSON', frame('POST', '/frame/flows', '['.repeat(4000)), 400, 'body_invalid'],
  [
    'an unknown intent',
    frame('POST', '/frame/flows', '{"provider":"mingle","intent":"x"}'),
    400,
    'body_invalid',
  ],
  [
    'an unknown provider',
    frame('POST', '/frame/flows', '{"provider":"__proto__","intent":"connect"}'),
    403,
    'provider_not_allowed',
  ],
  [
    'a form where JSON belongs',
    frame('POST', '/frame/flows', 'provider=mingle', FORM),
    415,
    'media_type_unsupported',
  ],
  ['JSON of 20 MB', frame('POST', '/frame/disconnect', MEGABYTES), 413, 'body_too_large'],
  ['an unknown flow', frame('GET', `/frame/flows/${'a'.repeat(2000)}`, '', {}), 404, 'flow_unknown'],
  ['renewal with a token that is none', frame('POST', '/frame/renew', '{"token":"x"}'), 401, 'token_invalid'],
  ['a frame’s route by another method', frame('DELETE', '/frame/content', '', {}), 405, 'method_not_allowed'],

  ['an address that is nothing', site('GET', '/nothing', '', {}), 404, 'route_unknown'],
  ['a gadget’s address on the site', site('GET', CARDS, '', {}), 404, 'route_unknown'],
  ['a ticket of no one', site('POST', '/connect/open', '{"ticket":"x"}'), 403, 'ticket_invalid'],
  ['a ticket by a form', site('POST', '/connect/open', 'ticket=x', FORM), 415, 'media_type_unsupported'],
  [
    'a ticket by another site’s page',
    site('POST', '/connect/open', '{"ticket":"x"}', { ...JSON_TYPE, origin: 'https://evil.example' }),
    403,
    'origin_refused',
  ],
  ['a step of no flow', site('POST', '/connect/accept', 'flow=x', FORM), 404, 'flow_unknown'],
  ['a flow twice', site('POST', '/connect/go', 'flow=x&flow=y', FORM), 400, 'parameter_repeated'],
  ['a finish of no flow', site('GET', '/connect/finish', '', {}), 400, 'parameter_invalid'],
  ['a finish of two flows', site('GET', '/connect/finish?flow=a&flow=b', '', {}), 400, 'parameter_invalid'],
  [
    'a callback with a parameter twice',
    site('GET', '/connect/callback/mingle?code=a&code=b&state=c', '', {}),
    400,
    'parameter_repeated',
  ],
  [
    'a callback with a state that no one has',
    site('GET', '/connect/callback/mingle?code=a&state=%00', '', {}),
    400,
    'state_mismatch',
  ],
  [
    'a callback of no provider',
    site('GET', '/connect/callback/%00?code=a&state=b', '', {}),
    404,
    'provider_unknown',
  ],
  [
    'another Host header',
    () => ({ method: 'GET', path: '/connect', headers: { host: 'evil.example' } }),
    421,
    'origin_unknown',
  ],
  [
    'a Host header with a trailing dot',
    ({ whole }) => ({
      method: 'GET',
      path: '/connect',
      headers: { host: `${new URL(whole.siteOrigin).host}.` },
    }),
    421,
    'origin_unknown',
  ],
];

let victim: Victim;
beforeAll(async () => {
  victim = await startVictim();
});
afterAll(() => victim.whole.close());

describe('a bad request of a frame or a page is refused with a clear 4xx, a stable code, a request id and no stack', () => {
  it.each(TABLE)('%s', (_, send, status, code) => expectRefusal(victim, send, status, code));

  it('and none causes a bug', () => expectNoBug(victim));
});
