import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AnswerReader } from '../../../src/upstream/readers/answer-reader.js';
import { parse } from '../../../src/upstream/readers/parse.js';
import { cut, joined } from '../../../src/upstream/readers/pieces.js';
import { accessOf, dataOf, openDoor, providerAt, requestTo } from '../setting.js';
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

it('seventy thousand cards are read beside the event loop, which goes round while they are', async () => {
  stub.answers(says(200, cards, xml));
  const door = openDoor();
  let rounds = 0;
  const timer = setInterval(() => {
    rounds += 1;
  }, 1);
  const outcome = await door.upstream.get(
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
  await door.close();
});

it('what a worker read is put together in stretches of a small part of the whole', async () => {
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

it('any data comes back as it was, frozen, however it was cut', async () => {
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
  const door = openDoor();
  const outcome = await door.upstream.get(accessOf('ada'), requestTo(providerAt(stub.origin), { format }));
  expect(outcome).toEqual({ kind: 'unusable', code: 'too-many-values', detail: null });
  await door.close();
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
  const door = openDoor({ reading: { atOnce: 1, workers: 1 } });
  const provider = providerAt(stub.origin);
  const names = Array.from({ length: 30 }, (_, n) => `viewer-${n % 7}`);
  const read = await Promise.all(
    names.map(async (name) =>
      dataOf(await door.upstream.get(accessOf(name), requestTo(provider, { ttl: 0 }))),
    ),
  );
  expect(read).toEqual(names.map((name) => ({ of: `Bearer token-of-${name}` })));
  await door.close();
});

it('More large bodies at once than may wait are refused at once, and nothing comes of them when their time is over', async () => {
  const reader = new AnswerReader({ workers: 1, waiting: 1, deadline: 1500, atOnce: 10 });
  const body = Buffer.from(JSON.stringify({ text: 'x'.repeat(100) }));
  const outcomes = await Promise.all(
    Array.from({ length: 5 }, () => reader.read('json', 'application/json', body)),
  );
  const refused = outcomes.filter((each) => 'code' in each && each.code === 'too-slow');
  expect(refused).toHaveLength(3);
  expect(outcomes.filter((each) => 'data' in each)).toHaveLength(2);
  // What an abort does then is told as an uncaught exception, which ends a process.
  const uncaught: unknown[] = [];
  const catching = (error: unknown): void => void uncaught.push(error);
  process.on('uncaughtException', catching);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  process.off('uncaughtException', catching);
  expect(uncaught).toEqual([]);
  await reader.close();
});
