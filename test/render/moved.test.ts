import { describe, expect, it } from 'vitest';
import { findRendering, isCurrent, renderGadget } from '../../src/render/render-gadget.js';
import type { Access, UpstreamRequest } from '../../src/upstream/upstream-call.js';
import { gadget, parameter, request } from '../support/a-gadget.js';
import { rejection } from '../support/rejection.js';
import { ann, provider, question, setUpRender } from './render-setup.js';

const list = { kind: 'list', of: { kind: 'text', maxLength: 20 }, maxItems: 9 } as const;
/** As `mingle-cards` does: the second request is narrowed by what the first one answers. */
const cards = gadget({
  parameters: [parameter('properties', list)],
  requests: [
    request('definitions', { when: ['properties'] }),
    request('cards', {
      query: [{ name: 'mql', template: 'SELECT number{, properties}', language: 'mql' }],
      narrow: [{ parameter: 'properties', request: 'definitions', path: 'names' }],
    }),
  ],
});
const asked = question(cards, { parameters: { properties: ['Status'] } });
const elsewhere = provider('mingle', { api: 'https://moved.example/api' });

const started = () => {
  const fixture = setUpRender();
  fixture.connect(ann, 'mingle');
  const { setup } = fixture;
  const home = setup.providers.get('mingle');
  // As the source of access does: tokens are given out for the record they were granted for.
  const granted = setup.fresh;
  setup.fresh = (viewer, record) =>
    record.api === home?.api ? granted(viewer, record) : { kind: 'reconnect', reason: 'expired' };
  /** Calls that would have carried a token to an origin it is not bound to. */
  const astray = () =>
    fixture.calls.filter(
      ({ access, request: { provider: at } }) => !access.origins.includes(new URL(at.api).origin),
    );
  return { ...fixture, setup, astray };
};

describe('a provider’s record that is moved while a gadget is rendered', () => {
  it('never has an old token sent to its new origin by a request that waited for another', async () => {
    const { setup, ports, astray, calls } = started();
    setup.answer = (_: Access, { target }: UpstreamRequest) => {
      if (target === '/definitions.xml') setup.providers.set('mingle', elsewhere);
      return setup.data({ names: ['Status'] });
    };
    const { rendered } = await renderGadget(ports, asked);
    expect(calls).toHaveLength(2);
    expect(astray()).toEqual([]);
    expect(rendered.state).toBe('reconnect');
  });

  it('never has a renewed token sent there after a 401', async () => {
    const { setup, ports, astray, calls, renewals } = started();
    setup.answer = () => {
      setup.providers.set('mingle', elsewhere);
      return calls.length === 1 ? rejection() : setup.data({ names: [] });
    };
    const { rendered } = await renderGadget(ports, asked);
    expect(renewals).toHaveLength(1);
    expect(astray()).toEqual([]);
    expect(rendered.state).toBe('reconnect');
  });

  it('shows nothing that was made before, neither from memory nor late', async () => {
    const { setup, ports } = started();
    setup.answer = () => setup.data({ names: ['Status'] });
    const { rendered, sources } = await renderGadget(ports, asked);
    expect(rendered.state).toBe('content');
    expect(await findRendering(ports, asked)).toBeDefined();
    setup.providers.set('mingle', elsewhere);
    expect(await findRendering(ports, asked)).toBeUndefined();
    expect(await isCurrent(ports, asked, sources)).toBe(false);
  });

  it('goes on where only its name changed', async () => {
    const { setup, ports, calls } = started();
    setup.answer = () => {
      setup.providers.set('mingle', provider('mingle', { name: 'Mingle, renamed' }));
      return setup.data({ names: ['Status'] });
    };
    expect((await renderGadget(ports, asked)).rendered.state).toBe('content');
    expect(calls).toHaveLength(2);
  });
});
