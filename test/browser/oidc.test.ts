import type { Page } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { pressArmed } from '../support/armed.js';
import { ACCESS_TOKEN_LIFE, type AccountsSetup, setUpAccounts } from './accounts-setup.js';

let setup: AccountsSetup;
afterEach(() => setup.close());

/** Presses Connect in the gadget and answers the first question. */
const toProvider = async (): Promise<Page> => {
  const button = setup.gadget().getByRole('button', { name: 'Connect Example accounts' });
  const [popup] = await Promise.all([setup.context.waitForEvent('page'), button.click()]);
  await pressArmed(popup, 'Continue to Example accounts');
  return popup;
};
const signIn = (popup: Page, person: string): Promise<void> =>
  popup.getByRole('button', { name: person, exact: true }).click();
const isAskedAbout = (popup: Page, person: string): Promise<void> =>
  popup.getByText(`You signed in to Example accounts as ${person}.`).waitFor();
const agree = (popup: Page): Promise<void> => pressArmed(popup, 'Connect');
const asked = (request: string): number => setup.oidc.requests.filter((each) => each === request).length;
const made = (): number => setup.events.filter((event) => event === 'connected').length;

const connectAs = async (person: string): Promise<void> => {
  const popup = await toProvider();
  await signIn(popup, person);
  await isAskedAbout(popup, person);
  await agree(popup);
  await setup.gadget().getByText(`data of ${person}`).waitFor();
};

describe('an account at a server that is known by its issuer alone', () => {
  it('is named before it is connected, and below its data', async () => {
    setup = await setUpAccounts();
    await setup.page.goto(setup.host.origin);
    await connectAs('alice');
    await setup.gadget().getByText('account alice', { exact: false }).waitFor();
    expect([made(), asked('POST /token')]).toEqual([1, 1]);
  });

  it('gets new tokens once when they expire, however many gadgets ask', async () => {
    const frames = ['one', 'two', 'three'];
    setup = await setUpAccounts({ frames });
    await setup.page.goto(setup.host.origin);
    await connectAs('alice');
    setup.clock.pass(ACCESS_TOKEN_LIFE * 1000);
    const before = asked('POST /token');
    await setup.page.reload();
    await Promise.all(frames.map((id) => setup.gadget(id).getByText('data of alice').waitFor()));
    expect(asked('POST /token')).toBe(before + 1);
  });
});

describe('someone else’s session, still open at the provider (T13)', () => {
  /** Alice connects at a shared computer and leaves; Bob comes, and connects. */
  const bobAfterAlice = async (): Promise<Page> => {
    setup = await setUpAccounts();
    await setup.page.goto(setup.host.origin);
    await connectAs('alice');
    setup.host.user = 'bob';
    await setup.page.reload();
    const popup = await toProvider();
    await isAskedAbout(popup, 'alice');
    return popup;
  };

  it('is named before anything is connected, and Cancel takes back what it gave', async () => {
    const popup = await bobAfterAlice();
    await setup.gadget().getByRole('heading', { name: 'Finish in the other window' }).waitFor();
    // Several looks of the waiting frame, each of which gets its answer.
    for (let looks = 0; looks < 3; looks += 1)
      await Promise.all([
        setup.page.waitForResponse((response) => response.url().includes('/frame/flows/')),
        setup.page.clock.runFor(1000),
      ]);
    expect([made(), await setup.gadget().getByText('data of').count()]).toEqual([1, 0]);
    const revocations = asked('POST /token/revocation');
    await popup.getByRole('button', { name: 'Cancel' }).click();
    await popup.getByText('revoked the permission you gave. Nothing was connected.').waitFor();
    expect(asked('POST /token/revocation')).toBeGreaterThan(revocations);
    await setup.gadget().getByRole('button', { name: 'Connect Example accounts' }).waitFor();
    expect(made()).toBe(1);
  });

  it('is left for one’s own with “Use another account”, which has the provider ask', async () => {
    const popup = await bobAfterAlice();
    const [question] = await Promise.all([
      popup.waitForRequest((request) => request.url().startsWith(`${setup.oidc.issuer}/auth?`)),
      popup.getByRole('button', { name: 'Use another account' }).click(),
    ]);
    expect(new URL(question.url()).searchParams.get('prompt')).toBe('login');
    await signIn(popup, 'bob');
    await isAskedAbout(popup, 'bob');
    expect(made()).toBe(1);
    await agree(popup);
    await setup.gadget().getByText('data of bob').waitFor();
  });
});
