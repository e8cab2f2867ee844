import type { Spoken } from './words.js';

/** What the element shows in place of its frame. Host pages fill the slots of the same names with their own words. */
export type Substitute = 'loading' | 'signed-out' | 'error';

const WORDS = { loading: 'loading', 'signed-out': 'signedOut', error: 'failed' } as const;

/** The inside of the element: one frame at a time, or words in its place. */
export interface Surface {
  /** Puts a new frame in place of the old one, out of sight until `reveal`. */
  insert(frame: HTMLIFrameElement): void;
  reveal(): void;
  /** Shows these words and keeps the frame out of sight. */
  cover(substitute: Substitute): void;
  /** Shows these words, or the given ones where the host page has none of its own, and takes the frame away. */
  replace(substitute: Substitute, spoken: Spoken, words?: string): void;
  /** Whether the host page has its own words for this. */
  has(substitute: Substitute): boolean;
}

const show = (element: HTMLElement, shown: boolean): void =>
  element.style.setProperty('display', shown ? 'block' : 'none');

/** A block of its own unless the host page's styles say otherwise. */
const beBlock = (root: ShadowRoot): void => {
  if (!('adoptedStyleSheets' in root)) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(':host { display: block } :host([hidden]) { display: none }');
  root.adoptedStyleSheets = [sheet];
};

/**
 * Builds the inside of the element. Styles are set through the CSSOM, which a Content-Security-Policy without
 * 'unsafe-inline' allows; the shadow tree keeps the host page's own rules for iframes away.
 */
export const surfaceOf = (element: HTMLElement): Surface => {
  const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
  root.replaceChildren();
  beBlock(root);
  const slots = new Map<Substitute, HTMLSlotElement>();
  for (const name of ['loading', 'signed-out', 'error'] as const) {
    const slot = document.createElement('slot');
    slot.name = name;
    slots.set(name, slot);
    root.append(slot);
  }
  const substitute = (shown: Substitute | null): void => {
    for (const [name, slot] of slots) show(slot, name === shown);
  };
  substitute(null);

  let frame: HTMLIFrameElement | null = null;
  return {
    insert(next) {
      frame?.remove();
      frame = next;
      show(next, false);
      root.append(next);
    },
    reveal() {
      if (frame) show(frame, true);
      substitute(null);
    },
    cover(name) {
      // The host page's own words, so nothing of ours has to be said.
      if (frame) show(frame, false);
      substitute(name);
    },
    replace(name, { locale, direction, words: all }, words = all[WORDS[name]]) {
      const slot = slots.get(name);
      if (slot) {
        slot.textContent = words;
        slot.lang = locale;
        slot.dir = direction;
      }
      frame?.remove();
      frame = null;
      substitute(name);
    },
    has: (name) => (slots.get(name)?.assignedNodes().length ?? 0) > 0,
  };
};
