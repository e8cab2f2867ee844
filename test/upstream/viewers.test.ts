import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UpstreamOptions } from '../../src/upstream/upstream.js';
import type { UpstreamOutcome } from '../../src/upstream/upstream-call.js';
import { accessOf, openUpstream, providerAt, requestTo } from './setting.js';
import { type Answering, type StubServer, says, stubServer } from './stub-server.js';

/**
 * What can happen, in any order and at once. `revoke` and `grant` change a person's rights at the provider; `down` and `up` the
 * provider itself; `disconnect` ends a Connection, `reconnect` starts its next generation.
 */
const events = [
  'ask',
  'ask',
  'ask',
  'revoke',
  'grant',
  'disconnect',
  'reconnect',
  'refresh',
  'down',
  'up',
] as const;
const step = fc.record({
  event: fc.constantFrom(...events),
  who: fc.integer({ min: 0, max: 3 }),
  what: fc.integer({ min: 0, max: 1 }),
  ttl: fc.constantFrom(0, 1, 30),
  passes: fc.constantFrom(0, 0, 1, 20, 200),
  waits: fc.boolean(),
});

let stub: StubServer;
beforeAll(async () => {
  stub = await stubServer();
});
afterAll(() => stub.close());

/** A provider that gives every person data full of that person's marker, as long as the person has the right. */
class ConnectSetup {
  readonly opened: ReturnType<typeof openUpstream>;
  readonly people = [0, 1, 2, 3].map(() => ({ generation: 1, version: 1, granted: true, lostAt: 0 }));
  down = false;

  constructor(bounds: Bounds) {
    this.opened = openUpstream({ timeLimit: 500, ...bounds });
  }

  readonly answer: Answering = (request, response) => {
    const who = Number(/viewer-(\d)/.exec(request.headers.authorization ?? '')?.[1]);
    const granted = this.people[who]?.granted === true;
    const marker = JSON.stringify({ owner: who, copies: Array(5).fill(`marker-${who}`) });
    const reply = granted
      ? says(200, marker, { vary: 'authorization', etag: '"same-for-all"' })
      : says(403, '{}');
    const unchanged = granted && request.headers['if-none-match'] !== undefined;
    const out = this.down ? says(503, '') : unchanged ? says(304, '') : reply;
    setTimeout(() => out(request, response), (who * 7 + stub.requests.length * 3) % 5);
  };

  async ask(who: number, what: number, ttl: number): Promise<void> {
    const { generation, version } = this.people[who] ?? { generation: 1, version: 1 };
    const access = accessOf(`viewer-${who}`, { generation, version });
    const request = requestTo(providerAt(stub.origin), { target: `/cards/${what}`, ttl });
    const asked = this.opened.clock.now();
    const outcome = await this.opened.upstream.get(access, request);
    this.#check(who, ttl, asked, outcome);
  }

  #check(who: number, ttl: number, asked: number, outcome: UpstreamOutcome): void {
    const text = JSON.stringify(outcome);
    for (const other of [0, 1, 2, 3].filter((n) => n !== who)) expect(text).not.toContain(`marker-${other}`);
    if (outcome.kind !== 'data') return;
    const oldest = ttl * 1000 + (outcome.stale ? 300_000 : 0);
    expect(asked - outcome.fetchedAt).toBeLessThanOrEqual(oldest);
    const { granted, lostAt } = this.people[who] ?? { granted: true, lostAt: 0 };
    if (!granted) expect(outcome.fetchedAt).toBeLessThanOrEqual(lostAt);
  }

  happen({
    event,
    who,
    what,
    ttl,
  }: {
    event: (typeof events)[number];
    who: number;
    what: number;
    ttl: number;
  }) {
    const person = this.people[who];
    if (person === undefined) return null;
    if (event === 'ask') return this.ask(who, what, ttl);
    if (event === 'revoke' && person.granted) {
      Object.assign(person, { granted: false, lostAt: this.opened.clock.now() });
    }
    if (event === 'grant') person.granted = true;
    if (event === 'disconnect') this.opened.caches.purge(accessOf(`viewer-${who}`).connection.id);
    if (event === 'reconnect') person.generation += 1;
    if (event === 'refresh') person.version += 1;
    if (event === 'down' || event === 'up') this.down = event === 'down';
    return null;
  }
}

type Bounds = Pick<UpstreamOptions, 'limits' | 'sockets'>;

/** Everything that holds much by default, holding next to nothing: what no test met before was a full cache. */
const full = (most: number): Bounds => ({
  limits: { entries: most, flights: most, pauses: most, bytes: 5000, bytesPerConnection: 3000 },
  sockets: { atOnce: 3 + most, atOnceForOwner: most, kept: most },
});

describe.each([
  ['as shipped', {}],
  ['with room for one of everything', full(1)],
  ['with room for two of everything', full(2)],
  ['with room for three of everything', full(3)],
] as const)('whatever happens at once, %s', (_, bounds) => {
  it('no viewer is shown a byte of another’s, nor data older than allowed, nor fetched after the right was lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const setup = new ConnectSetup(bounds);
        stub.answers(setup.answer);
        const running: Promise<void>[] = [];
        for (const each of steps) {
          const asking = setup.happen(each);
          if (asking !== null) running.push(asking);
          if (each.waits) await Promise.all(running);
          setup.opened.clock.pass(each.passes * 1000);
        }
        await Promise.all(running);
        await setup.opened.close();
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});
