import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.js';
import type { UpstreamOutcome } from '../../src/upstream/upstream-call.js';
import { gadget, request } from '../support/a-gadget.js';
import { rejection } from '../support/rejection.js';
import { ann, bob, frameOf, framesOf, question, setUpRender, textOf } from './render-setup.js';

const cards = gadget({ requests: [request('cards', { ttl: 0 })] });
const asked = question(cards);

/** A provider that answers when the test lets it; answers may not be shown twice. */
const started = () => {
  const fixture = setUpRender();
  const { setup } = fixture;
  fixture.connect(ann, 'mingle');
  fixture.connect(bob, 'mingle');
  let open: (outcome: UpstreamOutcome) => void = () => undefined;
  let waiting: Promise<UpstreamOutcome>;
  const close = () => {
    waiting = new Promise((resolve) => {
      open = resolve;
    });
  };
  close();
  setup.answer = () => waiting;
  const frames = framesOf(fixture.ports, cards);
  /** Asks, and lets the budget pass. */
  const ask = async (session = 's') => {
    const answer = frames.answer(frameOf(session, asked), 'request');
    await new Promise(setImmediate);
    await fixture.advance(1500);
    return answer;
  };
  const provider = {
    async answers(text: string) {
      open(setup.data(text, { freshUntil: fixture.clock.now() }));
      await new Promise(setImmediate);
    },
    async fails(error: Error) {
      setup.answer = () => {
        throw error;
      };
      open(rejection());
      await new Promise(setImmediate);
    },
    close,
  };
  return { ...fixture, frames, ask, provider };
};

let fixture: ReturnType<typeof started>;

beforeEach(() => {
  fixture = started();
});

const textOfAnswer = (answer: Awaited<ReturnType<typeof fixture.ask>>): string =>
  answer === 'pending' ? answer : textOf(answer);

describe('a rendering that takes longer than its budget', () => {
  it('is joined by the next question, with one call of the provider', async () => {
    const { ask, provider, frames, calls } = fixture;
    expect(await ask()).toBe('pending');
    expect(await ask()).toBe('pending');
    const third = frames.answer(frameOf('s', asked), 'request');
    await provider.answers('late');
    expect(textOfAnswer(await third)).toContain('late');
    expect(calls).toHaveLength(1);
  });

  it('is kept until it is asked for, even where nothing may be cached, and then given out once', async () => {
    const { ask, provider, calls, advance } = fixture;
    await ask();
    await provider.answers('late');
    await advance(4_900);
    expect(textOfAnswer(await ask())).toContain('late');
    expect(calls).toHaveLength(1);
    provider.close();
    expect(await ask()).toBe('pending');
    expect(calls).toHaveLength(2);
  });

  it('is forgotten when no one asks for five seconds', async () => {
    const { ask, provider, calls, advance } = fixture;
    await ask();
    await provider.answers('late');
    await advance(5_000);
    provider.close();
    expect(await ask()).toBe('pending');
    expect(calls).toHaveLength(2);
  });

  it('is not shown to a viewer who disconnected, or connected again, before asking for it', async () => {
    const { ask, provider, disconnect, connect, calls } = fixture;
    await ask();
    await provider.answers('late');
    disconnect(ann, 'mingle');
    expect(textOfAnswer(await ask())).toContain('"connect"');
    connect(ann, 'mingle', { generation: 2 });
    provider.close();
    await ask();
    await provider.answers('of generation 2');
    connect(ann, 'mingle', { generation: 3 });
    provider.close();
    expect(await ask()).toBe('pending');
    expect(calls).toHaveLength(3);
  });

  it('is not shown to a caller who joined after its Connection was known to have ended', async () => {
    const { setup, clock, provider, connect } = fixture;
    let finished = (): void => {};
    // Reported at the very end of a rendering, when its Connections were looked at for the last time.
    const noteUse = (): void => finished();
    const frames = framesOf({ ...fixture.ports, noteUse }, cards, { renderBudget: () => 60_000 });
    const first = frames.answer(frameOf('s', asked), 'request');
    await new Promise(setImmediate);
    const joined = frames.answer(frameOf('s', asked), 'request');
    finished = () => {
      finished = () => {};
      connect(ann, 'mingle', { generation: 2 });
      setup.answer = () => setup.data('after', { freshUntil: clock.now() });
    };
    await provider.answers('before');
    expect(textOfAnswer(await first)).toContain('before');
    expect(textOfAnswer(await joined)).toContain('after');
  });

  it('gives a refusal to the next caller', async () => {
    const { ask, frames, provider } = fixture;
    await ask();
    await provider.fails(new AppError('parameter_invalid', 'no'));
    await expect(frames.answer(frameOf('s', asked), 'request')).rejects.toMatchObject({
      code: 'parameter_invalid',
    });
  });

  it('belongs to its session and viewer alone', async () => {
    const { ask, frames, provider, calls } = fixture;
    await ask();
    await ask('another session');
    const bobs = frames.answer(frameOf('s', { ...asked, viewer: bob }), 'request');
    await provider.answers('x');
    await bobs;
    expect(calls.map(({ access }) => access.connection.viewer.sub)).toEqual(['ann', 'ann', 'bob']);
  });

  it('can be let go, and is then made again', async () => {
    const { ask, frames, provider, calls } = fixture;
    await ask();
    await provider.answers('late');
    frames.forget(frameOf('s', asked));
    provider.close();
    expect(await ask()).toBe('pending');
    expect(calls).toHaveLength(2);
  });
});

describe('a rendering within its budget', () => {
  it('answers everyone who asked in the meantime', async () => {
    const { frames, provider, calls } = fixture;
    const answers = [
      frames.answer(frameOf('s', asked), 'request'),
      frames.answer(frameOf('s', asked), 'request'),
    ];
    await provider.answers('soon');
    for (const answer of answers) expect(textOfAnswer(await answer)).toContain('soon');
    expect(calls).toHaveLength(1);
  });
});
