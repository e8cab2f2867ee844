import { describe, expect, it } from 'vitest';
import type { Data } from '../../src/domain/data.js';
import type { UpstreamOutcome } from '../../src/upstream/upstream-call.js';
import type { ContentModel } from '../../src/views/view-models.js';
import { gadget, request } from '../support/a-gadget.js';
import { ann, question, setUpRender, show } from './render-setup.js';

const reviews = (more: object = {}) =>
  gadget({
    requests: [
      request('pulls', { provider: 'gocd' }),
      request('reviews', {
        each: { of: 'pulls.items', as: 'pr', atMost: 5 },
        path: '/repos/{pr.repo}/pulls/{pr.number}/reviews',
        ...more,
      }),
    ],
  });

const items = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ repo: 'oriel', number: index + 1 }));

const started = (found: readonly Data[]) => {
  const fixture = setUpRender();
  fixture.connect(ann, 'mingle');
  fixture.connect(ann, 'gocd');
  const answers = (answer: (target: string) => UpstreamOutcome | Promise<UpstreamOutcome>) => {
    fixture.setup.answer = (_, { target }) =>
      target === '/pulls.xml' ? fixture.setup.data({ items: found }) : answer(target);
  };
  answers((target) => fixture.setup.data(`of ${target}`));
  const targets = () => fixture.calls.map(({ request: { target } }) => target);
  const shown = () => (fixture.models.at(-1) as ContentModel).answers.reviews;
  const render = (of = reviews()) => show(fixture.ports, question(of));
  return { ...fixture, answers, targets, shown, render };
};

describe('a request for each item of another answer', () => {
  it('is made once for each, and the answers are in the items’ order', async () => {
    const { answers, render, shown, targets, setup } = started(items(3));
    const waiting: (() => void)[] = [];
    answers(async (target) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return setup.data(`of ${target}`);
    });
    const rendering = render();
    while (waiting.length < 3) await new Promise(setImmediate);
    for (const answer of waiting.reverse()) answer();
    expect((await rendering).state).toBe('content');
    expect(targets().slice(1)).toEqual([1, 2, 3].map((n) => `/repos/oriel/pulls/${n}/reviews`));
    expect(shown()).toMatchObject({
      more: false,
      data: [1, 2, 3].map((number) => ({
        item: { repo: 'oriel', number },
        data: `of /repos/oriel/pulls/${number}/reviews`,
        failed: null,
      })),
    });
  });

  it('is made for each value that was taken out of another answer', async () => {
    const { render, shown, targets } = started([
      { text: '#7 and #9' },
      { text: '#7 again' },
      { text: 'none' },
    ]);
    const given = {
      from: 'pulls.items',
      take: 'text',
      match: '#(\\d+)',
      unique: true,
      atMost: 9,
      type: 'integer',
    };
    const of = { given: { numbers: given }, each: { of: 'numbers', as: 'number' }, path: '/issues/{number}' };
    await render(
      gadget({ requests: [request('pulls', { provider: 'gocd' }), request('reviews', of as object)] }),
    );
    expect(targets().slice(1).toSorted()).toEqual(['/issues/7', '/issues/9']);
    expect(shown()).toMatchObject({ data: [{ item: 7, data: 'of /issues/7' }, { item: 9 }] });
  });

  it('is made for a few at a time', async () => {
    let [now, most] = [0, 0];
    const { answers, render, setup } = started(items(5));
    answers(async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise(setImmediate);
      now -= 1;
      return setup.data('');
    });
    await render();
    expect(most).toBe(4);
  });

  it('is made for no more than `atMost`, and says that there are more', async () => {
    const { render, shown, targets } = started(items(7));
    await render();
    expect(targets()).toHaveLength(6);
    expect(shown()?.more).toBe(true);
  });

  it('marks an item that failed and shows the rest, and is not kept', async () => {
    const { answers, render, shown, setup, targets } = started(items(3));
    answers((target) => (target.includes('/2/') ? { kind: 'not-found', detail: 'gone' } : setup.data('')));
    expect((await render()).state).toBe('content');
    expect(shown()?.data).toMatchObject([
      { failed: null },
      { failed: { state: 'not-found', detail: 'gone', code: null }, data: null, item: { number: 2 } },
      { failed: null },
    ]);
    await render();
    expect(targets()).toHaveLength(8);
  });

  it.each<[string, unknown]>([
    ['leads out of its path', { repo: '../..', number: 1 }],
    ['has a slash', { repo: 'a/b', number: 1 }],
    ['has line breaks', { repo: 'a\r\nb', number: 1 }],
    ['lacks the value', { number: 1 }],
  ])('marks an item that %s, without a call', async (_, item) => {
    const { render, shown, targets } = started([item as Data, ...items(1)]);
    expect((await render()).state).toBe('content');
    expect(targets()).toEqual(['/pulls.xml', '/repos/oriel/pulls/1/reviews']);
    expect(shown()?.data).toMatchObject([{ failed: { code: 'value-unusable' } }, { failed: null }]);
  });

  it('asks for no further item once the provider asked to wait', async () => {
    const { answers, render, targets } = started(items(5));
    answers(async () => {
      await new Promise(setImmediate);
      return { kind: 'rate-limited', retryAfter: 60 };
    });
    expect((await render()).state).toBe('rate-limited');
    expect(targets()).toHaveLength(5);
  });

  it('shows the state in its place where its provider cannot be used at all', async () => {
    const { disconnect, render, answers } = started(items(2));
    disconnect(ann, 'mingle');
    expect((await render()).state).toBe('connect');
    disconnect(ann, 'gocd');
    expect((await render()).state).toBe('connect');
    const down = started(items(2));
    down.answers(() => ({ kind: 'down', reason: 'timeout' }));
    expect((await down.render()).state).toBe('provider-down');
    answers(() => ({ kind: 'not-found', detail: null }));
  });

  it('shows an empty list where there is no item', async () => {
    const { render, shown, targets } = started([]);
    expect((await render()).state).toBe('content');
    expect(targets()).toEqual(['/pulls.xml']);
    expect(shown()?.data).toEqual([]);
  });

  it('takes texts and numbers as items too', async () => {
    const { render, targets } = started(['a b', 7]);
    await render(reviews({ path: '/x/{pr}' }));
    expect(targets()).toEqual(['/pulls.xml', '/x/a%20b', '/x/7']);
  });

  it('counts each item’s request for the rendering as a whole', async () => {
    const fixture = started(items(5));
    const renderLimits = { requests: 4, bytes: 1e9, values: 1e9, time: 60_000, atOnce: 10 };
    const { state } = await show({ ...fixture.ports, renderLimits }, question(reviews()));
    expect(state).toBe('content');
    expect(fixture.targets()).toHaveLength(4);
    expect(fixture.shown()?.data).toMatchObject([
      { failed: null },
      { failed: null },
      { failed: null },
      { failed: { code: 'rendering-too-many-requests' } },
      { failed: { code: 'rendering-too-many-requests' } },
    ]);
  });
});
