import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rendered, RenderRequest } from '../../src/domain/rendering.js';
import type { Viewer } from '../../src/domain/viewer.js';
import type { FrameRenderings } from '../../src/render/frame-renderings.js';
import { findRendering, recallRendering, renderGadget } from '../../src/render/render-gadget.js';
import { gadget, request } from '../support/a-gadget.js';
import { frameOf, framesOf, question, textOf } from './render-setup.js';
import { clock, MARKER, type Several, several } from './several.js';

const json = { format: 'json', accept: 'application/json' } as const;
const board = gadget({
  requests: [
    request('a', { ...json, path: '/a', ttl: 30 }),
    request('b', { ...json, path: '/b', ttl: 0, required: false }),
  ],
});

// One object for all: nothing may be distinguished by it.
const parameters = Object.freeze({ same: 'for all' });

const NAMES = ['ann', 'bob', 'cyd', 'dan'] as const;

type Step = 'render' | 'frame' | 'connect' | 'disconnect' | 'revoke' | 'refresh' | 'abandon' | 'wait';

const step = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<Step>('render', 'frame') },
  { weight: 2, arbitrary: fc.constant<Step>('wait') },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Step>('connect', 'connect', 'disconnect', 'revoke', 'refresh', 'abandon'),
  },
);
const script = fc.array(fc.tuple(fc.constantFrom(...NAMES), step), { minLength: 40, maxLength: 90 });
const fates = fc.array(
  fc.integer({ min: 0, max: 999 }).map((drawn) => drawn / 1000),
  { minLength: 40, maxLength: 80 },
);

type Frames = Several & { readonly frames: FrameRenderings };

const ask = async (
  { ports, frames }: Frames,
  how: Step,
  asked: RenderRequest,
): Promise<Rendered | 'pending'> =>
  how === 'frame'
    ? frames.answer(frameOf(`frame of ${asked.viewer.sub}`, asked), 'request')
    : (recallRendering(ports, asked)?.rendered ??
      (await findRendering(ports, asked)) ??
      (await renderGadget(ports, asked)).rendered);

/** Asks, and expects of the answer what this file promises. */
const show = async (fixture: Frames, viewer: Viewer, how: Step): Promise<string> => {
  const since = fixture.generationOf(viewer);
  const answer = await ask(fixture, how, question(board, { viewer, parameters }));
  if (answer === 'pending') return answer;
  for (const [, owner, generation] of textOf(answer).matchAll(MARKER)) {
    expect(owner).toBe(viewer.sub);
    expect(Number(generation)).toBeGreaterThanOrEqual(since);
  }
  return answer.state;
};

const play = async (
  fixture: Frames,
  steps: readonly (readonly [string, Step])[],
): Promise<readonly string[]> => {
  for (const viewer of fixture.viewers.values()) fixture.connect(viewer);
  const shown: Promise<string>[] = [];
  for (const [name, each] of steps) {
    const viewer = fixture.viewers.get(name);
    if (viewer === undefined) continue;
    if (each === 'render' || each === 'frame') shown.push(show(fixture, viewer, each));
    else if (each === 'abandon')
      fixture.frames.forget(frameOf(`frame of ${name}`, question(board, { viewer, parameters })));
    else if (each === 'wait') await clock.sleep(2);
    else fixture[each](viewer);
  }
  return Promise.all(shown);
};

const full = (most: number) => ({
  limits: { entries: most, flights: most, pauses: most, bytes: 5000, bytesPerConnection: 3000 },
  sockets: { atOnce: 3 + most, atOnceForOwner: most, kept: most },
});

describe.each([
  ['where there is room for all', {}],
  ['where there is room for one of everything', full(1)],
  ['where there is room for three of everything', full(3)],
])('any number of viewers of one gadget, %s,', (_, bounds) => {
  it('never see a byte of each other’s, nor of a Connection that ended before they asked', async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(script, fates, async (steps, drawn) => {
        let next = 0;
        const viewers = await several(NAMES, () => drawn[next++ % drawn.length] ?? 0, bounds);
        const fixture = { ...viewers, frames: framesOf(viewers.ports, board, { renderBudget: () => 3 }) };
        try {
          for (const state of await play(fixture, steps)) seen.set(state, (seen.get(state) ?? 0) + 1);
        } finally {
          await fixture.close();
        }
      }),
      { numRuns: 40 },
    );
    // What is drawn comes in clusters: the rarest is seen some twenty times, and now and then five.
    for (const state of [
      'content',
      'connect',
      'no-access',
      'not-found',
      'misconfigured',
      'provider-down',
      'pending',
    ])
      expect(seen.get(state) ?? 0, state).toBeGreaterThan(0);
  }, 60_000);
});
