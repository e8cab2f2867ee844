import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { viewerOf } from '../../src/domain/viewer.js';
import { installClock } from '../support/armed.js';
import { faultsOf } from '../support/axe.js';
import { type BrowserSetup, GADGET, type Visit } from './browser-setup.js';
import { setUpChoices } from './choices-setup.js';

let setup: BrowserSetup;
beforeEach(async () => {
  setup = await setUpChoices();
});
afterEach(() => setup.close());

/** Longer than a frame waits between two looks, ms. */
const LOOKS_EVERY = 7500;
const withClock = (page: Page): Promise<void> => installClock(page.context());
const shows = (visit: Visit, text: string, id = 'one'): Promise<void> =>
  visit.gadget(id).locator('.values').getByText(text).waitFor();
const kept = () => setup.oriel.ports.stores.viewerChoices.of(viewerOf('gocd', 'ann'), 'example');
const field = (visit: Visit, name: string, id = 'one') => visit.gadget(id).getByLabel(name, { exact: true });

describe('a parameter that the viewer may change', () => {
  it('is changed by the control that fits it, without the host’s page being loaded again', async () => {
    const visit = await setup.visit();
    await shows(visit, 'state=open; rows=20; pages=1; project=apollo;');
    await visit.page.evaluate('globalThis.unchanged = true');
    await field(visit, 'Closed').check({ force: true });
    await shows(visit, 'state=closed; rows=20');
    await field(visit, 'Order').selectOption('oldest');
    await shows(visit, 'order=oldest;');
    await field(visit, 'Only mine').check();
    await shows(visit, 'mine=true;');
    await field(visit, 'Search').fill('login');
    await field(visit, 'Search').press('Enter');
    await shows(visit, 'words=login;');
    await field(visit, 'Since').fill('2026-11-30');
    await field(visit, 'Since').press('Enter');
    await shows(visit, 'since=2026-11-30;');
    await field(visit, 'Rows').fill('7');
    await field(visit, 'Rows').blur();
    await shows(visit, 'rows=7;');
    await visit.gadget().getByRole('button', { name: 'Show more' }).click();
    await shows(visit, 'pages=2;');
    expect(await visit.page.evaluate('globalThis.unchanged')).toBe(true);
    expect(await kept()).toEqual({
      ...{
        state: 'closed',
        order: 'oldest',
        mine: 'true',
        words: 'login',
        since: '2026-11-30',
        rows: '7',
        pages: '2',
      },
    });
  });

  it('stays as it was chosen after the page is loaded again, and is the page’s own after a reset', async () => {
    const visit = await setup.visit();
    await field(visit, 'Order').selectOption('newest');
    await shows(visit, 'order=newest;');
    await visit.page.reload();
    await shows(visit, 'order=newest;');
    await visit.gadget().getByRole('button', { name: 'Reset', exact: true }).click();
    await visit.gadget().getByRole('button', { name: 'Reset', exact: true }).waitFor({ state: 'detached' });
    await shows(visit, 'state=open; rows=20; pages=1;');
    expect(await kept()).toEqual({});
  });

  it('overrides what the page sets, and shows no control where the host’s token locks it', async () => {
    setup.host.body = GADGET.replace('project=', 'order="oldest" project=');
    const visit = await setup.visit();
    await shows(visit, 'order=oldest;');
    await field(visit, 'Order').selectOption('newest');
    await shows(visit, 'order=newest;');
    setup.host.claims = { params: { order: 'oldest', state: 'all' } };
    await visit.page.reload();
    await shows(visit, 'state=all; order=oldest;');
    expect(await field(visit, 'Order').count()).toBe(0);
    expect(await visit.gadget().getByRole('radio').count()).toBe(0);
    expect(await field(visit, 'Search').count()).toBe(1);
  });

  it('follows in every other frame of the same viewer and gadget', async () => {
    setup.host.body = ['one', 'two'].map((id) => GADGET.replace('id="one"', `id="${id}"`)).join('');
    const visit = await setup.visit();
    await Promise.all(['one', 'two'].map((id) => visit.settled(id)));
    await field(visit, 'Order', 'one').selectOption('oldest');
    await shows(visit, 'order=oldest;', 'two');
    expect(await field(visit, 'Order', 'two').inputValue()).toBe('oldest');
  });

  it('is seen by frames of another window at their next look', async () => {
    const [here, there] = [await setup.visit(), await setup.visit({}, withClock)];
    await Promise.all([here.settled(), there.settled()]);
    await field(here, 'Order').selectOption('oldest');
    await shows(here, 'order=oldest;');
    // Another context shares no channel with the first: it looks by itself every few seconds.
    await there.page.clock.runFor(LOOKS_EVERY);
    await shows(there, 'order=oldest;');
  });

  it('takes nothing that does not fit, says so, and keeps what was typed', async () => {
    const visit = await setup.visit();
    await field(visit, 'Rows').fill('99');
    await field(visit, 'Rows').blur();
    expect(await kept()).toEqual({});
    const words = field(visit, 'Search');
    await words.evaluate((element: unknown) =>
      (element as { removeAttribute(name: string): void }).removeAttribute('maxlength'),
    );
    await words.fill('x'.repeat(41));
    await words.press('Enter');
    await visit.gadget().getByText('This gadget can’t use that value.').waitFor();
    expect(await words.getAttribute('aria-invalid')).toBe('true');
    expect(await words.inputValue()).toHaveLength(41);
    expect(await kept()).toEqual({});
  });

  it('is changed by keyboard alone, and the focus stays where it was', async () => {
    const visit = await setup.visit();
    await visit.settled();
    const state = visit.gadget().getByRole('radio', { checked: true });
    await state.focus();
    await visit.page.keyboard.press('ArrowRight');
    await shows(visit, 'state=closed;');
    await expect.poll(() => focusedIn(visit)).toBe('oriel-choice-state-2');
    await visit.page.keyboard.press('Tab');
    await expect.poll(() => focusedIn(visit)).toBe('oriel-choice-order');
    await visit.page.keyboard.press('Tab');
    await visit.page.keyboard.type('two words');
    await visit.page.keyboard.press('Enter');
    await shows(visit, 'words=two words;');
    expect(await focusedIn(visit)).toBe('oriel-choice-words');
    await visit.page.keyboard.press('Tab');
    await visit.page.keyboard.press('Tab');
    await visit.page.keyboard.press('Space');
    await shows(visit, 'mine=true;');
    expect(await focusedIn(visit)).toBe('oriel-choice-mine');
  });

  it('keeps what is being typed when the content is fetched again in the meantime', async () => {
    const visit = await setup.visit({}, withClock);
    await visit.settled();
    await field(visit, 'Search').focus();
    await visit.page.keyboard.type('half a wo');
    const { viewerChoices } = setup.oriel.ports.stores;
    const viewer = viewerOf('gocd', 'ann');
    const now = setup.oriel.clock.now();
    await viewerChoices.put({ viewer, gadget: 'example', parameter: 'order', value: 'oldest', now });
    await visit.page.clock.runFor(LOOKS_EVERY);
    await shows(visit, 'order=oldest;');
    await visit.page.keyboard.type('rd');
    expect(await field(visit, 'Search').inputValue()).toBe('half a word');
  });

  it.each([
    ['light', 280, 'en'],
    ['dark', 360, 'ar'],
    ['light', 900, 'de'],
  ] as const)('is readable and accessible: %s, %i px, %s', async (theme, width, locale) => {
    setup.host.body = GADGET.replace('<oriel-gadget', `<oriel-gadget theme="${theme}" locale="${locale}"`);
    const visit = await setup.visit({ colorScheme: theme, viewport: { width, height: 700 } });
    await visit.settled();
    const frame = visit.page.frames()[1];
    if (frame === undefined) throw new Error('no frame');
    expect(await frame.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(await faultsOf(frame)).toEqual([]);
  });
});

/** The id of what has the focus within the gadget. */
const focusedIn = (visit: Visit): Promise<string> =>
  visit.page.frames()[1]?.evaluate('document.activeElement.id') as Promise<string>;
