import { describe, expect, it } from 'vitest';
import type { RenderRequest } from '../../src/domain/rendering.js';
import { computedValue, secondsLeftOfDay } from '../../src/gadgets/computed-values.js';
import { gadget, parameter, request } from '../support/a-gadget.js';
import { ann, bob, question, setUpRender, show } from './render-setup.js';

const text = { kind: 'text', maxLength: 99 } as const;

const cards = {
  from: 'changes.commits',
  take: 'message',
  match: '{pattern}',
  unique: true,
  atMost: 5,
  type: 'integer',
} as const;

const pair = (more: object = {}, of: object = {}) =>
  gadget({
    parameters: [parameter('pattern', text, { default: '#(\\d+)' })],
    requests: [
      request('cards', {
        query: [{ name: 'mql', template: 'WHERE number IN ({cards})', language: 'mql' }],
        given: { cards: { ...cards, ...more } },
        ...of,
      }),
      request('changes', { provider: 'gocd' }),
    ],
  });

const parameters = { pattern: '#(\\d+)' };

const started = () => {
  const fixture = setUpRender();
  fixture.connect(ann, 'mingle');
  fixture.connect(ann, 'gocd');
  const says = (messages: readonly string[]) => {
    fixture.setup.answer = (_, { target }) =>
      fixture.setup.data(
        target.startsWith('/changes') ? { commits: messages.map((message) => ({ message })) } : { cards: [] },
      );
  };
  const targets = () =>
    fixture.calls.map(
      ({ access, request: { target } }) =>
        `${access.connection.provider} ${decodeURIComponent(target.replaceAll('+', ' '))}`,
    );
  return { ...fixture, says, targets, render: (asked: RenderRequest) => show(fixture.ports, asked) };
};

describe('a request that is made of another answer', () => {
  it('is made when that is there, with its values, and with the token of its own provider', async () => {
    const { says, render, targets, calls, models } = started();
    says(['Fix #12 and #7', '#7 again']);
    await render(question(pair(), { parameters }));
    expect(targets()).toEqual(['gocd /changes.xml', 'mingle /cards.xml?mql=WHERE number IN (12,7)']);
    expect(calls[1]?.access.token.reveal()).toBe('token-ann-1');
    expect(Object.keys((models[0] as { answers: object }).answers)).toEqual(['cards', 'changes']);
  });

  it('is not made without a value, and the rest is shown', async () => {
    const { says, render, targets, models } = started();
    says(['nothing here']);
    expect((await render(question(pair(), { parameters }))).state).toBe('content');
    expect(targets()).toEqual(['gocd /changes.xml']);
    expect(Object.keys((models[0] as { answers: object }).answers)).toEqual(['changes']);
  });

  it('is made without a value that is not required', async () => {
    const { says, render, targets } = started();
    says([]);
    const query = [{ name: 'mql', template: 'SELECT a{ WHERE number IN cards}', language: 'mql' }] as const;
    await render(question(pair({ required: false }, { query }), { parameters }));
    expect(targets()[1]).toBe('mingle /cards.xml?mql=SELECT a');
  });

  it('names in its cache key every Connection that its values are from', async () => {
    const { says, render, calls, connect, caches } = started();
    says(['#1']);
    await render(question(pair(), { parameters }));
    expect(calls.map(({ request: { basis } }) => basis)).toEqual([undefined, 'ann-gocd 1']);
    connect(ann, 'gocd', { generation: 2 });
    caches.purge('ann-gocd' as never);
    await render(question(pair(), { parameters }));
    expect(calls[3]?.request.basis).toBe('ann-gocd 2');
  });

  it('passes on whose its values are through a third request', async () => {
    const { setup, render, calls } = started();
    const chain = gadget({
      requests: [
        request('a', { provider: 'gocd' }),
        request('b', { given: { x: { from: 'a', take: 'id', type: 'text' } }, path: '/b/{x}' }),
        request('c', { given: { y: { from: 'b', take: 'id', type: 'text' } }, path: '/c/{y}' }),
      ],
    });
    setup.answer = (_, { target }) => setup.data({ id: `of${target.replaceAll(/\W/g, '-')}` });
    await render(question(chain));
    expect(calls.map(({ request: { target, basis } }) => [target, basis])).toEqual([
      ['/a.xml', undefined],
      ['/b/of-a-xml', 'ann-gocd 1'],
      ['/c/of-b-of-a-xml', 'ann-gocd 1|ann-mingle 1'],
    ]);
  });

  it('never uses what another viewer’s answer said', async () => {
    const { setup, render, connect, targets } = started();
    connect(bob, 'mingle');
    connect(bob, 'gocd');
    setup.answer = ({ connection: { viewer } }, { target }) =>
      setup.data(
        target.startsWith('/changes') ? { commits: { message: viewer.sub === 'ann' ? '#1' : '#2' } } : {},
      );
    await render(question(pair(), { parameters }));
    await render(question(pair(), { parameters, viewer: bob }));
    expect(targets().filter((each) => each.startsWith('mingle'))).toEqual([
      'mingle /cards.xml?mql=WHERE number IN (1)',
      'mingle /cards.xml?mql=WHERE number IN (2)',
    ]);
  });

  it('has the viewer’s zone, language and account, and an answer of a day ends with it', async () => {
    const { render, calls, connect, clock } = started();
    connect(ann, 'mingle', { account: { id: 'u-7', label: 'Ann' } });
    const query = [
      { name: 'since', template: '{today.start} {time-zone} {locale}', language: 'text' },
    ] as const;
    const asked = gadget({ requests: [request('a', { path: '/of/{account.id}', query, ttl: 3600 })] });
    const timeZone = 'Europe/Berlin';
    await render(question(asked, { timeZone, locale: 'de' }));
    const now = clock.now();
    const today = computedValue('today.start', 0, { now, timeZone, locale: 'de', account: null });
    expect(today).toMatch(/T00:00:00\+0[12]:00$/);
    expect(decodeURIComponent(calls[0]?.request.target ?? '')).toBe(
      `/of/u-7?since=${today}+Europe/Berlin+de`,
    );
    expect(calls[0]?.request.ttl).toBe(Math.min(3600, secondsLeftOfDay({ now, timeZone })));
    expect(secondsLeftOfDay({ now: Date.parse('2026-11-30T22:59:00Z'), timeZone })).toBe(60);
  });

  it('is misconfigured where the provider does not tell whose account it is and the path needs it', async () => {
    const { render, calls } = started();
    const asked = gadget({ requests: [request('a', { path: '/of/{account.id}' })] });
    expect(await render(question(asked))).toMatchObject({
      state: 'misconfigured',
      failed: [{ provider: 'mingle', code: 'value-unusable' }],
    });
    expect(calls).toEqual([]);
  });

  it('shares the obstacle of the answer that it needs', async () => {
    const { disconnect, render, targets } = started();
    disconnect(ann, 'gocd');
    const asked = question(pair(), { parameters });
    expect((await render(asked)).state).toBe('connect');
    expect(targets()).toEqual([]);
  });

  it('is misconfigured, not anyone’s mistake, where the value cannot be used', async () => {
    const { setup, render } = started();
    const asked = gadget({
      requests: [
        request('a'),
        request('b', { given: { x: { from: 'a', take: 'id', type: 'text' } }, path: '/b/{x}' }),
      ],
    });
    setup.answer = () => setup.data({ id: '../secret' });
    expect(await render(question(asked))).toMatchObject({
      state: 'misconfigured',
      failed: [{ provider: 'mingle', code: 'value-unusable' }],
    });
  });

  it('says so where a pattern is too slow for what it is to search', async () => {
    const { says, render } = started();
    says(Array.from({ length: 500 }, () => 'x'.repeat(9000)));
    const slow = pair({ match: 'x*y|x', atMost: 1000, unique: false });
    expect(await render(question(slow, { parameters }))).toMatchObject({
      state: 'misconfigured',
      failed: [{ code: 'pattern-too-slow' }],
    });
  });
});
