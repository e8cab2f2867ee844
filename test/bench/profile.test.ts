import { expect, it } from 'vitest';
import { type CpuProfile, placeOf, whereTimeGoes } from '../../bench/profile.js';

const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 0, columnNumber: 0 });

const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(idle)') },
    { id: 2, callFrame: frame('writev') },
    { id: 3, callFrame: frame('render', 'file:///dist/main.js') },
    { id: 4, callFrame: frame('writev', 'file:///dist/main.js') },
  ],
  startTime: 5000,
  samples: [3, 1, 2, 3, 4, 1, 3],
  timeDeltas: [0, 1000, 500, 10, 20, 30, 700],
};

it('Only what was sampled in a span counts, and idle time does not', () => {
  const shares = whereTimeGoes(profile, () => 'src/views/filters/all.ts', { from: 5900, to: 7000 });
  // 10 µs of writing, 20 and 30 of ours: a function of ours that is called as one of Node's is ours.
  expect(shares.map(({ place }) => place)).toEqual(['src/views', 'writing to sockets']);
  expect(shares[0]?.share).toBeCloseTo(50 / 60, 6);
});

it.each([
  ['../src/views/filters/all.ts', 'src/views'],
  ['../node_modules/@koa/router/dist/index.js', '@koa/router'],
  ['../node_modules/koa/lib/application.js', 'koa'],
  ['node:internal/streams/writable', 'Node itself'],
  ['mingle-cards/view.njk', 'templates'],
  ['../src/saxes.ts', 'saxes'],
])('%s belongs to %s', (file, place) => {
  expect(placeOf(file)).toBe(place);
});
