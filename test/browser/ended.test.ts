import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { continueBulkDisconnects } from '../../src/connect/ending/bulk-disconnect-steps.js';
import { disconnectAsAdministrator, disconnectOwnConnection } from '../../src/connect/ending/disconnect.js';
import { eraseViewer } from '../../src/connect/ending/erase-viewer.js';
import { asViewer, SYSTEM } from '../../src/domain/actor.js';
import type { Leaver } from '../../src/domain/bulk-disconnect.js';
import type { Connection } from '../../src/domain/connection.js';
import { connectIn } from '../support/connect-in.js';
import { fragment } from '../support/gadget-server.js';
import { signHostToken } from '../support/host-token.js';
import { type BrowserSetup, setUpBrowser, type Visit } from './browser-setup.js';

/** What is promised: from the end of a Connection to the last open frame that shows its data. */
const PROMISED = 10_000;

let setup: BrowserSetup;
let connection: Connection;
beforeEach(async () => {
  setup = await setUpBrowser();
  connection = await connectIn(setup.oriel, 'ann');
  setup.oriel.render(async ({ viewer }) => {
    const found = await setup.oriel.ports.stores.connections.find(viewer, 'mingle');
    return found?.status === 'active'
      ? fragment(`<p>cards of ${viewer.sub}</p>`)
      : fragment('<h1>Connect Mingle to see this</h1>', { state: 'connect', fetchedAt: null });
  });
});
afterEach(() => setup.close());

/** A page whose clock a test moves, with as many frames as are named. */
const opened = async (...ids: string[]): Promise<Visit> => {
  setup.host.body = (ids.length === 0 ? ['one'] : ids)
    .map((id) => setup.host.body.replace('id="one"', `id="${id}"`))
    .join('');
  const visit = await setup.visit({}, (page) => page.clock.install());
  for (const id of ids.length === 0 ? ['one'] : ids) {
    await visit.gadget(id).getByText('cards of ann').waitFor();
    await visit.settled(id);
  }
  return visit;
};
const cards = (visit: Visit, id = 'one') => visit.gadget(id).getByText('cards of ann').count();
/** Lets time pass on a page whose clock stands, no faster than its requests are answered: each has a time limit by the same clock. */
const pass = async ({ page }: Visit, ms: number): Promise<void> => {
  const unanswered = new Set<unknown>();
  page.on('request', (request) => unanswered.add(request));
  page.on('requestfinished', (request) => unanswered.delete(request));
  page.on('requestfailed', (request) => unanswered.delete(request));
  for (let passed = 0; passed < ms; passed += 500) {
    await page.clock.runFor(500);
    await pause(30);
    await expect.poll(() => unanswered.size, { timeout: 10_000 }).toBe(0);
  }
};
const inFrame = (visit: Visit, script: string): Promise<unknown> =>
  visit.page.frames()[1]?.evaluate(script) ?? Promise.reject(new Error('no frame'));

/** Everything of a provider ends, as when it is removed or all of its permissions are revoked. */
const endAll = async (leaver: Leaver): Promise<void> => {
  const { clock, entropy, stores } = setup.oriel.ports;
  await stores.bulkDisconnects.start({ id: entropy.id(), leaver, startedAt: clock.now(), startedBy: 'boss' });
  await continueBulkDisconnects(setup.oriel.ports);
};

describe('a visible frame is emptied within ten seconds', () => {
  const ends: Readonly<Record<string, () => Promise<unknown>>> = {
    'of Disconnect in My connections': () =>
      disconnectOwnConnection(setup.oriel.ports, connection.viewer, connection.id),
    'of Erase all': () => eraseViewer(setup.oriel.ports, connection.viewer, asViewer(connection.viewer)),
    'of an administrator’s Revoke': () => disconnectAsAdministrator(setup.oriel.ports, connection, SYSTEM),
    'of a host’s word that the person has left': async () => {
      const token = await signHostToken({ aud: setup.oriel.gadgetOrigin, sub: 'ann', purpose: 'leave' });
      const answer = await fetch(`${setup.oriel.gadgetOrigin}/h/gocd/leave`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ token }),
      });
      expect(answer.ok).toBe(true);
    },
    'of the removal of a provider': () => endAll({ kind: 'provider', provider: 'mingle' }),
    'of revoking all': () => endAll({ kind: 'connections', provider: 'mingle', host: null }),
  };
  it.each(Object.keys(ends))('%s', async (name) => {
    const visit = await opened();
    // Nothing that takes place later than promised counts.
    await visit.page.clock.pauseAt(Number(await visit.page.evaluate('Date.now()')) + 20_000);
    await ends[name]?.();
    await pass(visit, PROMISED);
    await visit.gadget().getByText('Connect Mingle to see this').waitFor();
    expect(await cards(visit)).toBe(0);
  });

  it('in every frame of the page', async () => {
    const visit = await opened('one', 'two', 'three');
    await disconnectOwnConnection(setup.oriel.ports, connection.viewer, connection.id);
    await visit.page.clock.runFor(PROMISED);
    for (const id of ['one', 'two', 'three'])
      await visit.gadget(id).getByText('Connect Mingle to see this').waitFor();
  });

  it('even if its replacement takes long', async () => {
    const visit = await opened();
    let release = (): void => {};
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    setup.oriel.render(async () => {
      await slow;
      return fragment('<h1>Connect Mingle to see this</h1>', { state: 'connect' });
    });
    await disconnectOwnConnection(setup.oriel.ports, connection.viewer, connection.id);
    await visit.page.clock.runFor(PROMISED);
    await expect.poll(() => cards(visit)).toBe(0);
    expect(await visit.gadget().getByText('Connect Mingle').count()).toBe(0);
    release();
    await visit.page.clock.runFor(PROMISED);
    await visit.gadget().getByText('Connect Mingle to see this').waitFor();
  });
});

describe('a frame’s looks', () => {
  const looks = (): number => setup.oriel.lines.filter(({ route }) => route === '/frame/standing').length;

  it('ask only whether anything changed', async () => {
    const visit = await opened();
    const asked = setup.oriel.asked.length;
    await visit.page.clock.runFor(PROMISED);
    await expect.poll(looks).toBeGreaterThan(0);
    expect(setup.oriel.asked).toHaveLength(asked);
    expect(setup.host.questions).toHaveLength(1);
    expect(await cards(visit)).toBe(1);
  });

  it('pause while the page is hidden, and are made at once when it is shown again', async () => {
    const visit = await opened();
    const hidden = (value: string): Promise<unknown> =>
      inFrame(
        visit,
        `Object.defineProperty(document, 'visibilityState', { configurable: true, value: '${value}' });
         document.dispatchEvent(new Event('visibilitychange'))`,
      );
    await hidden('hidden');
    const before = looks();
    await visit.page.clock.runFor(3 * PROMISED);
    // What was asked would be answered by now.
    await pause(500);
    expect(looks()).toBe(before);
    // The host cannot say who is there: that must hold nothing up.
    setup.host.tokenAnswer = () => {};
    await disconnectOwnConnection(setup.oriel.ports, connection.viewer, connection.id);
    await hidden('visible');
    await visit.gadget().getByText('Connect Mingle to see this').waitFor();
  });

  it('are not made for a viewer who has no data before them', async () => {
    await disconnectOwnConnection(setup.oriel.ports, connection.viewer, connection.id);
    const visit = await setup.visit({}, (page) => page.clock.install());
    await visit.gadget().getByText('Connect Mingle to see this').waitFor();
    await visit.page.clock.runFor(3 * PROMISED);
    expect(looks()).toBe(0);
  });

  it('report after two failed tries that the server cannot be reached, and catch up when it is back', async () => {
    const visit = await opened();
    await visit.context.setOffline(true);
    await disconnectOwnConnection(setup.oriel.ports, connection.viewer, connection.id);
    await visit.page.clock.runFor(2 * PROMISED);
    await visit.gadget().getByText('The server can’t be reached').waitFor();
    expect(await cards(visit)).toBe(1);
    await visit.context.setOffline(false);
    await visit.page.clock.runFor(PROMISED);
    await visit.gadget().getByText('Connect Mingle to see this').waitFor();
  });
});
