import { createSecretKey } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { httpFrame } from '../support/http-viewer.js';
import { cardsForm, type Whole } from '../support/whole.js';
import {
  CARDS,
  expectNoBug,
  expectRefusal,
  frame,
  JSON_TYPE,
  launch,
  launchWith,
  type Row,
  startVictim,
  type Victim,
} from './bad-requests.js';

const MEGABYTES = 'x'.repeat(20 * 1024 * 1024);
const anHourAgo = Math.floor(Date.now() / 1000) - 3600;
const otherKey = createSecretKey(
  Buffer.from('another secret that is long enough for HS512, and then some more.'),
);

const unsigned = async (whole: Whole): Promise<string> => {
  const [, payload = ''] = (await whole.token('ann')).split('.');
  const head = Buffer.from('{"alg":"none"}').toString('base64url');
  return `token=${head}.${payload}.&p.project=apollo`;
};
const used = async (whole: Whole): Promise<string> => {
  const token = await whole.token('ann');
  await httpFrame(whole).launch('gocd', 'mingle-cards', cardsForm(token));
  return `token=${token}&p.project=apollo`;
};
const altered = async (whole: Whole): Promise<string> =>
  `token=${await whole.token('ann')}AAAA&p.project=apollo`;

const TABLE: readonly Row[] = [
  ['an unknown host', launch('p.project=apollo', '/h/nobody/g/mingle-cards'), 404, 'host_unknown'],
  [
    'a host named like an object’s member',
    launch('p.project=apollo', '/h/__proto__/g/x'),
    404,
    'host_unknown',
  ],
  ['an unknown gadget', launch('p.project=apollo', '/h/gocd/g/nothing'), 404, 'gadget_unknown'],
  ['a gadget whose name is a path', launch('', '/h/gocd/g/..%2f..%2fetc%2fpasswd'), 404, 'gadget_unknown'],
  ['an unknown field', launch('p.project=apollo&viewer=bob'), 400, 'parameter_unknown'],
  ['a missing parameter', launch('p.limit=3'), 400, 'parameter_missing'],
  ['a parameter twice', launch('p.project=apollo&p.project=borealis'), 400, 'parameter_repeated'],
  ['the token twice', launch('token=x&p.project=apollo'), 400, 'parameter_repeated'],
  ['an over-long value', launch(`p.project=${'a'.repeat(65)}`), 400, 'parameter_invalid'],
  ['a value with a path in it', launch('p.project=../../admin'), 400, 'parameter_invalid'],
  ['a NUL byte in a value', launch('p.project=apollo&p.properties=a%00b'), 400, 'parameter_invalid'],
  ['conditions that are not MQL', launch("p.project=apollo&p.conditions=Name='"), 400, 'parameter_invalid'],
  ['a form that is not UTF-8', launch('p.project=apollo\xff'), 400, 'body_invalid'],
  ['a form of 33 kB', launch(`p.project=${'a'.repeat(33 * 1024)}`), 413, 'body_too_large'],
  ['a form of 20 MB', launch(`p.project=${MEGABYTES}`), 413, 'body_too_large'],
  ['JSON where a form belongs', launch('p.project=apollo', CARDS, JSON_TYPE), 415, 'media_type_unsupported'],
  ['no content type', launch('p.project=apollo', CARDS, {}), 415, 'media_type_unsupported'],
  ['a launch by another method', frame('PUT', CARDS, '', {}), 405, 'method_not_allowed'],
  ['broken percent-encoding in the path', frame('GET', '/h/%zz/g/x', '', {}), 404, 'host_unknown'],
  ['no token', launch(async () => 'p.project=apollo'), 400, 'token_missing'],
  ['a token that is none', launch(async () => 'token=a.b.c&p.project=apollo'), 401, 'token_invalid'],
  ['a token with a NUL byte', launch(async () => 'token=a%00b&p.project=apollo'), 401, 'token_invalid'],
  ['a token of 9 kB', launch(async () => `token=${'a'.repeat(9000)}`), 401, 'token_invalid'],
  ['an altered token', launch(altered), 401, 'token_invalid'],
  ['an unsigned token', launch(unsigned), 401, 'token_invalid'],
  ['a token of another key', launchWith({}, { key: otherKey }), 401, 'token_invalid'],
  [
    'a token of another algorithm',
    launchWith({}, { header: { alg: 'HS512' }, key: otherKey }),
    401,
    'token_invalid',
  ],
  [
    'a token with an unknown critical header',
    launchWith({}, { header: { alg: 'HS256', crit: ['b64'], b64: true } }),
    401,
    'token_invalid',
  ],
  ['an expired token', launchWith({ iat: anHourAgo, exp: anHourAgo + 60 }), 401, 'token_expired'],
  ['a used token', launch(used), 401, 'token_replayed'],
  ['a token for someone else', launchWith({ aud: 'https://elsewhere.example' }), 401, 'token_invalid'],
  ['a token for another gadget', launchWith({ gadget: 'mingle-card-activity' }), 401, 'token_invalid'],
  [
    'a token that locks another value',
    launchWith({ params: { project: 'borealis' } }),
    400,
    'parameter_locked',
  ],
  ['a token of a purpose', launchWith({ purpose: 'connect' }), 401, 'token_purpose'],
];

let victim: Victim;
beforeAll(async () => {
  victim = await startVictim();
});
afterAll(() => victim.whole.close());

describe('a bad launch is refused with a clear 4xx, a stable code, a request id and no stack', () => {
  it.each(TABLE)('%s', (_, send, status, code) => expectRefusal(victim, send, status, code));

  it('and none causes a bug', () => expectNoBug(victim));
});
