import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setUpBoth } from './mingle-setup.js';

let setup: Awaited<ReturnType<typeof setUpBoth>>;

beforeAll(async () => {
  setup = await setUpBoth();
});

afterAll(() => setup.close());

describe('cards between two runs, with GoCD and Mingle themselves', () => {
  const activity = (login: string, more: Readonly<Record<string, string>> = {}) =>
    setup.show(login, 'gocd-card-activity', {
      ...{ pipeline: 'apollo-web', from: '20', to: '24', project: 'apollo' },
      ...more,
    });

  it('shows Ann every card that commits name, with what both show her', async () => {
    const { state, html, text } = await activity('ann', { conditions: "Status > 'In Development'" });
    expect(state).toBe('content');
    const numbers = [...html.matchAll(/\/projects\/apollo\/cards\/(\d+)"/g)].map(([, number]) =>
      Number(number),
    );
    expect(numbers.toSorted((one, other) => one - other)).toEqual([9, 12, 14, 15, 28, 35, 36, 37, 40]);
    expect(text).toMatch(
      /Matching 4 .*#37 Dark colours at night .*#37 Dark colours, first half Ann Kowalski/,
    );
    expect(text).toMatch(/Not matching 5 .*#40 Subscribe to RSS feed/);
  });

  it('shows Bob what GoCD shows him, and nothing of cards that Mingle does not', async () => {
    const { state, html, text } = await activity('bob');
    expect(state).toBe('content');
    expect(text).toContain('#37 Dark colours, first half');
    expect(html).not.toContain('Dark colours at night');
    expect(text).toContain('Mingle');
    expect(html).toContain('data-oriel-missing="no-access"');
  });

  it('shows nothing of a pipeline that GoCD does not show', async () => {
    const bobs = await activity('bob', { pipeline: 'apollo-deploy', from: '7', to: '8' });
    expect(bobs.state).toBe('no-access');
    expect(bobs.html).not.toContain('Dark colours');
    expect((await activity('dana')).state).toBe('no-access');
    expect((await activity('ann', { pipeline: 'nowhere' })).state).toBe('not-found');
  });

  it('asks for the connection that is missing, and shows what is there', async () => {
    setup.disconnect('ann', 'mingle');
    const half = await activity('ann');
    expect(half.state).toBe('content');
    expect(half.text).toContain('#37 Dark colours, first half');
    expect(half.html).toMatch(/data-oriel-action="connect" data-oriel-provider="mingle"/);
    setup.disconnect('ann', 'gocd');
    expect((await activity('ann')).state).toBe('connect');
  });
});
