import { randomUUID } from 'node:crypto';
import axe from 'axe-core';
import type { Frame } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Obstacle } from '../../src/domain/rendering.js';
import { exampleGadget, fragment } from '../support/gadget-server.js';
import { ownViews } from '../support/own-views.js';
import { type BrowserSetup, setUpBrowser, type Visit } from './browser-setup.js';

let setup: BrowserSetup;
let visit: Visit | null = null;
beforeAll(async () => {
  setup = await setUpBrowser();
});
afterEach(async () => {
  await visit?.context.close();
  visit = null;
});
afterAll(() => setup.close());

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** What axe finds wrong in a frame, in words. */
const violations = async (frame: Frame | undefined): Promise<readonly string[]> => {
  await frame?.evaluate(axe.source);
  const options = { resultTypes: ['violations'], rules: { region: { enabled: false } } };
  const found = (await frame?.evaluate(
    `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations)`,
  )) as readonly Violation[];
  return found.map(({ id, help, nodes }) => `${id}: ${help} at ${nodes.map(({ html }) => html).join(' ')}`);
};

const provider = 'mingle';
const obstacles: readonly Obstacle[] = [
  { state: 'connect', provider },
  { state: 'reconnect', provider, reason: 'expired-or-connected-elsewhere' },
  { state: 'no-access', provider, detail: 'You are not a member of this project.' },
  { state: 'not-found', provider, detail: null },
  { state: 'rate-limited', provider, retryAfter: 90 },
  { state: 'provider-down', provider, reason: 'timeout' },
  { state: 'misconfigured', provider, code: 'bad-request', detail: 'Unknown property.' },
];

const shown = async (state: string, colorScheme: 'light' | 'dark'): Promise<Frame | undefined> => {
  // Each a viewer of their own: a consent that one has started is another's `waiting`.
  setup.host.user = randomUUID();
  setup.host.body = `<oriel-gadget theme="${colorScheme}" id="one" host="gocd" gadget="example" token-url="/oriel-token"></oriel-gadget>`;
  visit = await setup.visit({ colorScheme, viewport: { width: 320, height: 640 } }, (page) =>
    page.clock.install(),
  );
  await visit.gadget().locator(`[data-oriel-state="${state}"]`).first().waitFor();
  return visit.page.frames()[1];
};

describe.each(['light', 'dark'] as const)('in the %s theme, axe finds nothing wrong', (theme) => {
  it.each(obstacles)('in the state $state', async (obstacle) => {
    const html = ownViews.state({
      gadget: exampleGadget,
      obstacle,
      providerName: 'Mingle',
      accountPage: 'https://mingle.test/account',
      locale: 'en',
    });
    setup.oriel.render(() => ({ ...fragment('', { state: obstacle.state }), body: Buffer.from(html) }));
    expect(await violations(await shown(obstacle.state, theme))).toEqual([]);
  });

  it('in the states of the frame alone', async () => {
    setup.oriel.render(() =>
      fragment('<button data-oriel-action="connect" data-oriel-provider="mingle">Go</button>'),
    );
    const frame = await shown('content', theme);
    await visit?.gadget().getByRole('button', { name: 'Go' }).click();
    await visit?.gadget().locator('[data-oriel-state="waiting"]').waitFor();
    expect(await violations(frame)).toEqual([]);
    setup.host.user = null;
    await visit?.page.clock.fastForward(12 * 60_000);
    await visit?.gadget().locator('[data-oriel-state="signed-out"]').waitFor();
    expect(await violations(frame)).toEqual([]);
  });

  it('in a refusal', async () => {
    setup.host.body = `<oriel-gadget id="one" host="gocd" gadget="example" token="nonsense"></oriel-gadget>`;
    visit = await setup.visit({ colorScheme: theme });
    await visit.gadget().getByRole('heading').waitFor();
    expect(await violations(visit.page.frames()[1])).toEqual([]);
  });
});
