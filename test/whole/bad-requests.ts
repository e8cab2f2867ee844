import { expect } from 'vitest';
import { signHostToken } from '../support/host-token.js';
import { type Answer, frameData, httpFrame } from '../support/http-viewer.js';
import { type RawRequest, sendRaw } from '../support/raw-http.js';
import { cardsForm, startWhole, type Whole } from '../support/whole.js';

export const CARDS = '/h/gocd/g/mingle-cards';
export const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
export const JSON_TYPE = { 'content-type': 'application/json' };

type Headers = Readonly<Record<string, string>>;

/** A server with one frame of ann, to which bad requests are sent. */
export interface Victim {
  readonly whole: Whole;
  readonly port: number;
  readonly bearer: string;
}

export type Sender = (victim: Victim) => RawRequest | Promise<RawRequest>;
export type Row = readonly [what: string, send: Sender, status: number, code: string];

export const startVictim = async (): Promise<Victim> => {
  const whole = await startWhole();
  const launched = await httpFrame(whole).launch('gocd', 'mingle-cards', cardsForm(await whole.token('ann')));
  return { whole, port: whole.ports[0] ?? 0, bearer: frameData(launched.text).bearer };
};

/** A launch with a good token and these further fields, or with a body made by the caller. */
export const launch =
  (body: string | ((whole: Whole) => Promise<string>), path = CARDS, headers: Headers = FORM): Sender =>
  async ({ whole }) => ({
    method: 'POST',
    path,
    headers: { host: new URL(whole.gadgetOrigin).host, ...headers },
    body: typeof body === 'string' ? `token=${await whole.token('ann')}&${body}` : await body(whole),
  });

/** A launch with a token that is good but for these claims and this signature. */
export const launchWith = (...[claims, how]: Parameters<typeof signHostToken>): Sender =>
  launch(async ({ gadgetOrigin }) => {
    const token = await signHostToken({ aud: gadgetOrigin, ...claims }, how);
    return `token=${token}&p.project=apollo`;
  });

/** A request of the frame's script. */
export const frame =
  (method: string, path: string, body = '', headers: Headers = JSON_TYPE): Sender =>
  ({ whole, bearer }) => ({
    method,
    path,
    headers: { host: new URL(whole.gadgetOrigin).host, authorization: `Bearer ${bearer}`, ...headers },
    body,
  });

/** A request of a page of the site. */
export const site =
  (method: string, path: string, body = '', headers: Headers = JSON_TYPE): Sender =>
  ({ whole: { siteOrigin } }) => ({
    method,
    path,
    headers: {
      host: new URL(siteOrigin).host,
      origin: siteOrigin,
      'sec-fetch-site': 'same-origin',
      ...headers,
    },
    body,
  });

const codeOf = ({ text, headers }: Answer): string | undefined =>
  String(headers['content-type']).includes('json')
    ? JSON.parse(text).code
    : /data-oriel-code="(\w+)"|<code[^>]*>(\w+_\w+)<\/code>|"code":"(\w+)"/
        .exec(text)
        ?.slice(1)
        .find(Boolean);

/** A clear 4xx with a stable code and a request id, and none of our internals. */
export const expectRefusal = async (
  victim: Victim,
  send: Sender,
  status: number,
  code: string,
): Promise<void> => {
  const answer = await sendRaw(victim.port, await send(victim));
  expect([answer.status, codeOf(answer)]).toEqual([status, code]);
  const id = String(answer.headers['x-request-id']);
  expect(id).toMatch(/^[\da-f-]{36}$/);
  expect(answer.text).toContain(id);
  expect(answer.text).not.toMatch(/\bat .*(\.[jt]s:\d+|node:)|node_modules/);
  expect(answer.text.length).toBeLessThan(20_000);
};

/** Ends the server; nothing that came may have met a bug. */
export const expectNoBug = async ({ whole }: Victim): Promise<void> => {
  const log = (await whole.stop()).split('\n');
  expect(log.filter((line) => line.includes('"route"')).length).toBeGreaterThan(10);
  expect(log.filter((line) => /"event":"bug"|"status":5|Error:/.test(line))).toEqual([]);
};
