import { describe, expect, it } from 'vitest';
import { isForEdition, isNeverBoth } from '../../src/gadgets/request-plan.js';
import { gadget, request } from '../support/a-gadget.js';
import { ann, provider, question, setUpRender, show, textOf } from './render-setup.js';

const asked = gadget({
  requests: [
    request('trays', { provider: 'gocd', edition: 'legacy' }),
    request('dashboard', { provider: 'gocd', edition: { not: 'legacy' } }),
    request('details', { provider: 'gocd', edition: ['legacy', 'cloud'], required: false }),
    request('each_tray', { provider: 'gocd', each: { of: 'trays', as: 'tray' } }),
  ],
});

const started = (edition?: string) => {
  const fixture = setUpRender();
  const set = (next?: string): void => {
    fixture.providers.set('gocd', provider('gocd', next === undefined ? {} : { edition: next }));
  };
  set(edition);
  fixture.connect(ann, 'gocd');
  fixture.setup.answer = () => fixture.setup.data([{ id: 1 }]);
  const targets = (): readonly string[] => fixture.calls.map(({ request: { target } }) => target);
  return { ...fixture, set, targets };
};

describe('A request for an edition', () => {
  it.each([
    ['legacy', ['/trays.xml', '/details.xml', '/each_tray.xml']],
    ['cloud', ['/dashboard.xml', '/details.xml']],
    [undefined, ['/dashboard.xml']],
  ])('is made where the record says so, and what needs it too: %s', async (edition, expected) => {
    const { ports, targets } = started(edition);
    expect((await show(ports, question(asked))).state).toBe('content');
    expect(targets()).toEqual(expected);
  });

  it('shows nothing that was made for the edition before', async () => {
    const { ports, set, targets } = started('legacy');
    await show(ports, question(asked));
    set('current');
    expect(textOf(await show(ports, question(asked)))).toContain('"dashboard"');
    expect(targets()).toHaveLength(4);
    await show(ports, question(asked));
    expect(targets()).toHaveLength(4);
  });

  it('says that its provider is not known yet, whatever edition that may be', async () => {
    const { ports, providers } = started();
    providers.delete('gocd');
    expect(await show(ports, question(asked))).toMatchObject({ state: 'provider-down' });
  });
});

it('Two requests are never made together where no edition has both', () => {
  const [trays, dashboard, details, other] = [...asked.requests, request('other', { edition: 'cloud' })];
  if (!(trays && dashboard && details && other)) throw new Error('no requests');
  expect(isNeverBoth(trays, dashboard)).toBe(true);
  expect(isNeverBoth(trays, details)).toBe(false);
  expect(isNeverBoth(dashboard, details)).toBe(false);
  expect(isForEdition(undefined, 'x')).toBe(true);
});
