import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { CDPSession, Frame, Page } from 'playwright-core';
import { expect } from 'vitest';

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

/** `rules`: those to run; by default all that axe-core runs. What passes is not reported, and no style sheet fetched again. */
const violationsOf = async (
  page: Page | Frame,
  rules: readonly string[] | null = null,
  within = 'document',
): Promise<readonly Violation[]> => {
  const options = JSON.stringify({
    ...{ iframes: false, preload: false, resultTypes: ['violations', 'incomplete'] },
    ...(rules !== null && { runOnly: rules }),
  });
  // The half megabyte of axe-core is read once by each document.
  if (!(await page.evaluate<boolean>("typeof axe === 'object'"))) await page.evaluate(SOURCE);
  return page.evaluate<readonly Violation[]>(
    `axe.run(${within}, ${options}).then((found) => [...found.violations, ...(${UNREADABLE})(found)])`,
  );
};

/** A node as the browser's debugger returns it (DOM.getDocument). */
interface Node {
  readonly nodeId: number;
  readonly nodeName: string;
  readonly children?: readonly Node[];
  readonly contentDocument?: Node;
  readonly shadowRoots?: readonly Node[];
}

const POINTED = new Set(['A', 'BUTTON', 'SUMMARY', 'INPUT', 'SELECT', 'TEXTAREA']);
/** The rest of a page looks the same whatever is pointed at, and has been judged. */
const WITHIN_POINTED = `[...document.querySelectorAll('${[...POINTED].join(',')}')]`;

const pointedIn = ({
  nodeId,
  nodeName,
  children = [],
  contentDocument,
  shadowRoots = [],
}: Node): number[] => [
  ...(POINTED.has(nodeName) ? [nodeId] : []),
  ...[...children, ...shadowRoots, ...(contentDocument ? [contentDocument] : [])].flatMap(pointedIn),
];

/** A frame of another site has a process and a debugger's session of its own, any other one that of its page. */
const sessionOf = async (target: Page | Frame): Promise<CDPSession> => {
  if (!('parentFrame' in target)) return target.context().newCDPSession(target);
  const page = target.page();
  try {
    return await page.context().newCDPSession(target);
  } catch {
    return page.context().newCDPSession(page);
  }
};

/** What a pointer or the keyboard can make of a link, a button or a field. */
const STATES = [['hover'], ['focus', 'focus-visible'], ['hover', 'active']] as const;

/** Text that cannot be read while its link, button or field is pointed at, focused or pressed. */
const statesFaultsOf = async (target: Page | Frame): Promise<readonly string[]> => {
  const session = await sessionOf(target);
  const faults: string[] = [];
  try {
    await session.send('DOM.enable');
    await session.send('CSS.enable');
    const { root } = (await session.send('DOM.getDocument', { depth: -1, pierce: true })) as unknown as {
      readonly root: Node;
    };
    const nodes = pointedIn(root);
    if (nodes.length === 0) return [];
    const force = (forcedPseudoClasses: readonly string[]) =>
      Promise.all(
        nodes.map((nodeId) =>
          session.send('CSS.forcePseudoState', { nodeId, forcedPseudoClasses: [...forcedPseudoClasses] }),
        ),
      );
    for (const states of STATES) {
      await force(states);
      const violations = await violationsOf(target, ['color-contrast'], WITHIN_POINTED);
      faults.push(...violations.map((violation) => `:${states.join(':')} ${lineOf(violation)}`));
    }
    await force([]);
  } finally {
    await session.detach();
  }
  return faults;
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
  const violations = await violationsOf(target, ['color-contrast']);
  return [...violations.map(lineOf), ...(inEachState ? await statesFaultsOf(target) : [])];
};

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
  const page = 'parentFrame' in first ? first.page() : first;
  await page.emulateMedia({ colorScheme: theme });
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
  return faults;
};
