import { performance } from 'node:perf_hooks';
import { Pool } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { frameData, httpFrame } from '../support/http-viewer.js';
import { mingleConsent } from '../support/mingle-consent.js';
import { cardsForm, startWhole, type Whole } from '../support/whole.js';

const CARDS = '/api/v2/projects/apollo/cards/execute_mql.xml';
/** How long a launch and a question for content wait, and how long the provider takes, ms. */
const BUDGET = 500;
const DELAY = 4500;

let whole: Whole;
let page: Pool;
beforeAll(async () => {
  whole = await startWhole({ config: { renderBudget: BUDGET } });
  // A browser opens six connections to one origin, however many frames a page has.
  page = new Pool(whole.gadgetOrigin, { connections: 6 });
  const frame = httpFrame(whole);
  const { text } = await frame.launch('gocd', 'mingle-cards', cardsForm(await whole.token('ann')));
  expect(await frame.connect(frameData(text).bearer, 'mingle', mingleConsent('ann'))).toBe('active');
  await whole.tell({ fault: { paths: [CARDS], delay: DELAY } });
});
afterAll(async () => {
  await page.close();
  await whole.close();
});

const launch = async (limit: number): Promise<string> => {
  const form = cardsForm(await whole.token('ann'), { 'p.sort': limit % 2 ? 'Number ASC' : 'Name ASC' });
  const answer = await page.request({
    method: 'POST',
    path: '/h/gocd/g/mingle-cards',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  });
  expect(answer.statusCode).toBe(200);
  return answer.body.text();
};

const content = async (bearer: string) => {
  const answer = await page.request({
    method: 'GET',
    path: '/frame/content',
    headers: { authorization: `Bearer ${bearer}` },
  });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
};

/** Asks as the frame's script does: again while it hears that the answer is still being made. */
const contentAtLast = async (bearer: string): Promise<{ text: string; waits: number }> => {
  for (let waits = 0; ; waits += 1) {
    const { status, headers, text } = await content(bearer);
    if (status !== 202) return { text, waits };
    await new Promise((resolve) => setTimeout(resolve, Number(headers['retry-after']) * 1000));
  }
};

describe('a provider that takes nine times as long as a launch may', () => {
  it('delays neither launch nor content: a skeleton within the budget, then 202', async () => {
    const started = performance.now();
    const launched = await launch(1);
    expect(performance.now() - started).toBeLessThan(DELAY - 500);
    expect(frameData(launched)).toMatchObject({ skeleton: true, state: 'loading' });
    const asked = performance.now();
    expect((await content(frameData(launched).bearer)).status).toBe(202);
    expect(performance.now() - asked).toBeLessThan(DELAY - 500);
  });

  it('still shows content in twenty frames over six connections within 20 s, asked once for each key', async () => {
    const started = performance.now();
    const shown = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => contentAtLast(frameData(await launch(index)).bearer)),
    );
    expect(performance.now() - started).toBeLessThan(20_000);
    for (const { text } of shown) expect(text).toContain('data-oriel-state="content"');
    expect(shown.some(({ waits }) => waits > 0)).toBe(true);
    const asked = whole.mingle.exchanges.filter(({ url }) => url.startsWith('/api/')).map(({ url }) => url);
    expect(asked.length).toBeGreaterThan(2);
    expect(asked).toEqual([...new Set(asked)]);
  }, 40_000);
});
