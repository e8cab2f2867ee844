import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { frameData, HttpBrowser, httpFrame } from '../support/http-viewer.js';
import { type Postgres, sharedPostgres } from '../support/postgres.js';
import { type Servers, smallLimits, startServers, startTracker, type Tracker } from './small-limits.js';

vi.setConfig({ testTimeout: 90_000 });

/** What another server changed may go unseen for so long, ms. */
const UNSEEN = 2000;
const NAMES = ['ann', 'bob', 'cyd'] as const;
type Name = (typeof NAMES)[number];
const STEPS = [
  ...(['ask', 'ask', 'ask', 'ask', 'ask', 'ask', 'ask', 'ask', 'launch', 'expire'] as const),
  ...(['disconnect', 'connect', 'connect', 'reload', 'wait'] as const),
] as const;

/** One script starts nothing new after so long, ms. */
const LONGEST = 3000;

interface Step {
  readonly step: (typeof STEPS)[number];
  readonly who: Name;
  readonly at: number;
  readonly waits: boolean;
}

/** One viewer, and what they may be shown: the number of the grant in force, and when each before it was ended. */
class Viewer {
  readonly name: Name;
  readonly frame: ReturnType<typeof httpFrame>;
  readonly bearers: string[] = [];
  readonly ended = new Map<number, number>();
  grant = 0;
  isConnected = false;
  /** A grant whose tokens are refused twice within a minute is not refreshed again at once. */
  readonly expired = new Set<number>();
  /** Consents and ends of one person come one after the other. */
  turn: Promise<void> = Promise.resolve();

  constructor(name: Name, servers: Servers) {
    this.name = name;
    this.frame = httpFrame(servers, new HttpBrowser());
  }

  inTurn(work: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(work);
    return this.turn;
  }
}

class Play {
  readonly servers: Servers;
  readonly tracker: Tracker;
  readonly viewers: ReadonlyMap<Name, Viewer>;
  readonly seen = new Map<string, number>();
  readonly #unseen: number;
  #place = 'one';
  #reloading: Promise<void> = Promise.resolve();
  /** The record in force everywhere; null while it is being changed. */
  #settled: string | null = 'one';

  constructor(servers: Servers, tracker: Tracker) {
    this.servers = servers;
    this.tracker = tracker;
    this.#unseen = servers.ports.length === 1 ? 0 : UNSEEN;
    this.viewers = new Map(NAMES.map((name) => [name, new Viewer(name, servers)]));
  }

  async launch(viewer: Viewer): Promise<void> {
    const { check } = this.#asking(viewer);
    const token = await this.servers.token(viewer.name);
    const { text } = await viewer.frame.launch('gocd', 'board', { token });
    viewer.bearers.push(frameData(text).bearer);
    check(text);
  }

  async ask(viewer: Viewer, at: number): Promise<string> {
    const bearer = viewer.bearers[at % viewer.bearers.length] ?? '';
    const { check } = this.#asking(viewer);
    const { status, headers, text } = await viewer.frame.content(bearer);
    check(text);
    if (headers['x-oriel-state'] === 'content') expect(text).toMatch(/at (one|two) «\w+(?:#|&#35;)\d+»/);
    const state = status === 202 ? 'waits' : String(headers['x-oriel-state']);
    this.seen.set(state, (this.seen.get(state) ?? 0) + 1);
    return state;
  }

  /** What this question may be answered with: only the asker's, not of a grant that was known to be over, nor of a record that was. */
  #asking(viewer: Viewer) {
    const asked = performance.now();
    const place = this.#settled;
    const check = (text: string): void => {
      for (const [, owner, grant] of text.matchAll(/«(\w+)#(\d+)»/g)) {
        expect(owner).toBe(viewer.name);
        expect(asked - (viewer.ended.get(Number(grant)) ?? asked)).toBeLessThanOrEqual(this.#unseen);
      }
      const shown = /at (one|two)/.exec(text)?.[1];
      if (shown !== undefined && place !== null && place === this.#settled) expect(shown).toBe(place);
    };
    return { check };
  }

  #over(viewer: Viewer): void {
    viewer.ended.set(viewer.grant, performance.now());
  }

  connect(viewer: Viewer): Promise<void> {
    return viewer.inTurn(async () => {
      const next = viewer.grant + 1;
      const consent = async (authorizationUrl: string): Promise<string> => {
        const asked = new URL(authorizationUrl).searchParams;
        const answer = new URL(asked.get('redirect_uri') ?? '');
        answer.searchParams.set('code', `${viewer.name}#${next}`);
        answer.searchParams.set('state', asked.get('state') ?? '');
        return answer.href;
      };
      expect(await viewer.frame.connect(viewer.bearers[0] ?? '', 'tracker', consent)).toBe('active');
      this.#over(viewer);
      Object.assign(viewer, { grant: next, isConnected: true });
    });
  }

  disconnect(viewer: Viewer): Promise<void> {
    return viewer.inTurn(async () => {
      if (!viewer.isConnected) return;
      await viewer.frame.call(viewer.bearers[0] ?? '', '/frame/disconnect', { provider: 'tracker' });
      this.#over(viewer);
      viewer.isConnected = false;
    });
  }

  reload(): Promise<void> {
    this.#reloading = this.#reloading.then(async () => {
      this.#settled = null;
      this.#place = this.#place === 'one' ? 'two' : 'one';
      await this.servers.reload(this.#place);
      this.#settled = this.#place;
    });
    return this.#reloading;
  }

  expire(viewer: Viewer, at: number): Promise<string> {
    if (!viewer.expired.has(viewer.grant)) this.tracker.expire(`${viewer.name}#${viewer.grant}`);
    viewer.expired.add(viewer.grant);
    return this.ask(viewer, at);
  }

  happen(step: (typeof STEPS)[number], viewer: Viewer, at: number): Promise<unknown> {
    if (step === 'ask') return this.ask(viewer, at);
    if (step === 'expire') return this.expire(viewer, at);
    return step === 'wait' ? pause(20) : step === 'reload' ? this.reload() : this[step](viewer);
  }

  performing: Promise<unknown> = Promise.resolve();

  perform(steps: readonly Step[]): Promise<void> {
    const perform = async (): Promise<void> => {
      const until = performance.now() + LONGEST;
      const running: Promise<unknown>[] = [];
      for (const { step, who, at, waits } of steps) {
        const viewer = this.viewers.get(who);
        if (viewer !== undefined) running.push(this.happen(step, viewer, at));
        if (waits) await Promise.all(running);
        if (performance.now() > until) break;
      }
      await Promise.all(running);
    };
    const performing = perform();
    this.performing = performing;
    return performing;
  }

  /** When everything is known everywhere, each server shows each viewer what is theirs now, and nothing else. */
  async end(): Promise<void> {
    await pause(this.#unseen + 50);
    for (const port of this.servers.ports) {
      this.servers.oriel.to(port);
      for (const viewer of this.viewers.values()) {
        const wanted = viewer.isConnected ? 'content' : 'connect';
        let state = await this.ask(viewer, 0);
        for (let tries = 0; tries < 40 && state !== wanted; tries += 1) {
          await pause(100);
          state = await this.ask(viewer, 0);
        }
        expect(state).toBe(wanted);
      }
    }
  }
}

let postgres: Postgres;
let tracker: Tracker;
beforeAll(async () => {
  [postgres, tracker] = await Promise.all([sharedPostgres(), startTracker()]);
});
afterAll(() => tracker.close());

const script = fc.array(
  fc.record({
    step: fc.constantFrom(...STEPS),
    who: fc.constantFrom(...NAMES),
    at: fc.nat(3),
    waits: fc.boolean(),
  }),
  { minLength: 30, maxLength: 60 },
);

it('disconnects the Connection that there is, where this server still remembers the one before it', async () => {
  const servers = await startServers({
    url: null,
    count: 2,
    limits: smallLimits(3),
    tracker: tracker.origin,
  });
  try {
    const play = new Play(servers, tracker);
    const [one = 0, other = 0] = servers.ports;
    const ann = play.viewers.get('ann') ?? expect.fail('no such viewer');
    servers.oriel.to(one);
    for (const viewer of play.viewers.values()) await play.launch(viewer);
    await play.connect(ann);
    expect(await play.ask(ann, 0)).toBe('content');
    servers.oriel.to(other);
    await play.disconnect(ann);
    await play.connect(ann);
    servers.oriel.to(one);
    await play.disconnect(ann);
    await play.end();
  } finally {
    await servers.close();
  }
});

describe.each([1, 2, 3])('with limits of %i on everything', (most) => {
  it.each([
    ['one server on SQLite', 1, null],
    ['two servers on SQLite', 2, null],
    ['two servers on PostgreSQL', 2, 'postgres'],
  ])(
    '%s show no viewer a byte of another’s, of an ended Connection, or by a record that is no more',
    async (_, count, engine) => {
      const file = engine === null ? null : await postgres.database();
      const servers = await startServers({
        url: file,
        count,
        limits: smallLimits(most),
        tracker: tracker.origin,
      });
      try {
        const play = new Play(servers, tracker);
        for (const viewer of play.viewers.values()) {
          await play.launch(viewer);
          await play.connect(viewer);
        }
        await fc.assert(
          fc.asyncProperty(script, (steps) => play.perform(steps)),
          { numRuns: 3, endOnFailure: true, interruptAfterTimeLimit: 5000 },
        );
        // What was interrupted goes on.
        await play.performing;
        await play.end();
        expect(servers.misplaced).toEqual([]);
        expect(play.seen.get('content') ?? 0).toBeGreaterThan(5);
      } finally {
        await servers.close();
      }
    },
  );
});
