import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { frameData, httpFrame } from '../support/http-viewer.js';
import { mingleConsent } from '../support/mingle-consent.js';
import { cardsForm, startWhole, type Whole } from '../support/whole.js';

let whole: Whole;
beforeAll(async () => {
  whole = await startWhole({ processes: 2 });
});
afterAll(() => whole.close());

describe('two processes on one database, taken in turn', () => {
  it('are one server: launched on one, connected on the other, disconnected for both', async () => {
    const { oriel, ports } = whole;
    const [first = 0, second = 0] = ports;
    const frame = httpFrame(whole);
    oriel.to(first);
    const launched = await frame.launch('gocd', 'mingle-cards', cardsForm(await whole.token('ann')));
    const { bearer, state } = frameData(launched.text);
    expect(state).toBe('connect');

    oriel.to(second, first);
    expect(await frame.connect(bearer, 'mingle', mingleConsent('ann'))).toBe('active');
    oriel.to(first);
    await expect.poll(async () => (await frame.content(bearer)).headers['x-oriel-state']).toBe('content');
    oriel.to(second);
    expect((await frame.content(bearer)).headers['x-oriel-state']).toBe('content');

    oriel.to(second);
    expect(await frame.call(bearer, '/frame/disconnect', { provider: 'mingle' })).toMatchObject({
      revoked: 'unsupported',
    });
    oriel.to(first);
    // Two seconds are promised, and granted to a machine that has nothing else to do; what is kept may be shown for thirty.
    await expect
      .poll(async () => (await frame.content(bearer)).headers['x-oriel-state'], { timeout: 12_000 })
      .toBe('connect');
  });

  it('refuse a host token on one that the other has taken', async () => {
    const token = await whole.token('ann');
    const frame = httpFrame(whole);
    whole.oriel.to(...whole.ports);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => frame.launch('gocd', 'mingle-cards', cardsForm(token))),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401, 401, 401, 401, 401]);
  });
});
