import { describe, expect, it } from 'vitest';
import type { GadgetBinding } from '../../src/domain/gadget.js';
import { hasEnded } from '../../src/render/usable-connections.js';
import { gadget, request } from '../support/a-gadget.js';
import { gocd } from './a-host.js';
import { ann, frameOf, framesOf, provider, question, setUpRender, textOf } from './render-setup.js';

const pipelines = gadget({ id: 'pipelines', requests: [request('runs', { provider: 'gitlab' })] });
const asked = question(gadget({ id: 'builds' }));
const frame = frameOf('s', asked);

const started = () => {
  const fixture = setUpRender();
  for (const id of ['gitlab', 'inside']) {
    fixture.providers.set(id, provider(id));
    fixture.connect(ann, id);
  }
  const bind = (role: string): void => {
    const builds: GadgetBinding = { gadget: 'pipelines', providers: { gitlab: role } };
    const providers = ['gitlab', 'inside'];
    fixture.hosts.set('gocd', { ...gocd, gadgets: ['builds'], bindings: { builds }, providers });
  };
  bind('inside');
  const { setup } = fixture;
  setup.answer = (_, { provider: { id } }) => setup.data(`of ${id}`);
  return { ...fixture, setup, bind, frames: framesOf(fixture.ports, pipelines) };
};

const shown = async (frames: ReturnType<typeof started>['frames']): Promise<string> => {
  const answer = await frames.answer(frame, 'request');
  return answer === 'pending' ? answer : textOf(answer);
};

describe('a frame of a bound gadget', () => {
  it('asks the provider that plays the role, and no other', async () => {
    const { frames, calls, uses, models } = started();
    expect(await shown(frames)).toContain('of inside');
    expect(calls.map(({ request: { provider: at }, access }) => [at.id, access.connection.provider])).toEqual(
      [['inside', 'inside']],
    );
    expect(uses).toEqual([['ann-inside', 'builds']]);
    expect(models).toMatchObject([{ gadget: { id: 'builds', bound: { providers: { gitlab: 'inside' } } } }]);
  });

  it('shows nothing of the old provider from the moment it is bound to another', async () => {
    const { frames, bind, calls } = started();
    const before = await frames.standing(frame);
    expect(await shown(frames)).toContain('of inside');
    bind('gitlab');
    expect(frames.recall(frame)).toBeUndefined();
    expect(hasEnded(before, await frames.standing(frame))).toBe(true);
    expect(await shown(frames)).toContain('of gitlab');
    expect(calls).toHaveLength(2);
  });

  it('gives nothing out that was being rendered for the old one', async () => {
    const { setup, frames, bind } = started();
    setup.answer = (_, { provider: { id } }) => {
      if (id === 'inside') bind('gitlab');
      return setup.data(`of ${id}`);
    };
    expect(await shown(frames)).toBe('pending');
    expect(await shown(frames)).toContain('of gitlab');
  });
});
