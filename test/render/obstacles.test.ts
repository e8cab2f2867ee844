import { describe, expect, it } from 'vitest';
import type { AccessOutcome, UpstreamOutcome } from '../../src/domain/ports.js';
import type { Obstacle } from '../../src/domain/rendering.js';
import { gadgetRenderer } from '../../src/render/render-gadget.js';
import { gadget, request } from '../support/a-gadget.js';
import { ann, aWorld, question, textOf } from './world.js';

const cards = gadget({ requests: [request('cards')] });

const shown = (rendered: { readonly body: Uint8Array }): Obstacle =>
  JSON.parse(textOf(rendered).replace(/^state /, ''));

const started = () => {
  const scene = aWorld();
  scene.connect(ann, 'mingle');
  return { ...scene, render: gadgetRenderer(scene.ports) };
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
    [{ kind: 'unauthorized' }, { state: 'provider-down', reason: 'token-rejected' }],
  ])('%j becomes the state %j', async (outcome, obstacle) => {
    const { world, render, calls } = started();
    world.answer = () => outcome;
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
    const { world, render, calls } = started();
    world.fresh = () => outcome;
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

  it('is shown by what the viewer can mend first, when several answers are missing', async () => {
    const { world, render } = started();
    world.answer = (_, { target }) =>
      target.startsWith('/a') ? { kind: 'down', reason: 'x' } : { kind: 'insufficient-scope' };
    const two = gadget({ requests: [request('a'), request('b')] });
    expect(shown(await render(question(two))).state).toBe('reconnect');
  });

  it('is left out when it is optional, each reason once', async () => {
    const { world, render, models } = started();
    world.answer = (_, { target }) =>
      target.startsWith('/cards') ? world.data('cards') : { kind: 'forbidden', detail: null };
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
    const { world, render, renewals, calls } = started();
    world.answer = ({ token }) =>
      token.reveal().endsWith('-1') ? { kind: 'unauthorized' } : world.data('x');
    expect((await render(question(three))).state).toBe('content');
    expect(renewals).toHaveLength(1);
    expect(calls).toHaveLength(6);
  });

  it('is not renewed a second time', async () => {
    const { world, render, renewals, calls } = started();
    world.answer = () => ({ kind: 'unauthorized' });
    expect(shown(await render(question(three)))).toMatchObject({
      state: 'provider-down',
      reason: 'token-rejected',
    });
    expect(renewals).toHaveLength(1);
    expect(calls).toHaveLength(6);
  });

  it('ends in the reason for which it cannot be renewed', async () => {
    const { world, render } = started();
    world.answer = () => ({ kind: 'unauthorized' });
    world.renewed = () => ({ kind: 'reconnect', reason: 'revoked' });
    expect(shown(await render(question(cards)))).toMatchObject({ state: 'reconnect', reason: 'revoked' });
  });
});
