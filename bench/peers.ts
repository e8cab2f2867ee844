import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HttpBrowser, redirectOf } from '../test/support/http-viewer.js';
import type { Promised } from './compare.js';
import type { Scenario } from './load.js';
import { CLIENTS, launching } from './promises.js';
import { type Server, startServer } from './server.js';
import { freePort, type Setting } from './setting.js';

/** What a peer reads when it starts. */
interface PeerSetup {
  readonly port: number;
  readonly database: string;
  readonly provider: string;
  readonly project: string;
  /** Of the host's tokens, of cookies, and of the client at the provider. */
  readonly secret: string;
  /** Whom the host's tokens are for. */
  readonly audience: string;
}

/** The same gadget, written by hand with another framework. */
export const PEERS = ['Express', 'Fastify'] as const;
const ROWS = ['warm content', 'warm content, 304', 'launch', 'cold XML', 'cold JSON'] as const;

/** Rounds of each row, and requests of each round: there are ten rows, and what they show is more than some hundredths. */
export const PEER_ROUNDS = 5;
const MANY = 4000;
const FEW = 600;

/** How a row of a peer is called: “cold XML, Express”. */
const peerRow = (row: (typeof ROWS)[number], peer: (typeof PEERS)[number]): string => `${row}, ${peer}`;

/** How the rows of peers are called that are ours against each. */
export const peerNames = (row: string): readonly string[] =>
  ROWS.filter((each) => each === row).flatMap((each) => PEERS.map((peer) => peerRow(each, peer)));

/** A peer that runs, with people signed in and connected. */
export interface Peer {
  readonly name: (typeof PEERS)[number];
  readonly server: Server;
  readonly origin: string;
  /** The cookie of each of these people, and the ETag that the first was sent. */
  readonly cookies: readonly string[];
  readonly etag: string;
}

/** Signs a person in by a host's token and takes them through the consent; returns their cookies. */
const signIn = async (origin: string, token: string): Promise<HttpBrowser> => {
  const browser = new HttpBrowser();
  const launched = await browser.send(`${origin}/launch`, { form: { token } });
  if (launched.status !== 200) throw new Error(`launch: ${launched.status} ${launched.text}`);
  const asked = new URL(redirectOf(await browser.send(`${origin}/login`), origin)).searchParams;
  const back = new URL(asked.get('redirect_uri') ?? '');
  back.search = new URLSearchParams({ code: 'c'.repeat(64), state: asked.get('state') ?? '' }).toString();
  redirectOf(await browser.send(back.href), origin);
  return browser;
};

const cookieOf = (browser: HttpBrowser, origin: string): string =>
  `sid=${browser.cookies(origin).get('sid') ?? ''}`;

/** Starts a peer and lets its people connect. It must show what it should, or its rows measure nothing. */
export const startPeer = async (
  root: string,
  setting: Setting,
  name: (typeof PEERS)[number],
): Promise<Peer> => {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const peer = name.toLowerCase();
  const setup: PeerSetup = {
    port,
    database: join(setting.folder, `${peer}.db`),
    provider: setting.provider,
    project: 'apollo',
    secret: setting.secret,
    audience: setting.gadgetOrigin,
  };
  const file = join(setting.folder, `${peer}.json`);
  writeFileSync(file, JSON.stringify(setup));
  const script = join(root, 'bench', 'peers', `${peer}.mjs`);
  const server = await startServer(script, [file], {}, `${origin}/readyz`);
  const cookies: string[] = [];
  for (let client = 0; client < CLIENTS; client += 1)
    cookies.push(cookieOf(await signIn(origin, setting.token(`peer-${client}`)), origin));
  const headers = { cookie: cookies[0] ?? '' };
  const browser = new HttpBrowser();
  const cards = await browser.send(`${origin}/cards`, { headers });
  const issues = await browser.send(`${origin}/cold/issues`, { headers });
  const rows = [cards, issues].map(({ text }) => (text.match(/<tr/g) ?? []).length);
  if (rows.join() !== '41,50') throw new Error(`${name} shows ${rows.join()} rows: ${cards.text}`);
  return { name, server, origin, cookies, etag: String(cards.headers.etag) };
};

/** What is promised against a peer, of the rows of `own` that it can do: never dearer. Where it remembers a page of each viewer, that is what is asked for. */
export const peerPromises = (setting: Setting, own: readonly Promised[], peer: Peer): readonly Promised[] => {
  const { server, origin } = peer;
  const get = (path: string, more: Readonly<Record<string, string>> = {}, status = 200): Scenario => ({
    ...{ server, origin, status },
    shot: (client) => ({
      ...{ method: 'GET', path },
      headers: { cookie: peer.cookies[more['if-none-match'] === undefined ? client : 0] ?? '', ...more },
    }),
  });
  const theirs: Readonly<Record<(typeof ROWS)[number], Scenario>> = {
    'warm content': get('/cards'),
    'warm content, 304': get('/cards', { 'if-none-match': peer.etag }, 304),
    launch: { ...launching(setting, server, '/launch'), origin },
    'cold XML': get('/cold/cards'),
    'cold JSON': get('/cold/issues'),
  };
  return own.flatMap(({ name, ours }) =>
    ROWS.filter((row) => row === name).map((row) => ({
      name: peerRow(row, peer.name),
      ours,
      floor: theirs[row],
      atLeast: 1,
      requests: row.startsWith('warm') ? MANY : FEW,
      clients: CLIENTS,
    })),
  );
};

/** Whether any row of a peer is one of these. */
export const isPeerWanted = (peer: (typeof PEERS)[number], isWanted: (name: string) => boolean): boolean =>
  ROWS.some((row) => isWanted(peerRow(row, peer)));
