import { describe, expect, it } from 'vitest';
import { gadget, request } from '../support/a-gadget.js';
import { ann, frameOf, framesOf, question, setUpRender } from './render-setup.js';

const cards = gadget({ requests: [request('cards', { ttl: 30 })] });
const frame = frameOf('s', question(cards));

const started = () => {
  const fixture = setUpRender();
  const counts: string[] = [];
  const meter = {
    rendered: (id: string, state: string) => void counts.push(`${id} ${state}`),
    made: () => {},
  };
  const frames = framesOf(fixture.ports, cards, { meter });
  return { ...fixture, counts, frames };
};

describe('what is counted of renderings', () => {
  it('is each answer that a frame was given, by state, remembered ones too', async () => {
    const { frames, counts, connect } = started();
    await frames.answer(frame, 'request');
    connect(ann, 'mingle');
    await frames.answer(frame, 'request');
    await frames.answer(frame, 'request');
    expect(counts).toEqual([`${cards.id} connect`, `${cards.id} content`, `${cards.id} content`]);
  });

  it('distinguishes stale content from content', async () => {
    const { frames, counts, connect, setup } = started();
    connect(ann, 'mingle');
    setup.answer = () => setup.data('old', { stale: true });
    await frames.answer(frame, 'request');
    expect(counts).toEqual([`${cards.id} stale`]);
  });

  it('is nothing of an answer that is still awaited', async () => {
    const { frames, counts, connect, setup, advance } = started();
    connect(ann, 'mingle');
    setup.answer = () => new Promise(() => {});
    const answer = frames.answer(frame, 'request');
    await new Promise(setImmediate);
    await advance(1500);
    expect(await answer).toBe('pending');
    expect(counts).toEqual([]);
  });
});

describe('the use of a Connection', () => {
  it('is noted when a rendering is made of its answers, not each time that one is shown again', async () => {
    const { frames, connect, uses } = started();
    connect(ann, 'mingle');
    await frames.answer(frame, 'request');
    await frames.answer(frame, 'request');
    expect(uses).toEqual([['ann-mingle', cards.id]]);
  });

  it('is not noted when there is none, nor of one that was replaced in the meantime', async () => {
    const { frames, connect, disconnect, uses, setup } = started();
    await frames.answer(frame, 'request');
    connect(ann, 'mingle');
    setup.answer = () => {
      disconnect(ann, 'mingle');
      return setup.data('late');
    };
    await frames.answer(frame, 'request');
    expect(uses).toEqual([]);
  });
});
