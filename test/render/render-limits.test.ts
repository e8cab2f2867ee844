import { describe, expect, it } from 'vitest';
import { RENDER_LIMITS, type RenderLimits } from '../../src/render/render-limits.js';
import type { UpstreamOutcome } from '../../src/upstream/upstream-call.js';
import { gadget, request } from '../support/a-gadget.js';
import { ann, question, setUpRender, show } from './render-setup.js';

const started = (limits: Partial<RenderLimits>) => {
  const fixture = setUpRender();
  fixture.connect(ann, 'mingle');
  const ports = { ...fixture.ports, renderLimits: { ...RENDER_LIMITS, ...limits } };
  const targets = () => fixture.calls.map(({ request: { target } }) => target);
  return {
    ...fixture,
    targets,
    render: (asked: Parameters<typeof question>[0]) => show(ports, question(asked)),
  };
};

const failure = (code: string) => ({ failed: [{ provider: 'mingle', code }] });
const feed = { rel: 'next', pages: 20 };
const two = gadget({ requests: [request('a'), request('b')] });

describe('the limits of one rendering', () => {
  it('let through what is within them', async () => {
    const { render, targets } = started({ requests: 2, bytes: 200, atOnce: 1 });
    expect((await render(two)).state).toBe('content');
    expect(targets()).toEqual(['/a.xml', '/b.xml']);
  });

  it('end it as misconfigured when it makes too many requests', async () => {
    const { render, targets } = started({ requests: 1 });
    expect(await render(two)).toMatchObject({
      state: 'misconfigured',
      ...failure('rendering-too-many-requests'),
    });
    expect(targets()).toEqual(['/a.xml']);
  });

  it('end it as misconfigured when its answers have too many values in all, however few bytes each has', async () => {
    const { setup, render } = started({ values: 50 });
    setup.answer = () => setup.data([[1, 2, 3], { a: 4, b: [5] }], { bytes: 40 });
    const asked = (count: number) =>
      gadget({
        version: `of ${count}`,
        requests: Array.from({ length: count }, (_, index) => request(`r${index}`)),
      });
    expect((await render(asked(5))).state).toBe('content');
    expect(await render(asked(6))).toMatchObject({
      state: 'misconfigured',
      ...failure('rendering-too-many-values'),
    });
  });

  it('leave out an optional answer', async () => {
    const { render, models } = started({ requests: 1 });
    const asked = gadget({ requests: [request('a'), request('b', { required: false })] });
    expect(await render(asked)).toMatchObject({
      state: 'content',
      ...failure('rendering-too-many-requests'),
    });
    expect(models[0]).toMatchObject({ missing: [{ code: 'rendering-too-many-requests', name: 'MINGLE' }] });
  });

  it('count further pages as requests, read as many as are left, and release what was not needed', async () => {
    const { setup, render, calls } = started({ requests: 5, atOnce: 1 });
    setup.answer = (_, { target }) => setup.data('', { pages: target === '/a.xml' ? 2 : 3 });
    const asked = gadget({
      requests: [request('a', { follow: { ...feed, pages: 3 } }), request('b', { follow: feed })],
    });
    expect((await render(asked)).state).toBe('content');
    expect(calls.map(({ request: { pages } }) => [pages?.further, pages?.allowed])).toEqual([
      [3, 3],
      [20, 2],
    ]);
  });

  it('end it as misconfigured when its answers together are too large', async () => {
    const { setup, render } = started({ bytes: 199 });
    expect(await render(two)).toMatchObject({ state: 'misconfigured', ...failure('rendering-too-large') });
    setup.answer = () => setup.data('', { bytes: 99 });
    expect((await render(two)).state).toBe('content');
  });

  it('end it as provider-down when it takes too long, whatever arrives later', async () => {
    const { setup, render, advance } = started({ time: 9000 });
    setup.answer = (_, { target }) =>
      target === '/a.xml' ? setup.data('in time') : new Promise<UpstreamOutcome>(() => {});
    const rendering = render(two);
    await new Promise(setImmediate);
    await advance(9000);
    expect(await rendering).toMatchObject({ state: 'provider-down', ...failure('rendering-too-slow') });
  });

  it('also end it while a request waits for its turn', async () => {
    const { setup, render, advance, targets } = started({ time: 9000, atOnce: 1 });
    setup.answer = () => new Promise<UpstreamOutcome>(() => {});
    const rendering = render(two);
    await new Promise(setImmediate);
    await advance(9000);
    expect((await rendering).state).toBe('provider-down');
    expect(targets()).toEqual(['/a.xml']);
  });

  it('let so many requests be under way at the same time', async () => {
    const { setup, render } = started({ atOnce: 2 });
    let [now, most] = [0, 0];
    setup.answer = async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise(setImmediate);
      now -= 1;
      return setup.data('');
    };
    const names = ['a', 'b', 'c', 'd', 'e'];
    expect((await render(gadget({ requests: names.map((name) => request(name)) }))).state).toBe('content');
    expect(most).toBe(2);
  });
});
