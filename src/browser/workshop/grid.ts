import type { Choice } from './choice.js';
import type { Answer, ShownCell, ShownState } from './client.js';
import { element, part } from './element.js';
import { type CellMessage, cellContent, isCellMessage } from './messages.js';

/** A document of its own for one way to see the gadget. */
interface Cell {
  readonly root: HTMLElement;
  readonly frame: HTMLIFrameElement;
  readonly fault: HTMLElement;
  isReady: boolean;
  pending: (() => void) | null;
}

const LEAST = 40;
const MOST = 4000;

/** The cells of the page. One that stays chosen keeps its document: only what is in it changes. */
export class Grid {
  readonly #cells = new Map<string, Cell>();
  readonly #groups = new Map<string, HTMLElement>();
  readonly #pressed: (label: string) => void;

  constructor(pressed: (label: string) => void) {
    this.#pressed = pressed;
    addEventListener('message', ({ source, data }) => {
      // A sandboxed document has no origin; its window is known.
      const cell = [...this.#cells.values()].find(({ frame }) => frame.contentWindow === source);
      if (cell !== undefined && isCellMessage(data)) this.#take(cell, data);
    });
  }

  show(answer: Answer, choice: Choice): void {
    const { states = [] } = answer;
    const kept = new Set<string>();
    const chosen = choice.states.flatMap((name) => states.find((each) => each.name === name) ?? []);
    const groups = chosen.flatMap((state) =>
      choice.locales.map((locale) => this.#showGroup(answer, choice, state, locale, kept)),
    );
    for (const key of [...this.#cells.keys()].filter((each) => !kept.has(each))) this.#cells.delete(key);
    arrange(part('cells'), groups);
  }

  #showGroup(
    { cells = {}, style = null, revision }: Answer,
    { themes, widths }: Choice,
    { name, title, about }: ShownState,
    locale: string,
    kept: Set<string>,
  ): HTMLElement {
    const shown = cells[`${name} ${locale}`];
    const group = this.#groupOf(`${name} ${locale}`, `${title} · ${locale}`, about);
    const inside = themes.flatMap((theme) =>
      widths.map((width) => {
        const key = `${name} ${locale} ${theme} ${width}`;
        const cell = this.#cellOf(key, `${title}, ${locale}, ${theme}, ${width} pixels`, theme, width);
        kept.add(key);
        if (shown !== undefined) this.#fill(cell, shown, style, revision);
        return cell.root;
      }),
    );
    arrange(group.querySelector<HTMLElement>('.workshop-row') ?? group, inside);
    return group;
  }

  #groupOf(name: string, title: string, about: string): HTMLElement {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const made = element(
      'section',
      { class: 'workshop-group', 'aria-label': title },
      element('h2', {}, title, ' ', element('span', { class: 'quiet' }, about)),
      element('div', { class: 'workshop-row' }),
    );
    this.#groups.set(name, made);
    return made;
  }

  #cellOf(key: string, title: string, theme: string, width: string): Cell {
    const known = this.#cells.get(key);
    if (known !== undefined) return known;
    const frame = element('iframe', {
      ...{ title, src: `/cell/${theme}`, class: 'workshop-frame' },
      sandbox: 'allow-scripts allow-popups allow-popups-to-escape-sandbox',
    });
    frame.style.width = `${width}px`;
    frame.style.height = `${LEAST}px`;
    const fault = element('pre', { class: 'workshop-broken', hidden: true });
    const caption = element('figcaption', { class: 'quiet' }, `${width} px · ${theme}`);
    const box = element(
      'div',
      { class: 'workshop-box', 'data-theme': theme, tabindex: '0', role: 'group', 'aria-label': title },
      frame,
    );
    const root = element('figure', { class: 'workshop-cell', 'data-cell': key }, caption, fault, box);
    const made: Cell = { root, frame, fault, isReady: false, pending: null };
    this.#cells.set(key, made);
    return made;
  }

  #fill(cell: Cell, shown: ShownCell, style: string | null, revision: number): void {
    const isBroken = 'problem' in shown;
    cell.fault.hidden = !isBroken;
    cell.root.classList.toggle('workshop-last-good', isBroken);
    if (isBroken) {
      cell.fault.textContent = shown.problem;
      return;
    }
    const send = (): void => {
      // A sandboxed document can only be sent to without naming an origin; the page’s policy lets no other one into the frame.
      cell.frame.contentWindow?.postMessage(cellContent({ ...shown, style, revision }), '*');
    };
    cell.pending = send;
    if (cell.isReady) send();
  }

  #take(cell: Cell, message: CellMessage): void {
    if (message.type === 'ready') {
      cell.isReady = true;
      cell.pending?.();
    } else if (message.type === 'height' && Number.isFinite(message.height))
      cell.frame.style.height = `${Math.min(MOST, Math.max(LEAST, message.height))}px`;
    else if (message.type === 'shown') cell.root.dataset.shown = String(message.revision);
    else if (message.type === 'pressed') this.#pressed(String(message.label));
  }
}

/** Puts these children in place, and takes others away. What is in its place is not touched: a document that is moved is loaded again. */
const arrange = (parent: HTMLElement, wanted: readonly HTMLElement[]): void => {
  for (const child of [...parent.children]) if (!wanted.includes(child as HTMLElement)) child.remove();
  wanted.forEach((child, index) => {
    const there = parent.children[index];
    if (there !== child) parent.insertBefore(child, there ?? null);
  });
};
