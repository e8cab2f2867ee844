import type { Exchange } from '../support/forwarder.js';
import { frameData } from '../support/http-viewer.js';
import type { Whole } from '../support/whole.js';

/** Kind → every secret of that kind that a run has seen. */
export type Secrets = ReadonlyMap<string, ReadonlySet<string>>;

const pairsIn = (text: string): URLSearchParams => new URLSearchParams(text.replace(/^[^?]*\?/, ''));

type Add = (kind: string, value: unknown) => void;

/** What went to and came from the provider. */
const fromMingle = ({ url, requestBody, body, headers }: Exchange, add: Add): void => {
  add('verifier', pairsIn(requestBody).get('code_verifier'));
  add('code', pairsIn(headers.location ?? '').get('code'));
  add('state', pairsIn(url).get('state'));
  if (url !== '/oauth/token' || !body.startsWith('{')) return;
  const { access_token, refresh_token } = JSON.parse(body);
  add('access token', access_token);
  add('refresh token', refresh_token);
};

/** What went to and came from Oriel. */
const fromOriel = ({ url, requestBody, body, headers }: Exchange, add: Add): void => {
  if (body.includes('id="oriel-frame"')) add('bearer', frameData(body).bearer);
  if (url.startsWith('/frame/') && body.startsWith('{')) add('ticket', JSON.parse(body).ticket);
  if (url.startsWith('/h/')) add('host token', pairsIn(requestBody).get('token'));
  if (url === '/frame/renew') add('host token', JSON.parse(requestBody).token);
  for (const cookie of headers['set-cookie'] ?? []) {
    const [name = '', value = ''] = cookie.split(/[=;]/, 2);
    add(name.startsWith('oriel-flow-') ? 'nonce' : name, value);
  }
};

/** Gathers all secrets of a run out of what went over the wire. */
export const secretsOf = ({ oriel, mingle, secrets }: Whole): Secrets => {
  const found = new Map<string, Set<string>>();
  const add: Add = (kind, value) => {
    if (typeof value !== 'string' || value.length < 16) return;
    found.set(kind, (found.get(kind) ?? new Set()).add(value));
  };
  for (const [kind, value] of Object.entries(secrets)) add(`${kind} secret`, value);
  for (const exchange of mingle.exchanges) fromMingle(exchange, add);
  for (const exchange of oriel.exchanges) fromOriel(exchange, add);
  return found;
};

const spellings = (secret: string): readonly string[] => {
  const bytes = Buffer.from(secret);
  return [
    secret,
    bytes.toString('hex'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
  ];
};

/** Each secret that the text holds, in clear or merely spelled another way. */
export const leaksIn = (text: string, secrets: Secrets): readonly { kind: string; secret: string }[] =>
  [...secrets].flatMap(([kind, values]) =>
    [...values]
      .filter((secret) => spellings(secret).some((spelling) => text.includes(spelling)))
      .map((secret) => ({ kind, secret })),
  );

/** The places where a secret belongs: each in the one answer that hands it over, at most once. */
export const withoutHandovers = (exchange: Exchange): string => {
  const { url, method, status, headers, body } = exchange;
  const { 'set-cookie': _, location = '', ...others } = headers;
  const isLaunch = method === 'POST' && url.startsWith('/h/') && status === 200;
  const isTicket = method === 'POST' && (url === '/frame/flows' || url === '/frame/tickets');
  const isLeaving = url === '/connect/go' || url === '/connect/other';
  const rest = isLaunch
    ? body.replace(/"bearer":"[\w-]{43}"/, '')
    : isTicket
      ? body.replace(/"ticket":"[\w-]{43}"/, '')
      : body;
  const target = isLeaving ? location.replace(/([?&]state=)[\w-]{43}/, '$1') : location;
  return `${JSON.stringify(others)}\n${target}\n${rest}`;
};
