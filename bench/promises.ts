import type { Promised } from './compare.js';
import { EACH_ANSWERS } from './each-gadgets.js';
import type { Scenario, Shot } from './load.js';
import type { Server } from './server.js';
import type { Setting } from './setting.js';

/** So many people launch in turn: no one has hundreds of frames open, and how many they may have is limited. */
export const LAUNCHERS = 200;
export const launcher = (turn: number): string => `launch-${turn}`;

/** The one that needs a crowd, which takes minutes to gather. */
export const CROWD_PROMISE = 'looks of a crowd';

/** Requests under way at a time. */
export const CLIENTS = 16;

/** The one that starts a PostgreSQL. */
export const POSTGRES_PROMISE = 'launch, PostgreSQL';

/** Names people one after another, and from the first again. */
export const inTurn = (nameOf: (turn: number) => string, count: number): (() => string) => {
  let turn = 0;
  return () => nameOf(turn++ % count);
};

/** One launch of a gadget by this person. */
export const launchShot = (setting: Setting, path: string, sub: string): Shot => ({
  ...{ method: 'POST', path },
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams({ token: setting.token(sub), 'p.project': 'apollo' }).toString(),
});

/** Launches of many people in turn. */
export const launching = (setting: Setting, server: Server, path = '/h/bench/g/mingle-cards'): Scenario => {
  const next = inTurn(launcher, LAUNCHERS);
  return {
    ...{ server, origin: setting.gadgetOrigin, status: 200 },
    shot: () => launchShot(setting, path, next()),
  };
};

/** Launches on PostgreSQL, against those of the same server on SQLite. PostgreSQL's own processor time is not counted. */
export const postgresPromise = (
  postgres: { readonly setting: Setting; readonly server: Server },
  sqlite: { readonly setting: Setting; readonly server: Server },
): Promised => ({
  name: POSTGRES_PROMISE,
  ours: launching(postgres.setting, postgres.server),
  floor: launching(sqlite.setting, sqlite.server),
  atLeast: 0.5,
  requests: 1500,
  clients: CLIENTS,
});

/** What is promised of speed, and what it is measured against. */
export const promises = (
  setting: Setting,
  ours: Server,
  bare: Server,
  seen: {
    readonly warm: string;
    readonly cold: readonly string[];
    readonly issues: readonly string[];
    readonly each: readonly string[];
    readonly plain: readonly string[];
    readonly crowd: readonly string[];
    readonly etag: string;
  },
): readonly Promised[] => {
  const floorOrigin = `http://127.0.0.1:${setting.floorPort}`;
  const at = (server: Server, origin: string, status: number) => ({ server, origin, status });
  const get = (path: string, headers: Readonly<Record<string, string>>) => () =>
    ({ method: 'GET', path, headers }) as const;
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const content = '/frame/content';
  let turn = 0;
  const next = (): string => seen.crowd[turn++ % seen.crowd.length] ?? '';
  const same = { ...bearer(seen.warm), 'if-none-match': seen.etag };
  return [
    {
      name: 'warm content',
      ours: { ...at(ours, setting.gadgetOrigin, 200), shot: get(content, bearer(seen.warm)) },
      floor: { ...at(bare, floorOrigin, 200), shot: get('/warm', bearer(seen.warm)) },
      atLeast: 0.85,
      requests: 10_000,
      clients: CLIENTS,
    },
    {
      name: 'warm content, 304',
      ours: { ...at(ours, setting.gadgetOrigin, 304), shot: get(content, same) },
      floor: { ...at(bare, floorOrigin, 304), shot: get('/same', same) },
      atLeast: 0.85,
      requests: 10_000,
      clients: CLIENTS,
    },
    {
      name: 'launch',
      ours: launching(setting, ours),
      floor: { ...launching(setting, bare, '/launch'), origin: floorOrigin },
      atLeast: 1,
      requests: 2000,
      clients: CLIENTS,
    },
    {
      name: 'cold XML',
      ours: {
        ...at(ours, setting.gadgetOrigin, 200),
        shot: (client) => get(content, bearer(seen.cold[client] ?? ''))(),
      },
      floor: { ...at(bare, floorOrigin, 200), shot: get('/cold', bearer(seen.warm)) },
      atLeast: 1.3,
      requests: 1000,
      clients: CLIENTS,
    },
    {
      name: 'cold JSON',
      ours: {
        ...at(ours, setting.gadgetOrigin, 200),
        shot: (client) => get(content, bearer(seen.issues[client] ?? ''))(),
      },
      floor: { ...at(bare, floorOrigin, 200), shot: get('/cold-json', bearer(seen.warm)) },
      atLeast: 1,
      requests: 1000,
      clients: CLIENTS,
    },
    {
      // Both by this server: a gadget that asks for twenty items of a list costs no more for each answer than one that asks once.
      name: 'cold each',
      ours: {
        ...at(ours, setting.gadgetOrigin, 200),
        answers: EACH_ANSWERS,
        shot: (client) => get(content, bearer(seen.each[client] ?? ''))(),
      },
      floor: {
        ...at(ours, setting.gadgetOrigin, 200),
        shot: (client) => get(content, bearer(seen.plain[client] ?? ''))(),
      },
      atLeast: 1,
      requests: 250,
      // Each of them asks for twenty-one answers.
      clients: CLIENTS / 4,
    },
    // Last: what is remembered of a crowd makes every collection of garbage after it longer.
    {
      name: CROWD_PROMISE,
      ours: { ...at(ours, setting.gadgetOrigin, 200), shot: () => get(content, bearer(next()))() },
      floor: { ...at(bare, floorOrigin, 200), shot: get('/warm', bearer(seen.warm)) },
      atLeast: 0.3,
      requests: seen.crowd.length,
      clients: CLIENTS,
    },
  ];
};
