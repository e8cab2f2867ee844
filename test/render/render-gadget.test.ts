import { describe, expect, it } from 'vitest';
import type { ConnectionId } from '../../src/domain/connection.js';
import type { RenderRequest } from '../../src/domain/rendering.js';
import { TooMuchToShow } from '../../src/views/view-models.js';
import { gadget, parameter, request } from '../support/a-gadget.js';
import { ann, bob, question, setUpRender, show, textOf } from './render-setup.js';

const cards = gadget({ requests: [request('cards')] });

const started = () => {
  const fixture = setUpRender();
  return { ...fixture, render: (asked: RenderRequest) => show(fixture.ports, asked) };
};

describe('a gadget shown to a viewer', () => {
  it('holds what the provider answered to that viewer’s token', async () => {
    const { setup, render, calls, connect } = started();
    connect(ann, 'mingle');
    setup.answer = (access) => setup.data(`for ${access.token.reveal()}`);
    const rendered = await render(question(cards));
    expect(rendered).toMatchObject({ state: 'content', fetchedAt: setup.clock.now(), stale: false });
    expect(rendered.etag).toMatch(/^"[\w-]{43}"$/);
    expect(textOf(rendered)).toContain('for token-ann-1');
    expect(calls.map(({ request: { target, prefix } }) => [target, prefix])).toEqual([
      ['/cards.xml', '/api/cards.xml'],
    ]);
  });

  it('is misconfigured, and not kept, when its view has too much to show', async () => {
    const { setup, ports, connect } = started();
    connect(ann, 'mingle');
    let tooMuch = true;
    const content: typeof ports.views.content = (model) => {
      if (tooMuch) throw new TooMuchToShow('cards');
      return ports.views.content(model);
    };
    const render = (asked: RenderRequest) => show({ ...ports, views: { ...ports.views, content } }, asked);
    expect(await render(question(cards))).toMatchObject({
      state: 'misconfigured',
      failed: [{ provider: 'mingle', code: 'view-too-long' }],
    });
    tooMuch = false;
    setup.answer = (access) => setup.data(`for ${access.token.reveal()}`);
    expect((await render(question(cards))).state).toBe('content');
  });

  it('gives its template frozen records that inherit nothing', async () => {
    const { render, models, connect } = started();
    connect(ann, 'mingle');
    await render(question(cards));
    const [model] = models;
    const above = Object.getPrototypeOf(model);
    expect([Reflect.ownKeys(above), Object.getPrototypeOf(above)]).toEqual([[Symbol.toPrimitive], null]);
    expect(Object.isFrozen(model)).toBe(true);
    expect(model).toMatchObject({
      connected: [{ provider: 'mingle', name: 'MINGLE', account: null, tells: false }],
    });
  });

  it('is shown again from memory while its answers are fresh, and fetched again afterwards', async () => {
    const { render, calls, connect, advance } = started();
    connect(ann, 'mingle');
    const first = await render(question(cards));
    await advance(29_999);
    expect(await render(question(cards))).toBe(first);
    expect(calls).toHaveLength(1);
    await advance(1);
    await render(question(cards));
    expect(calls).toHaveLength(2);
  });

  it('is made again for other parameters, another language, time zone, version, or Connection', async () => {
    const { render, calls, connect } = started();
    connect(ann, 'mingle');
    connect(bob, 'mingle');
    const asked = question(cards, { parameters: { a: '1' } });
    await render(asked);
    await render({ ...asked, parameters: { a: '2' } });
    await render({ ...asked, locale: 'de' });
    await render({ ...asked, timeZone: 'Europe/Berlin' });
    await render({ ...asked, timeZone: 'Asia/Tokyo' });
    await render({ ...asked, gadget: { ...cards, version: 'v2' } });
    await render({ ...asked, viewer: bob });
    connect(ann, 'mingle', { generation: 2 });
    await render(asked);
    expect(calls).toHaveLength(8);
    await render({ ...asked, parameters: { a: '1' } });
    expect(calls).toHaveLength(8);
  });

  it('is not kept when an answer is stale or may not be shown twice', async () => {
    const { setup, render, calls, connect } = started();
    connect(ann, 'mingle');
    setup.answer = () => setup.data('old', { stale: true, fetchedAt: 5 });
    expect(await render(question(cards))).toMatchObject({ stale: true, fetchedAt: 5 });
    setup.answer = () => setup.data('once', { freshUntil: setup.clock.now() });
    await render(question(cards));
    await render(question(cards));
    expect(calls).toHaveLength(3);
  });

  it('needs no viewer when it makes no request', async () => {
    const { render } = started();
    expect(await render(question(gadget()))).toMatchObject({
      state: 'content',
      fetchedAt: null,
      stale: false,
    });
  });
});

describe('a viewer who disconnects while a rendering is made', () => {
  it('is not shown what was fetched before', async () => {
    const { setup, render, connect, disconnect } = started();
    connect(ann, 'mingle');
    setup.answer = () => {
      disconnect(ann, 'mingle');
      return setup.data('secret');
    };
    const rendered = await render(question(cards));
    expect(rendered.state).toBe('connect');
    expect(textOf(rendered)).not.toContain('secret');
  });

  it('is shown why, when the Connection ended by itself', async () => {
    const { setup, render, connect } = started();
    connect(ann, 'mingle');
    setup.answer = () => {
      connect(ann, 'mingle', { status: 'reconnect', reason: 'revoked' });
      return setup.data('secret');
    };
    expect(textOf(await render(question(cards)))).toBe(
      'state {"state":"reconnect","provider":"mingle","reason":"revoked"}',
    );
  });

  it('is shown the new account’s data after the viewer connected again in the meantime', async () => {
    const { setup, render, calls, connect } = started();
    connect(ann, 'mingle');
    setup.answer = ({ connection: { generation } }) => {
      connect(ann, 'mingle', { generation: 2 });
      return setup.data(`generation ${generation}`);
    };
    const rendered = await render(question(cards));
    expect(textOf(rendered)).toContain('generation 2');
    expect(calls).toHaveLength(2);
    expect(await render(question(cards))).toBe(rendered);
  });

  it('is never shown the old account’s data from memory, even if the new one’s is not cached', async () => {
    const { setup, render, connect } = started();
    connect(ann, 'mingle');
    setup.answer = ({ connection: { generation } }) => {
      connect(ann, 'mingle', { generation: 2 });
      const freshFor = generation === 1 ? 30_000 : 0;
      return setup.data(`generation ${generation}`, {
        freshUntil: setup.clock.now() + freshFor,
      });
    };
    expect(textOf(await render(question(cards)))).toContain('generation 2');
    expect(textOf(await render(question(cards)))).toContain('generation 2');
  });

  it('is asked to connect when that never ends', async () => {
    const { setup, render, calls, connect } = started();
    connect(ann, 'mingle');
    setup.answer = ({ connection: { generation } }) => {
      connect(ann, 'mingle', { generation: generation + 1 });
      return setup.data('x');
    };
    expect((await render(question(cards))).state).toBe('connect');
    expect(calls).toHaveLength(3);
  });
});

describe('a gadget with two providers', () => {
  const both = gadget({
    requests: [
      request('cards'),
      request('builds', { provider: 'gocd', required: false, path: '/{what}', when: ['what'] }),
    ],
    parameters: [parameter('what', { kind: 'text', maxLength: 9 })],
  });
  const asked = question(both, { parameters: { what: 'all' } });

  it('is shown without the one that the viewer is not connected to, and says so', async () => {
    const { render, models, calls, connect } = started();
    connect(ann, 'mingle');
    expect((await render(asked)).state).toBe('content');
    expect(models[0]).toMatchObject({ missing: [{ state: 'connect', provider: 'gocd', name: 'GOCD' }] });
    await render(asked);
    expect(calls).toHaveLength(2);
    connect(ann, 'gocd');
    await render(asked);
    expect(calls).toHaveLength(4);
  });

  it('is not shown from memory after either Connection ended', async () => {
    const { render, models, connect, disconnect } = started();
    connect(ann, 'mingle');
    connect(ann, 'gocd');
    const first = await render(asked);
    expect(await render(asked)).toBe(first);
    connect(ann, 'gocd', { id: 'another' as ConnectionId });
    const second = await render(asked);
    expect(second).not.toBe(first);
    disconnect(ann, 'gocd');
    await render(asked);
    expect(models.at(-1)).toMatchObject({ missing: [{ state: 'connect', provider: 'gocd' }] });
    disconnect(ann, 'mingle');
    expect((await render(asked)).state).toBe('connect');
  });

  it('does not ask a provider that is not wanted', async () => {
    const { render, calls, connect } = started();
    connect(ann, 'mingle');
    connect(ann, 'gocd');
    const rendered = await render(question(both));
    expect(calls.map(({ request: { provider } }) => provider.id)).toEqual(['mingle']);
    expect(rendered.state).toBe('content');
  });
});
