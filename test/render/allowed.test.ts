import { beforeEach, describe, expect, it } from 'vitest';
import type { RenderRequest } from '../../src/domain/rendering.js';
import { gadget, request } from '../support/a-gadget.js';
import { gocd } from './a-host.js';
import { ann, question, setUpRender, show, textOf } from './render-setup.js';

const asked = question(gadget({ requests: [request('cards')] }));
const refused = { kind: 'stopped', code: 'provider_not_allowed' } as const;

/** What a host may no longer use, its viewers see no longer, however fresh what was fetched before. */
describe('a gadget of a host that loses a provider', () => {
  let fixture: ReturnType<typeof setUpRender>;
  const render = (request: RenderRequest) => show(fixture.ports, request);
  beforeEach(() => {
    fixture = setUpRender();
    fixture.connect(ann, 'mingle');
    fixture.setup.answer = () => fixture.data('private');
  });
  const lose = (): void => {
    fixture.hosts.set('gocd', { ...gocd, providers: ['gocd'] });
    fixture.setup.fresh = () => refused;
  };

  it('is not shown from memory', async () => {
    expect(textOf(await render(asked))).toContain('private');
    lose();
    const after = await render(asked);
    expect(after.state).toBe('misconfigured');
    expect(textOf(after)).not.toContain('private');
  });

  it('is not shown when the host itself was removed', async () => {
    await render(asked);
    lose();
    fixture.hosts.clear();
    expect((await render(asked)).state).toBe('misconfigured');
  });

  it('shows nothing of an answer that was under way', async () => {
    let answer = (): void => {};
    fixture.setup.answer = () =>
      new Promise((resolve) => {
        answer = () => resolve(fixture.data('private'));
      });
    const rendering = render(asked);
    while (fixture.calls.length === 0) await new Promise(setImmediate);
    lose();
    answer();
    const after = await rendering;
    expect(after.state).toBe('misconfigured');
    expect(textOf(after)).toContain('provider_not_allowed');
    expect(textOf(after)).not.toContain('private');
  });
});
