import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Gadget } from '../../src/domain/gadget.js';
import type { Viewer } from '../../src/domain/viewer.js';
import { mistakesOf } from '../../src/gadgets/manifest-checks.js';
import { findRendering, recallRendering, renderGadget } from '../../src/render/render-gadget.js';
import { gadget, parameter, type Requested, request } from '../support/a-gadget.js';
import { type Chained, chained, MARK, PROVIDERS } from './chained.js';
import { question, textOf } from './render-setup.js';
import { clock } from './several.js';

const NAMES = ['ann', 'bob', 'cyd'] as const;

/** One request of a random definition: whose it is, what it takes from which earlier one, and how it uses that. */
const shape = fc.record({
  provider: fc.constantFrom(...PROVIDERS),
  takes: fc.constantFrom('nothing', 'one', 'list', 'each', 'each and one'),
  of: fc.nat(9),
  what: fc.constantFrom('id', 'text'),
  uses: fc.constantFrom('path', 'as path', 'as segment', 'query', 'mql', 'search', 'body'),
  isPaged: fc.boolean(),
  required: fc.boolean(),
  ttl: fc.constantFrom(0, 30),
});
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;

/** How one value stands in a request. */
const usesOf = ({ uses }: Shape, index: number, name: string, isList: boolean): Partial<Requested> => {
  const at = `/p${index}`;
  const inQuery = (language: string): Partial<Requested> => ({
    path: at,
    query: [{ name: 'q', template: `x {${name}}`, language }],
  });
  if (uses === 'body') return { path: at, method: 'POST', body: { deep: [{ value: `{${name}}` }] } };
  if (uses === 'mql' || uses === 'search') return inQuery(uses);
  if (uses === 'query' || isList) return inQuery('text');
  return { path: `${at}/{${name}${uses === 'path' ? '' : ` ${uses}`}}` };
};

const requestOf = (shape: Shape, index: number, before: readonly Shape[]): Partial<Requested> => {
  const { provider, takes, isPaged, required, ttl, what } = shape;
  const common: Partial<Requested> = { provider, required, ttl, format: 'json', accept: 'application/json' };
  const source = before.length === 0 ? undefined : shape.of % before.length;
  if (source === undefined || takes === 'nothing') {
    const pages = { by: 'page', items: 'items', atMost: 2 } as const;
    return { ...common, path: `/p${index}`, ...(isPaged && { pages }) };
  }
  const isEach = source > 0 && before[source]?.takes.startsWith('each') === true;
  const from = isEach ? `r${source}.data.items` : `r${source}.items`;
  const type = what === 'id' ? ('identifier' as const) : ('text' as const);
  const one = { from, take: what, type };
  if (takes === 'one') return { ...common, given: { x: one }, ...usesOf(shape, index, 'x', false) };
  if (takes === 'list')
    return { ...common, given: { x: { ...one, atMost: 3 } }, ...usesOf(shape, index, 'x', true) };
  const each = { of: from, as: 'it', atMost: 3 };
  const more = takes === 'each' ? {} : { given: { x: one } };
  return { ...common, each, ...more, ...usesOf(shape, index, `it.${what}`, false) };
};

const definitions = fc.array(shape, { minLength: 3, maxLength: 6 }).map(
  (shapes): Gadget =>
    gadget({
      parameters: [parameter('same', { kind: 'text', maxLength: 9 })],
      requests: shapes.map((each, index) =>
        request(`r${index}`, requestOf(each, index, shapes.slice(0, index))),
      ),
    }),
);

type Step = 'render' | 'connect' | 'disconnect' | 'revoke' | 'refresh' | 'wait';
const step = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Step>('render') },
  { weight: 2, arbitrary: fc.constant<Step>('wait') },
  { weight: 2, arbitrary: fc.constantFrom<Step>('connect', 'disconnect', 'revoke', 'refresh') },
);
const script = fc.array(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...PROVIDERS), step), {
  minLength: 15,
  maxLength: 35,
});
const fates = fc.array(
  fc.integer({ min: 0, max: 999 }).map((drawn) => drawn / 1000),
  { minLength: 40, maxLength: 80 },
);

// One object for all: nothing may be distinguished by it.
const parameters = Object.freeze({ same: 'for all' });

/** Shows the gadget to a viewer, and expects of it what this file promises. */
const show = async (fixture: Chained, of: Gadget, viewer: Viewer): Promise<string> => {
  const since = new Map(PROVIDERS.map((id) => [id as string, fixture.generationOf(viewer, id)]));
  const asked = question(of, { viewer, parameters });
  const rendered = await fixture.counted(
    async () =>
      recallRendering(fixture.ports, asked)?.rendered ??
      (await findRendering(fixture.ports, asked)) ??
      (await renderGadget(fixture.ports, asked)).rendered,
  );
  for (const [said, owner, id = '', generation] of textOf(rendered).matchAll(MARK)) {
    if (owner !== viewer.sub) fixture.problems.push(`${viewer.sub} was shown ${said}`);
    if (Number(generation) < (since.get(id) ?? 0))
      fixture.problems.push(`${viewer.sub} was shown ${said} of an ended Connection`);
  }
  return rendered.state;
};

const play = async (fixture: Chained, of: Gadget, steps: readonly (readonly [string, string, Step])[]) => {
  fixture.declare(of);
  for (const viewer of fixture.viewers.values()) for (const id of PROVIDERS) fixture.connect(viewer, id);
  const shown: Promise<string>[] = [];
  for (const [name, id, each] of steps) {
    const viewer = fixture.viewers.get(name);
    if (viewer === undefined) continue;
    if (each === 'render') shown.push(show(fixture, of, viewer));
    else if (each === 'wait') await clock.sleep(3);
    else fixture[each](viewer, id);
  }
  return Promise.all(shown);
};

const STATES = ['content', 'connect', 'not-found', 'provider-down', 'misconfigured'];

it('No definition whose requests use each other’s answers shows or sends one viewer’s data to another, or asks beyond what it declares', async () => {
  const seen = new Map<string, number>();
  const property = fc.asyncProperty(definitions, script, fates, async (of, steps, drawn) => {
    expect(mistakesOf(of)).toEqual([]);
    let next = 0;
    const limits = { requests: 12, bytes: 60_000, values: 3000, time: 60_000, atOnce: 3 };
    const fixture = await chained(NAMES, () => drawn[next++ % drawn.length] ?? 0, limits);
    try {
      for (const state of await play(fixture, of, steps)) seen.set(state, (seen.get(state) ?? 0) + 1);
      expect(fixture.problems).toEqual([]);
    } finally {
      await fixture.close();
    }
  });
  // Sixty are enough for nearly everything to happen; what is rare is waited for.
  for (let times = 0; times < 10 && (times === 0 || STATES.some((state) => !seen.has(state))); times += 1)
    // What is drawn has no smaller form that would be easier to read.
    await fc.assert(property, { numRuns: 60, endOnFailure: true });
  for (const state of STATES) expect(seen.get(state) ?? 0, state).toBeGreaterThan(0);
}, 120_000);
