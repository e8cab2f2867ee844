import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { viewerOf } from '../../../src/domain/viewer.js';
import { parameter } from '../../support/a-gadget.js';
import {
  exampleGadget,
  exampleHost,
  fragment,
  type GadgetServer,
  startGadgetServer,
} from '../../support/gadget-server.js';
import { launcher } from './launching.js';

const CHANGEABLE = {
  ...exampleGadget,
  parameters: [
    ...exampleGadget.parameters,
    parameter('state', { kind: 'choice', values: ['open', 'closed'] }, { viewer: 'field' }),
    parameter('words', { kind: 'text', maxLength: 40 }, { viewer: 'field' }),
  ],
};

let server: GadgetServer;
let page: ReturnType<typeof launcher>;
beforeEach(async () => {
  server = await startGadgetServer({
    hosts: [{ ...exampleHost(['http://localhost:8153']), gadgets: ['example', 'second'] }],
    gadgets: [CHANGEABLE, { ...CHANGEABLE, id: 'second' }],
  });
  server.render(({ parameters }) => fragment(JSON.stringify(parameters)));
  page = launcher(server);
});
afterEach(() => server.close());

const choose = (bearer: string | null, choices: unknown, options = {}) =>
  page.api(bearer, '/frame/choices', { json: { choices }, ...options });
const shown = async (bearer: string) => {
  const { headers, text } = await page.api(bearer, '/frame/content');
  const values = JSON.parse(text.replace(/<[^>]*>/g, '')) as Readonly<Record<string, unknown>>;
  return { values, etag: headers.etag, standing: headers['x-oriel-standing'] };
};
const keptOf = (sub: string, gadget = 'example') =>
  server.ports.stores.viewerChoices.of(viewerOf('gocd', sub), gadget);

describe('POST /frame/choices', () => {
  it('changes what this frame and every later one of the same viewer, host and gadget shows', async () => {
    const { bearer } = await page.opened({ sub: 'ann' }, { 'p.state': 'open' });
    const before = await shown(bearer);
    expect(before.values).toEqual({ state: 'open' });
    expect((await choose(bearer, { state: 'closed', words: 'log in' })).status).toBe(200);
    const after = await shown(bearer);
    expect(after.values).toEqual({ state: 'closed', words: 'log in' });
    expect([after.etag, after.standing]).not.toContain(before.etag);
    expect(after.standing).not.toBe(before.standing);
    const later = await page.opened({ sub: 'ann' }, { 'p.state': 'open' });
    expect((await shown(later.bearer)).values).toEqual({ state: 'closed', words: 'log in' });
    expect((await choose(later.bearer, { state: null })).status).toBe(200);
    expect((await shown(bearer)).values).toEqual({ state: 'open', words: 'log in' });
  });

  it('changes nothing for another viewer, another host’s viewer of that name, or another gadget', async () => {
    const ann = await page.opened({ sub: 'ann' });
    const bob = await page.opened({ sub: 'bob' });
    await choose(ann.bearer, { state: 'closed' });
    expect((await shown(bob.bearer)).values).toEqual({});
    expect(await keptOf('bob')).toEqual({});
    expect(await keptOf('ann', 'second')).toEqual({});
    expect(await server.ports.stores.viewerChoices.ofViewer(viewerOf('portal', 'ann'))).toEqual([]);
  });

  it('makes the frame’s next look one that has changed, and takes nothing from the screen at once', async () => {
    const [here, there] = [await page.opened({ sub: 'ann' }), await page.opened({ sub: 'ann' })];
    const look = () =>
      page.api(there.bearer, '/frame/standing', { headers: { 'if-none-match': `"${there.standing}"` } });
    expect((await look()).status).toBe(304);
    await choose(here.bearer, { state: 'closed' });
    const changed = await look();
    expect([changed.status, JSON.parse(changed.text)]).toEqual([200, { ended: false }]);
  });

  it('is for the frame’s own page alone, with its bearer, and by POST', async () => {
    const { bearer } = await page.opened({ sub: 'ann' });
    const refused = [
      await choose(null, { state: 'closed' }),
      await choose('x'.repeat(43), { state: 'closed' }),
      await choose(bearer, { state: 'closed' }, { origin: 'https://evil.example' }),
      await choose(bearer, { state: 'closed' }, { origin: server.siteOrigin }),
      await page.api(bearer, '/frame/choices'),
    ];
    expect(refused.map(({ status }) => status)).toEqual([401, 401, 403, 403, 405]);
    expect(await keptOf('ann')).toEqual({});
  });

  it('refuses what does not fit, in the viewer’s language, and then keeps none of it', async () => {
    const { bearer } = await page.opened({ sub: 'ann' }, { locale: 'de' });
    const refused = await choose(bearer, { words: 'fine', state: 'gone' });
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.text)).toMatchObject({
      code: 'parameter_invalid',
      detail: 'Diesen Wert kann das Gadget nicht verwenden. Versuchen Sie einen anderen.',
    });
    for (const choices of [{}, [], null, { state: 1 }, { project: 'x' }, { other: 'x' }, { __proto__: null }])
      expect((await choose(bearer, choices)).status).toBe(400);
    expect(await keptOf('ann')).toEqual({});
  });

  it('refuses what the host’s token locks, also where it was chosen before', async () => {
    const free = await page.opened({ sub: 'ann' });
    await choose(free.bearer, { state: 'closed' });
    const { bearer } = await page.opened({ sub: 'ann', params: { state: 'open' } });
    expect((await shown(bearer)).values).toEqual({ state: 'open' });
    const refused = await choose(bearer, { state: 'closed' });
    expect([refused.status, JSON.parse(refused.text).code]).toEqual([400, 'parameter_locked']);
  });

  it('ends with the viewer’s frames when they are erased', async () => {
    const { bearer } = await page.opened({ sub: 'ann' });
    await choose(bearer, { state: 'closed' });
    await server.ports.stores.connectionLists.erase(viewerOf('gocd', 'ann'));
    expect(await keptOf('ann')).toEqual({});
    expect((await choose(bearer, { state: 'closed' })).status).toBe(401);
  });

  it('keeps no more for one viewer than the limit says', async () => {
    const { bearer } = await page.opened({ sub: 'ann' });
    const { viewerChoices } = server.ports.stores;
    const viewer = viewerOf('gocd', 'ann');
    for (let n = 0; n < 500; n += 1)
      await viewerChoices.put({ viewer, gadget: 'second', parameter: `p${n}`, value: 'x', now: 0 });
    const refused = await choose(bearer, { state: 'closed' });
    expect([refused.status, JSON.parse(refused.text).code]).toEqual([429, 'too_many_requests']);
  });
});
