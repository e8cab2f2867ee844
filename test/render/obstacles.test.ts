import { describe, expect, it } from 'vitest';
import type { AccessOutcome } from '../../src/connect/tokens/open-connection.js';
import type { RenewalOutcome } from '../../src/connect/tokens/rejected-tokens.js';
import type { Obstacle, RenderRequest } from '../../src/domain/rendering.js';
import type { UpstreamOutcome } from '../../src/upstream/upstream-call.js';
import type { ContentModel } from '../../src/views/view-models.js';
import { gadget, request } from '../support/a-gadget.js';
import { rejection } from '../support/rejection.js';
import { ann, question, setUpRender, show, textOf } from './render-setup.js';

const cards = gadget({ requests: [request('cards')] });

const shown = (rendered: { readonly body: Uint8Array }): Obstacle =>
  JSON.parse(textOf(rendered).replace(/^state /, ''));

const started = () => {
  const fixture = setUpRender();
  fixture.connect(ann, 'mingle');
  return { ...fixture, render: (asked: RenderRequest) => show(fixture.ports, asked) };
};

describe('what a provider answers', () => {
  it.each<[UpstreamOutcome, Partial<Obstacle>]>([
    [{ kind: 'insufficient-scope' }, { state: 'reconnect', reason: 'more-scopes' }],
    [
      { kind: 'forbidden', detail: 'no member' },
      { state: 'no-access', detail: 'no member' },
    ],
    [
      { kind: 'not-found', detail: null },
      { state: 'not-found', detail: null },
    ],
    [
      { kind: 'rate-limited', retryAfter: 7 },
      { state: 'rate-limited', retryAfter: 7 },
    ],
    [
      { kind: 'down', reason: 'timeout' },
      { state: 'provider-down', reason: 'timeout' },
    ],
    [
      { kind: 'unusable', code: 'status-422', detail: 'no such property' },
      { state: 'misconfigured', code: 'status-422', detail: 'no such property' },
    ],
    [rejection(), { state: 'no-access', detail: null, code: 'token-rejected: status-401' }],
  ])('%j becomes the state %j', async (outcome, obstacle) => {
    const { setup, render, calls } = started();
    setup.answer = () => outcome;
    const rendered = await render(question(cards));
    expect(shown(rendered)).toEqual({ provider: 'mingle', ...obstacle });
    expect(rendered).toMatchObject({ state: obstacle.state, fetchedAt: null, stale: false });
    const before = calls.length;
    await render(question(cards));
    expect(calls.length, 'an obstacle is never remembered').toBe(2 * before);
  });

  it.each<[AccessOutcome, Partial<Obstacle>]>([
    [{ kind: 'none' }, { state: 'connect' }],
    [
      { kind: 'reconnect', reason: 'interrupted' },
      { state: 'reconnect', reason: 'interrupted' },
    ],
    [
      { kind: 'down', reason: 'unreachable' },
      { state: 'provider-down', reason: 'unreachable' },
    ],
    [
      { kind: 'rate-limited', retryAfter: null },
      { state: 'rate-limited', retryAfter: null },
    ],
    [
      { kind: 'stopped', code: 'client_stopped' },
      { state: 'misconfigured', code: 'client_stopped', detail: null },
    ],
  ])('%j instead of a token becomes the state %j', async (outcome, obstacle) => {
    const { setup, render, calls } = started();
    setup.fresh = () => outcome;
    expect(shown(await render(question(cards)))).toEqual({ provider: 'mingle', ...obstacle });
    expect(calls).toEqual([]);
  });

  it('is not waited for while the provider’s metadata could not be read', async () => {
    const { render, providers, calls } = started();
    providers.delete('mingle');
    expect(shown(await render(question(cards)))).toMatchObject({
      state: 'provider-down',
      reason: 'undiscovered',
    });
    expect(calls).toEqual([]);
  });

  it('is shown by what the viewer can fix first, when several answers are missing', async () => {
    const { setup, render } = started();
    setup.answer = (_, { target }) =>
      target.startsWith('/a') ? { kind: 'down', reason: 'x' } : { kind: 'insufficient-scope' };
    const two = gadget({ requests: [request('a'), request('b')] });
    expect(shown(await render(question(two))).state).toBe('reconnect');
  });

  it('is left out when it is optional, each reason once', async () => {
    const { setup, render, models } = started();
    setup.answer = (_, { target }) =>
      target.startsWith('/cards') ? setup.data('cards') : { kind: 'forbidden', detail: null };
    const three = gadget({
      requests: [request('cards'), request('a', { required: false }), request('b', { required: false })],
    });
    expect((await render(question(three))).state).toBe('content');
    expect(models[0]).toMatchObject({ missing: [{ state: 'no-access', name: 'MINGLE' }] });
  });
});

describe('a token that the provider rejects', () => {
  const three = gadget({ requests: [request('a'), request('b'), request('c')] });

  it('is renewed once for all requests, and each is tried once more', async () => {
    const { setup, render, renewals, calls } = started();
    setup.answer = ({ token }) => (token.reveal().endsWith('-1') ? rejection() : setup.data('x'));
    expect((await render(question(three))).state).toBe('content');
    expect(renewals).toHaveLength(1);
    expect(calls).toHaveLength(6);
  });

  it('is tried again where another server replaced what took its place too', async () => {
    const { setup, render, calls } = started();
    setup.answer = ({ connection }) => (connection.version < 3 ? rejection() : setup.data('mine'));
    setup.renewed = (rejected) =>
      setup.accessFor({ ...rejected.connection, version: rejected.connection.version + 1 });
    expect(textOf(await render(question(cards)))).toMatch(/^content .*mine/);
    expect(calls.map(({ access }) => access.connection.version)).toEqual([1, 2, 3]);
  });

  it('is tried again a few times at most, however often it is replaced', async () => {
    const { setup, render, calls, renewals } = started();
    setup.answer = () => rejection();
    setup.renewed = (rejected) =>
      setup.accessFor({ ...rejected.connection, version: rejected.connection.version + 1 });
    expect(shown(await render(question(cards)))).toMatchObject({ state: 'no-access' });
    expect([calls.length, renewals.length]).toEqual([4, 3]);
  });

  it('is not renewed a second time', async () => {
    const { setup, render, renewals, calls } = started();
    setup.answer = () => rejection();
    setup.renewed = ({ connection }) =>
      connection.version === 1
        ? setup.accessFor({ ...connection, version: 2 })
        : { kind: 'resource-refused', proven: true };
    expect(shown(await render(question(three)))).toMatchObject({
      state: 'no-access',
      code: 'token-rejected: status-401',
    });
    expect(new Set(renewals.map(({ connection }) => connection.version))).toEqual(new Set([1, 2]));
    expect(calls).toHaveLength(6);
  });

  it('ends in the reason for which it cannot be renewed', async () => {
    const { setup, render } = started();
    setup.answer = () => rejection();
    setup.renewed = () => ({ kind: 'reconnect', reason: 'revoked' });
    expect(shown(await render(question(cards)))).toMatchObject({ state: 'reconnect', reason: 'revoked' });
  });

  it('is treated as the resource’s own answer if the token works or may work, and the Connection stays', async () => {
    for (const proven of [true, false]) {
      const { setup, render, calls } = started();
      setup.answer = () => rejection({ status: 403, otherwise: { kind: 'forbidden', detail: 'No.' } });
      setup.renewed = () => ({ kind: 'resource-refused', proven });
      const rendered = await render(question(cards));
      expect(shown(rendered)).toEqual({
        ...{ state: 'no-access', provider: 'mingle', detail: 'No.' },
        code: 'token-rejected: status-403',
        ...(!proven && { mayReconnect: true }),
      });
      expect(rendered.failed).toEqual([{ provider: 'mingle', code: 'token-rejected: status-403' }]);
      expect(calls).toHaveLength(1);
    }
  });

  it('shows a redirect that does not lead to a sign-in page as an error', async () => {
    const { setup, render } = started();
    const otherwise = { kind: 'unusable', code: 'redirect', detail: null } as const;
    setup.answer = () => rejection({ status: 302, otherwise });
    setup.renewed = () => ({ kind: 'resource-refused', proven: true });
    expect(shown(await render(question(cards)))).toMatchObject({ state: 'misconfigured', code: 'redirect' });
  });

  it.each<[string, RenewalOutcome]>([
    ['the token is good', { kind: 'resource-refused', proven: true }],
    ['it cannot be renewed just now', { kind: 'down', reason: 'http-503' }],
  ])('at one address leaves the others alone, where %s', async (_, renewed) => {
    const { setup, render, models } = started();
    setup.answer = (_access, { target }) => (target.startsWith('/a') ? rejection() : setup.data([]));
    setup.renewed = () => renewed;
    const narrowed = { parameter: 'names', request: 'b', path: 'name' };
    const later = request('c', { narrow: [narrowed] });
    const some = gadget({ requests: [request('a', { required: false }), request('b'), later] });
    const rendered = await render(question(some, { parameters: { names: ['x'] } }));
    expect(rendered.state).toBe('content');
    expect(Object.keys((models[0] as ContentModel).answers)).toEqual(['b', 'c']);
  });

  it('is asked about for each address by itself', async () => {
    const { setup, render } = started();
    const asked: string[] = [];
    setup.answer = () => rejection();
    setup.renewed = (_, { target }) => {
      asked.push(target);
      return { kind: 'resource-refused', proven: false };
    };
    await render(question(three));
    expect(asked).toEqual(['/a.xml', '/b.xml', '/c.xml']);
  });

  it('is distinguished from one that was taken: where, and not from what was kept', async () => {
    const { setup, render, accepted } = started();
    setup.answer = () => setup.data('x', { stale: true });
    await render(question(gadget({ requests: [request('old')] })));
    setup.answer = () => setup.data('x');
    await render(question(cards));
    expect(accepted).toEqual(['ann-mingle /cards.xml']);
  });
});

describe('a provider that is away', () => {
  it.each([
    ['has a Connection', { status: 'active' }, true],
    ['has none', null, false],
  ] as const)('counts a person as connected who %s: %j', async (_, connection, connected) => {
    const { setup, ports, models } = setUpRender();
    if (connection !== null) setup.connect(ann, 'mingle', connection);
    setup.fresh = () => ({ kind: 'down', reason: 'unreachable' });
    await show(ports, question(cards));
    expect(models).toMatchObject([{ connected, obstacle: { state: 'provider-down' } }]);
  });

  it.each([
    ['connect', (setup: ReturnType<typeof setUpRender>['setup']) => setup.disconnect(ann, 'mingle')],
    [
      'reconnect',
      (setup: ReturnType<typeof setUpRender>['setup']) =>
        setup.connect(ann, 'mingle', { status: 'reconnect', reason: 'expired' }),
    ],
  ] as const)(
    'is not what a person is shown whose Connection ended while it was asked: %s',
    async (state, end) => {
      const { setup, ports } = setUpRender();
      setup.connect(ann, 'mingle', {});
      setup.fresh = () => {
        end(setup);
        return { kind: 'down', reason: 'unreachable' };
      };
      expect((await show(ports, question(cards))).state).toBe(state);
    },
  );
});

describe('while no token can be had', () => {
  const down: AccessOutcome = { kind: 'down', reason: 'http-503' };

  const away = (outcome: AccessOutcome) => {
    const fixture = started();
    const { setup } = fixture;
    setup.fresh = () => outcome;
    setup.kept = ({ id }, { target }) => setup.data(`${id} ${target}`, { stale: true });
    return fixture;
  };

  it.each<AccessOutcome>([down, { kind: 'rate-limited', retryAfter: 7 }])(
    'because of %j what was kept is shown with its age, and never remembered as fresh',
    async (outcome) => {
      const { render, calls, models, setup } = away(outcome);
      const rendered = await render(question(cards));
      expect(rendered).toMatchObject({ state: 'content', stale: true });
      expect((models[0] as ContentModel).answers.cards?.data).toBe('ann-mingle /cards.xml');
      expect(calls).toEqual([]);
      setup.kept = () => null;
      expect((await render(question(cards))).state).toBe(
        outcome.kind === 'down' ? 'provider-down' : 'rate-limited',
      );
    },
  );

  it.each<AccessOutcome>([
    { kind: 'none' },
    { kind: 'reconnect', reason: 'expired' },
    { kind: 'stopped', code: 'client_stopped' },
    { kind: 'down', reason: 'http-400', refused: true },
  ])('because of %j nothing is shown that was kept', async (outcome) => {
    const { render } = away(outcome);
    expect((await render(question(cards))).state).not.toBe('content');
  });

  it('nothing is shown that was kept where the Connection has ended', async () => {
    const { render, connect } = away(down);
    connect(ann, 'mingle', { status: 'reconnect', reason: 'expired' });
    expect((await render(question(cards))).state).toBe('reconnect');
  });

  it('nothing is shown that was kept where the token was rejected and could not be renewed', async () => {
    const { render, setup } = away(down);
    setup.fresh = (viewer, { id }) => {
      const found = setup.find(viewer, id);
      return found === null ? { kind: 'none' } : setup.accessFor(found);
    };
    setup.answer = () => rejection();
    setup.renewed = () => down;
    expect((await render(question(cards))).state).toBe('provider-down');
  });
});
