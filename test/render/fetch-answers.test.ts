import { describe, expect, it } from 'vitest';
import type { RenderRequest } from '../../src/domain/rendering.js';
import { gadget, parameter, type Requested, request } from '../support/a-gadget.js';
import { ann, question, setUpRender, show } from './render-setup.js';

const list = { kind: 'list', of: { kind: 'text', maxLength: 20 }, maxItems: 9 } as const;

const board = (definitions: Partial<Requested> = {}) =>
  gadget({
    parameters: [parameter('properties', list), parameter('only', list)],
    requests: [
      request('cards', {
        query: [{ name: 'mql', template: 'SELECT number{, properties}', language: 'mql' }],
        narrow: [{ parameter: 'properties', request: 'definitions', path: 'names' }],
      }),
      request('other', { when: ['only'] }),
      request('definitions', { when: ['properties'], ...definitions }),
    ],
  });

const started = () => {
  const fixture = setUpRender();
  fixture.connect(ann, 'mingle');
  const targets = () =>
    fixture.calls.map(({ request: { target } }) => decodeURIComponent(target.replaceAll('+', ' ')));
  return { ...fixture, targets, render: (asked: RenderRequest) => show(fixture.ports, asked) };
};

describe('the requests of a gadget', () => {
  it('are made at once, but for one that needs another’s answer', async () => {
    const { setup, render, calls, targets, models } = started();
    let answerDefinitions: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      answerDefinitions = resolve;
    });
    setup.answer = async (_, { target }) => {
      if (target === '/definitions.xml') await waiting;
      return setup.data({ names: ['Status'] });
    };
    const rendering = render(
      question(board(), { parameters: { properties: ['status', 'Colour'], only: ['x'] } }),
    );
    await new Promise(setImmediate);
    expect(targets()).toEqual(['/definitions.xml', '/other.xml']);
    answerDefinitions();
    await rendering;
    expect(targets()[2]).toBe("/cards.xml?mql=SELECT number, 'Status'");
    expect(calls).toHaveLength(3);
    expect(models[0]).toMatchObject({
      parameters: { properties: ['Status'], only: ['x'] },
      unknown: { properties: ['Colour'] },
    });
  });

  it('are left out where a parameter that they need has no value', async () => {
    const { render, targets } = started();
    await render(question(board(), { parameters: { properties: [], only: [] } }));
    expect(targets()).toEqual(['/cards.xml?mql=SELECT number']);
  });

  it('are left out where nothing of a list they need is known', async () => {
    const { setup, render, targets, models } = started();
    setup.answer = () => setup.data({ names: [] });
    const needy = board();
    const [cards, ...rest] = needy.requests;
    const inputs = { ...(cards ?? request('x')).inputs, when: ['properties'] };
    const asked = { ...needy, requests: [{ ...request('x'), ...cards, inputs }, ...rest] };
    await render(question(asked, { parameters: { properties: ['Colour'] } }));
    expect(targets()).toEqual(['/definitions.xml']);
    expect(models[0]).toMatchObject({ unknown: { properties: ['Colour'] } });
  });

  it('share the obstacle of the answer they need', async () => {
    const { setup, render, targets } = started();
    setup.answer = () => ({ kind: 'not-found', detail: null });
    const asked = question(board({ required: false }), { parameters: { properties: ['Status'] } });
    expect((await render(asked)).state).toBe('not-found');
    expect(targets()).toEqual(['/definitions.xml']);
  });

  it('say how an answer is to be read and for how long it is good', async () => {
    const { render, calls } = started();
    const follow = { rel: 'next', pages: 4 };
    const pages = { step: { by: 'feed', rel: 'next' }, items: 'entries', further: 4, allowed: 4 };
    const feed = gadget({
      requests: [request('feed', { accept: 'application/atom+xml', format: 'atom', ttl: 7, follow })],
    });
    await render(question(feed));
    expect(calls[0]?.request).toMatchObject({
      accept: 'application/atom+xml',
      format: 'atom',
      ttl: 7,
      pages,
      gadgetVersion: 'v1',
    });
  });

  it('show the part of an answer that is picked, to the view and to other requests', async () => {
    const { setup, render, models, targets } = started();
    const asked = gadget({
      requests: [
        request('a', { pick: 'result.list' }),
        request('b', {
          given: { x: { from: 'a', take: 'id', type: 'integer' } },
          path: '/b/{x}',
          pick: 'no.such',
        }),
      ],
    });
    setup.answer = () => setup.data({ result: { list: [{ id: 7 }] } });
    await render(question(asked));
    expect(targets()).toEqual(['/a.xml', '/b/7']);
    expect(models[0]).toMatchObject({ answers: { a: { data: [{ id: 7 }] }, b: { data: null } } });
  });

  it('never reach a provider with values that do not fit the definition any more', async () => {
    const { render, calls } = started();
    const changed = gadget({
      parameters: [parameter('project', { kind: 'text', maxLength: 9 }, { required: true })],
      requests: [request('cards', { path: '/p/{project}/cards' })],
    });
    await expect(render(question(changed, { parameters: { project: '../x' } }))).rejects.toMatchObject({
      code: 'parameter_invalid',
    });
    expect(calls).toEqual([]);
  });
});
