import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { frameData, httpFrame } from '../support/http-viewer.js';
import { mingleConsent } from '../support/mingle-consent.js';
import { sharedPostgres } from '../support/postgres.js';
import { cardsForm, startWhole, type Whole } from '../support/whole.js';

const FRAMES = 20;
const TIMES = 10;

let whole: Whole;

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** Twenty frames of one person, each with other parameters so that none finds another's data, and their Connection. */
const connectedFrames = async (person: string) => {
  const frame = httpFrame(whole);
  const bearers: string[] = [];
  for (const index of range(FRAMES)) {
    const form = cardsForm(await whole.token(person), { 'p.conditions': `Number > ${index}` });
    bearers.push(frameData((await frame.launch('gocd', 'mingle-cards', form)).text).bearer);
  }
  expect(await frame.connect(bearers[0] ?? '', 'mingle', mingleConsent(person))).toBe('active');
  return { frame, bearers };
};

const cardQueries = (): ReadonlySet<string> =>
  new Set(whole.mingle.exchanges.map(({ url }) => url).filter((url) => url.includes('execute_mql')));

const sqlite = async () => 'sqlite:./oriel.db';
const postgres = async () => (await sharedPostgres()).database();

describe.each([
  [1, 'SQLite', sqlite],
  [2, 'SQLite', sqlite],
  [4, 'PostgreSQL', postgres],
] as const)(
  '200 renders at once with an expired token, in %i process(es) on %s',
  (processes, _, database) => {
    beforeAll(async () => {
      whole = await startWhole({ processes, database: await database(), config: { renderBudget: 30_000 } });
    });
    afterAll(() => whole.close());

    it('refresh it exactly once, and all are answered with content', async () => {
      const { frame, bearers } = await connectedFrames('ann');
      const before = await whole.tell({ expire: 'ann' });
      const answers = await Promise.all(
        range(FRAMES * TIMES).map((index) => frame.content(bearers[index % FRAMES] ?? '')),
      );
      expect(new Set(answers.map(({ headers }) => headers['x-oriel-state']))).toEqual(new Set(['content']));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect((await whole.tell({})).tokenRequests - before.tokenRequests).toBe(1);
      expect(cardQueries().size).toBe(FRAMES);
      const refused = whole.mingle.exchanges.filter(({ status }) => status === 401);
      expect(refused.length).toBeGreaterThan(0);
    });

    it('and when the provider does not refresh just then, keep the Connection and lose nothing', async () => {
      const { frame, bearers } = await connectedFrames('bob');
      await whole.tell({ expire: 'bob', fault: { paths: ['/oauth/token'], status: 503 } });
      const answers = await Promise.all(bearers.map((bearer) => frame.content(bearer)));
      expect(new Set(answers.map(({ headers }) => headers['x-oriel-state']))).toEqual(
        new Set(['provider-down']),
      );
      for (const { text } of answers) expect(text).not.toMatch(/data-oriel-action="(re)?connect"/);
    });
  },
);
