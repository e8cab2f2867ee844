import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { CDPSession, Frame, Page } from 'playwright-core';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

const lineOf = ({ id, impact, nodes: [first] }: Violation): string =>
  `${id} (${impact}): ${first?.html.slice(0, 200)} ${first?.failureSummary.slice(0, 300)}`;

const violationsOf = (
  page: Page | Frame,
  options: string,
  within = 'document',
): Promise<readonly Violation[]> =>
  page.evaluate<readonly Violation[]>(`axe.run(${within}, ${options}).then(({ violations }) => violations)`);

/** A node as the browser's debugger tells it (DOM.getDocument). */
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
      const violations = await violationsOf(
        target,
        '{ iframes: false, runOnly: ["color-contrast"], resultTypes: ["violations"] }',
        WITHIN_POINTED,
      );
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

/** Colours are the same whatever the width: where a page is looked at in several, they are judged in the widest. */
const WIDE = 1000;
const isWide = (target: Page | Frame): boolean => {
  const page = 'parentFrame' in target ? target.page() : target;
  return (page.viewportSize()?.width ?? WIDE) >= WIDE;
};

/**
 * What axe-core holds against a page or the inside of a frame, one line for each rule; where the window is wide, the contrast of
 * everything that can be pointed at in each of its states as well, unless a page has so many frames alike that one speaks for all.
 */
export const faultsOf = async (page: Page | Frame, inEachState = true): Promise<readonly string[]> => {
  await page.evaluate(SOURCE);
  const violations = await violationsOf(page, '{ iframes: false }');
  return [...violations.map(lineOf), ...(inEachState && isWide(page) ? await statesFaultsOf(page) : [])];
};

/** Each way in which pages are looked at: theme, and width in CSS pixels. */
export const LOOKS = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [280, 1440].map((width) => ({ colorScheme, viewport: { width, height: 900 } })),
);
