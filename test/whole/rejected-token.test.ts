import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { frameData, httpFrame } from '../support/http-viewer.js';
import { mingleConsent } from '../support/mingle-consent.js';
import { cardsForm, startWhole, type Whole } from '../support/whole.js';

vi.setConfig({ testTimeout: 60_000 });

const CARDS = '/api/v2/projects/apollo/cards/execute_mql.xml';

/** How servers reject a token, and refuse in the same words what a good one may not see. */
const SIGNS = [
  { status: 401, body: 'The OAuth token provided is invalid.' },
  { status: 403, headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' } },
  { status: 403, body: '{"error":"Bad_OAuth_Token"}', type: 'application/json' },
  { status: 400, body: '{"error":"invalid_token"}', type: 'application/json' },
  { status: 302, headers: { Location: '/profile/login' } },
  { status: 419 },
];

let whole: Whole;
let frame: ReturnType<typeof httpFrame>;
let bearer = '';

/** The state of a gadget that is asked for the first time, by its order of cards. */
const stateOf = async (order: string): Promise<string> => {
  const form = cardsForm(await whole.token('ann'), { 'p.sort': order });
  const { text } = await frame.launch('gocd', 'mingle-cards', form);
  bearer = frameData(text).bearer;
  return String((await frame.content(bearer)).headers['x-oriel-state']);
};

beforeAll(async () => {
  whole = await startWhole({ config: { renderBudget: 30_000 } });
  frame = httpFrame(whole);
  await stateOf('Number ASC');
  expect(await frame.connect(bearer, 'mingle', mingleConsent('ann'))).toBe('active');
});
afterAll(() => whole.close());

it('One resource that refuses as if the token were dead costs one refresh a minute, and no connection', async () => {
  const before = await whole.tell({});
  for (const sign of SIGNS) {
    await whole.tell({ clear: true });
    await whole.tell({ fault: { paths: [CARDS], body: '', ...sign } });
    expect(await stateOf('Name ASC'), JSON.stringify(sign)).toBe('no-access');
  }
  const refreshes = whole.mingle.exchanges.filter(({ url }) => url.endsWith('/oauth/token'));
  // One redeemed the code.
  expect(refreshes).toHaveLength(2);
  expect(before.tokenRequests).toBe(1);
  await whole.tell({ clear: true });
  expect(await stateOf('Name ASC')).toBe('content');
  const printed = await whole.stop();
  for (const { status } of SIGNS) expect(printed).toContain(`token-rejected: status-${status}`);
});
