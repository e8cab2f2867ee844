import { once } from 'node:events';
import { Session } from 'node:inspector';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AnswerReader } from '../../../src/upstream/readers/answer-reader.js';
import { parse } from '../../../src/upstream/readers/parse.js';
import { cut, joined } from '../../../src/upstream/readers/pieces.js';
import { accessOf, dataOf, openUpstream, providerAt, requestTo } from '../setting.js';
import { type StubServer, says, stubServer } from '../stub-server.js';

const CARDS = 70_000;
const cards = `<results type="array">${Array.from({ length: CARDS }, (_, n) => `<result><number>${n}</number><name>Card ${n} of this</name></result>`).join('')}</results>`;
const xml = { 'content-type': 'application/xml' };

let stub: StubServer;
beforeAll(async () => {
  stub = await stubServer();
});
afterAll(() => stub.close());

/** Milliseconds of this process's time that the longest stretch between two turns of the event loop took. */
const longestStretch = async (work: (turn: () => Promise<void>) => Promise<unknown>): Promise<number> => {
  let longest = 0;
  let since = process.cpuUsage();
  const mark = (): void => {
    const { user, system } = process.cpuUsage(since);
    longest = Math.max(longest, (user + system) / 1000);
    since = process.cpuUsage();
  };
  await work(async () => {
    mark();
    await new Promise((resolve) => setImmediate(resolve));
    since = process.cpuUsage();
  });
  mark();
  return longest;
};

it('seventy thousand cards are read in a worker while the event loop keeps running', async () => {
  stub.answers(says(200, cards, xml));
  const opened = openUpstream();
  let rounds = 0;
  const timer = setInterval(() => {
    rounds += 1;
  }, 1);
  const outcome = await opened.upstream.get(
    accessOf('ada'),
    requestTo(providerAt(stub.origin), { format: 'xml' }),
  );
  clearInterval(timer);
  const { results } = dataOf(outcome) as { results: { result: readonly { number: string }[] } };
  expect(results.result).toHaveLength(CARDS);
  expect(results.result[CARDS - 1]?.number).toBe(String(CARDS - 1));
  expect(Object.isFrozen(results.result)).toBe(true);
  // A hundred pieces, put together one at each round.
  expect(rounds).toBeGreaterThan(20);
  await opened.close();
});

it('what a worker read is assembled in small steps', async () => {
  const parsed = parse('xml', cards);
  if ('code' in parsed) throw new Error(parsed.code);
  const pieces = cut(parsed.data);
  let data: unknown;
  const whole = await longestStretch(() => joined(pieces, async () => undefined));
  const longest: number[] = [];
  // The least of some: garbage is collected where it happens to be.
  for (let n = 0; n < 3; n += 1)
    longest.push(
      await longestStretch(async (turn) => {
        data = await joined(pieces, turn);
      }),
    );
  expect(JSON.stringify(data)).toBe(JSON.stringify(parsed.data));
  expect(Math.min(...longest)).toBeLessThan(whole / 3);
});

it('any data comes back unchanged and frozen, however it was split', async () => {
  const large = Array.from({ length: 5000 }, (_, n) => ({
    n,
    list: [n, [n]],
    __proto__x: 'a'.repeat(n % 50),
  }));
  await fc.assert(
    fc.asyncProperty(fc.json(), async (text) => {
      const whole = `{"small":${text},"__proto__":1,"large":${JSON.stringify(large)},"fields":${JSON.stringify(Object.fromEntries(large.map((each) => [`f${each.n}`, each])))}}`;
      const parsed = parse('json', whole);
      if ('code' in parsed) return;
      const back = await joined(cut(parsed.data), async () => undefined);
      expect(JSON.stringify(back)).toBe(JSON.stringify(parsed.data));
      expect(Object.isFrozen(back)).toBe(true);
    }),
    { numRuns: 5 },
  );
});

it.each([
  ['XML elements', 'xml', `<a>${'<b/>'.repeat(1_200_000)}</a>`],
  ['JSON lists', 'json', `[${'[],'.repeat(1_200_000)}[]]`],
] as const)('five kilobytes that unpack to a million %s are refused', async (_, format, text) => {
  const bomb = gzipSync(text);
  expect(bomb.length).toBeLessThan(20_000);
  stub.answers(says(200, bomb, { ...xml, 'content-encoding': 'gzip' }));
  const opened = openUpstream();
  const outcome = await opened.upstream.get(accessOf('ada'), requestTo(providerAt(stub.origin), { format }));
  expect(outcome).toEqual({ kind: 'unusable', code: 'too-many-values', detail: null });
  await opened.close();
});

it('a reading that takes too long is given up, and the next one is served', async () => {
  const reader = new AnswerReader({ deadline: 1, workers: 1 });
  const body = Buffer.from(cards);
  expect(await reader.read('xml', 'application/xml', body)).toEqual({ code: 'too-slow' });
  await reader.close();
  const patient = new AnswerReader({ workers: 1 });
  expect(await patient.read('xml', 'application/xml', body)).toHaveProperty('data');
  await patient.close();
});

it('at one worker and with every body read there, each viewer gets their own', async () => {
  stub.answers((request, response) => response.end(JSON.stringify({ of: request.headers.authorization })));
  const opened = openUpstream({ reading: { atOnce: 1, workers: 1 } });
  const provider = providerAt(stub.origin);
  const names = Array.from({ length: 30 }, (_, n) => `viewer-${n % 7}`);
  const read = await Promise.all(
    names.map(async (name) =>
      dataOf(await opened.upstream.get(accessOf(name), requestTo(provider, { ttl: 0 }))),
    ),
  );
  expect(read).toEqual(names.map((name) => ({ of: `Bearer token-of-${name}` })));
  await opened.close();
});

it('Large bodies beyond the queue’s limit are refused at once, and never read later', async () => {
  const deadline = 1500;
  const reader = new AnswerReader({ workers: 1, waiting: 1, deadline, atOnce: 10 });
  const body = Buffer.from(JSON.stringify({ text: 'x'.repeat(100) }));
  const reads = Array.from({ length: 5 }, () => reader.read('json', 'application/json', body));
  // Started after those of the reader, so it ends after them.
  const deadlinesOver = once(AbortSignal.timeout(deadline), 'abort');
  const outcomes = await Promise.all(reads);
  const refused = outcomes.filter((each) => 'code' in each && each.code === 'too-slow');
  expect(refused).toHaveLength(3);
  expect(outcomes.filter((each) => 'data' in each)).toHaveLength(2);
  // What an abort does then is reported as an uncaught exception, which ends a process.
  const uncaught: unknown[] = [];
  const catching = (error: unknown): void => void uncaught.push(error);
  process.on('uncaughtException', catching);
  await deadlinesOver;
  await nextTurn();
  process.off('uncaughtException', catching);
  expect(uncaught).toEqual([]);
  await reader.close();
});

/** The worker threads that a reader starts while it does this. */
const workersOf = async (work: () => Promise<unknown>): Promise<readonly Worker[]> => {
  const started: Worker[] = [];
  const note = (worker: Worker): void => void started.push(worker);
  process.on('worker', note);
  await work();
  process.off('worker', note);
  return started;
};

const thousand = Buffer.from(JSON.stringify(Array.from({ length: 1000 }, (_, n) => ({ n }))));

it('Many large bodies at once are read by no more threads than are allowed, which end when the reader is closed', async () => {
  const reader = new AnswerReader({ workers: 2, atOnce: 10 });
  const workers = await workersOf(() =>
    Promise.all(Array.from({ length: 30 }, () => reader.read('json', 'application/json', thousand))),
  );
  expect(workers.length).toBeGreaterThan(0);
  expect(workers.length).toBeLessThanOrEqual(2);
  const ends = workers.map((worker) => once(worker, 'exit'));
  await reader.close();
  expect(await Promise.all(ends)).toHaveLength(workers.length);
});

it('A body that was read no longer counts as waiting', async () => {
  const reader = new AnswerReader({ workers: 1, waiting: 1, atOnce: 10 });
  for (let n = 0; n < 5; n += 1)
    expect(await reader.read('json', 'application/json', thousand)).toHaveProperty('data');
  await reader.close();
});

it('A body that needs more memory than a worker has is refused, and the next one is read', async () => {
  const reader = new AnswerReader({ workers: 1, heap: 24 });
  const greedy = Buffer.from(`[${'[],'.repeat(2_000_000)}[]]`);
  expect(await reader.read('json', 'application/json', greedy)).toEqual({ code: 'too-large' });
  expect(
    await reader.read('json', 'application/json', Buffer.from(`[${'1,'.repeat(99_999)}1]`)),
  ).toHaveProperty('data');
  await reader.close();
});

it('A body is read with half a gigabyte of memory at most', async () => {
  const reader = new AnswerReader({ workers: 1, atOnce: 10 });
  const [worker] = await workersOf(async () => reader.read('json', 'application/json', thousand));
  expect(worker?.resourceLimits?.maxOldGenerationSizeMb).toBe(512);
  await reader.close();
});

it('A worker knows nothing of the environment, which holds what configuration keeps secret', async () => {
  process.env.ORIEL_CANARY = 'canary';
  const session = new Session();
  session.connect();
  try {
    const evaluated = new Promise<string>((resolve) => {
      session.on('NodeWorker.attachedToWorker', ({ params: { sessionId } }) => {
        const params = { expression: 'JSON.stringify({ ...process.env })', returnByValue: true };
        const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params });
        session.post('NodeWorker.sendMessageToWorker', { sessionId, message });
      });
      session.on('NodeWorker.receivedMessageFromWorker', ({ params: { message } }) => {
        const { id, result } = JSON.parse(message);
        if (id === 1) resolve(result.result.value);
      });
    });
    session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
    const reader = new AnswerReader({ workers: 1, atOnce: 10 });
    await reader.read('json', 'application/json', thousand);
    const environment = await evaluated;
    expect(environment).not.toContain('canary');
    // What the pool itself sends a worker is all there is.
    expect(Object.keys(JSON.parse(environment)).filter((name) => !name.startsWith('TINYPOOL'))).toEqual([]);
    await reader.close();
  } finally {
    session.disconnect();
    delete process.env.ORIEL_CANARY;
  }
});

it('Large answers that arrive together are assembled one piece per turn, not one of each', async () => {
  const text = `<a>${Array.from({ length: 30_000 }, (_, n) => `<b>${n}</b>`).join('')}</a>`;
  const reader = new AnswerReader({ workers: 3 });
  // What waits for the event loop to go round; this test itself waits for a timer.
  let most = 0;
  const sample = setInterval(() => {
    const waiting = process.getActiveResourcesInfo().filter((kind) => kind === 'Immediate').length;
    most = Math.max(most, waiting);
  }, 1);
  const all = await Promise.all(
    Array.from({ length: 12 }, () => reader.read('xml', 'application/xml', Buffer.from(text))),
  );
  clearInterval(sample);
  expect(all.every((each) => 'data' in each)).toBe(true);
  expect(most).toBe(1);
  await reader.close();
});
