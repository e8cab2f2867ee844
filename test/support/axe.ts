import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Frame, Page } from 'playwright-core';
import { expect } from 'vitest';
import { withoutAlike } from './alike.js';
import { judgedInStates } from './states.js';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

const lineOf = ({ id, impact, nodes: [first] }: Violation): string =>
  `${id} (${impact}): ${first?.html.slice(0, 200)} ${first?.failureSummary.slice(0, 300)}`;

/** Text of the very colour of its ground is nothing that axe-core is sure of: it may be meant to be unseen. With us nothing is. */
const UNREADABLE = `({ incomplete }) => incomplete
  .filter(({ id }) => id === 'color-contrast')
  .map((rule) => ({
    ...rule,
    nodes: rule.nodes.filter(({ any }) => any.some(({ data }) => data?.messageKey === 'equalRatio')),
  }))
  .filter(({ nodes }) => nodes.length > 0)`;

/** The text of a function that has axe-core judge: by these rules, or by all that it runs. What passes is not reported, and no style sheet fetched again. */
const judging = (rules: readonly string[] | null): string => {
  const options = JSON.stringify({
    ...{ iframes: false, preload: false, resultTypes: ['violations', 'incomplete'] },
    ...(rules !== null && { runOnly: rules }),
  });
  return `async (within) => {
    const found = await axe.run(within, ${options});
    return [...found.violations, ...(${UNREADABLE})(found)];
  }`;
};

const CONTRAST = ['color-contrast'];

/**
 * The half megabyte of axe-core is read once by each document. Sent once to all frames that share a process, it is also compiled only once:
 * that is worth it where there are dozens.
 */
const prepareAllOf = async (page: Page): Promise<void> => {
  const session = await page.context().newCDPSession(page);
  await session.send('Page.enable');
  const { identifier } = await session.send('Page.addScriptToEvaluateOnNewDocument', {
    source: SOURCE,
    runImmediately: true,
  });
  await session.send('Page.removeScriptToEvaluateOnNewDocument', { identifier });
  await session.detach();
};

const prepare = async (target: Page | Frame): Promise<void> => {
  if (!(await target.evaluate<boolean>("typeof axe === 'object'"))) await target.evaluate(SOURCE);
};

const violationsOf = async (
  target: Page | Frame,
  rules: readonly string[] | null = null,
): Promise<readonly Violation[]> => {
  await prepare(target);
  return target.evaluate<readonly Violation[]>(withoutAlike(`(${judging(rules)})(document)`));
};

/** Text that cannot be read while its link, button or field is pointed at, focused or pressed. */
const statesFaultsOf = async (target: Page | Frame): Promise<readonly string[]> => {
  const found = await target.evaluate<readonly (readonly [string, readonly Violation[]])[]>(
    withoutAlike(judgedInStates(judging(CONTRAST))),
  );
  return found.flatMap(([state, violations]) =>
    violations.map((violation) => `:${state} ${lineOf(violation)}`),
  );
};

/** A sentence of several words that stands on the page twice, and a second request id: one of them is too many. */
const REPEATED = `(() => {
  const texts = [...document.querySelectorAll('h1, h2, p, li, figcaption, summary, blockquote')]
    .filter((element) => element.checkVisibility() && !element.closest('nav, table, .unseen, [data-repeats]')
      && !element.querySelector('p, li'))
    .flatMap((element) => element.innerText.split(/(?<=[.!?])\\s+/))
    .map((text) => text.trim())
    .filter((text) => text.split(/\\s+/).length >= 4);
  const ids = document.body.innerText.match(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g) ?? [];
  return [
    ...texts.filter((text, index) => texts.indexOf(text) !== index).map((text) => 'said twice: ' + text),
    ...(ids.length > 1 ? ['request ids: ' + ids.join(' ')] : []),
  ];
})()`;

/** Which sentences a page, or the inside of a frame, says more than once, and whether it shows more than one request id. */
export const repetitionsOn = (page: Page | Frame): Promise<readonly string[]> => page.evaluate(REPEATED);

/**
 * What axe-core holds against a page or the inside of a frame, one line for each rule, and what it holds against everything that can be
 * pointed at in each of its states, unless a page has so many frames alike that one speaks for all.
 */
export const faultsOf = async (target: Page | Frame, inEachState = true): Promise<readonly string[]> => {
  const violations = await violationsOf(target);
  return [...violations.map(lineOf), ...(inEachState ? await statesFaultsOf(target) : [])];
};

export const contrastFaultsOf = async (
  target: Page | Frame,
  inEachState: boolean,
): Promise<readonly string[]> => {
  const violations = await violationsOf(target, CONTRAST);
  return [...violations.map(lineOf), ...(inEachState ? await statesFaultsOf(target) : [])];
};

const pageOf = (target: Page | Frame): Page => ('parentFrame' in target ? target.page() : target);

const HEIGHT = 900;
const WIDE = 1440;
/** The narrowest window that a page is made for, in CSS pixels: what a frame may be, and what the console may be. */
export const NARROW = { frame: 280, console: 360 } as const;
/** How pages are looked at first. */
export const WIDE_LIGHT = { colorScheme: 'light', viewport: { width: WIDE, height: HEIGHT } } as const;

const OVERHANG = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
/** Light or dark once what is looked at says so; a page that leaves it to the browser is at once. */
const HAS_THEME = (theme: string): string =>
  `['auto', '${theme}'].includes(document.documentElement.dataset.theme ?? 'auto')`;

export const overhangOf = async (target: Page | Frame): Promise<readonly string[]> => {
  const pixels = await target.evaluate<number>(OVERHANG);
  return pixels > 0 ? [`rolls sideways by ${pixels} px`] : [];
};

const look = async (
  targets: readonly (Page | Frame)[],
  theme: 'light' | 'dark',
  width: number,
): Promise<void> => {
  const [first] = targets;
  if (first === undefined) return;
  const page = pageOf(first);
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'no-preference' });
  await page.evaluate(
    `for (const gadget of document.querySelectorAll('oriel-gadget')) gadget.setAttribute('theme', '${theme}')`,
  );
  await page.setViewportSize({ width, height: HEIGHT });
  // No test may wait by a script inside a page that forbids eval, so its state is asked for instead.
  const isDone = `innerWidth <= ${width} && ${HAS_THEME(theme)}`;
  for (const target of targets)
    await expect.poll(() => target.evaluate<boolean>(isDone), { message: target.url() }).toBe(true);
};

/**
 * Looks at pages, or at the content of frames of one page, in light and dark, wide and narrow, and leaves them wide and light. Colours are the
 * same whatever the width, and all else whatever the theme: neither is judged twice.
 */
export const faultsInEveryLook = async (
  targets: readonly (Page | Frame)[],
  narrow: number,
  inEachState: (index: number) => boolean = () => true,
): Promise<readonly string[]> => {
  const faults: string[] = [];
  const [first, second] = targets;
  if (first !== undefined && second !== undefined) await prepareAllOf(pageOf(first));
  const judge = async (
    name: string,
    of: (target: Page | Frame, index: number) => Promise<readonly string[]>,
  ) => {
    for (const [index, target] of targets.entries())
      faults.push(...(await of(target, index)).map((fault) => `${target.url()}, ${name}: ${fault}`));
  };
  await look(targets, 'light', WIDE);
  await judge('light', (target, index) => faultsOf(target, inEachState(index)));
  await judge('light', overhangOf);
  await look(targets, 'dark', WIDE);
  await judge('dark', (target, index) => contrastFaultsOf(target, inEachState(index)));
  await look(targets, 'light', narrow);
  await judge(`${narrow} px`, (target) => faultsOf(target, false));
  await judge(`${narrow} px`, overhangOf);
  await look(targets, 'light', WIDE);
  if (first !== undefined) await pageOf(first).emulateMedia({ reducedMotion: 'reduce' });
  return faults;
};
