import type { Spoken } from './words.js';

/** What the element shows in place of its frame. Host pages can fill the slots of the same names with their own text. */
export type Substitute = 'loading' | 'signed-out' | 'error';

const WORDS = { loading: 'loading', 'signed-out': 'signedOut', error: 'failed' } as const;

/** The inside of the element: one frame at a time, or text in its place. */
export interface Surface {
  /** Replaces the frame; the new one is hidden until `reveal`. */
  insert(frame: HTMLIFrameElement): void;
  reveal(): void;
  /** Shows this text and hides the frame. */
  cover(substitute: Substitute): void;
  /** Shows this text, or the given one if the host page has none of its own, and removes the frame. */
  replace(substitute: Substitute, spoken: Spoken, words?: string): void;
  /** Whether the host page has its own text for this. */
  has(substitute: Substitute): boolean;
}

const show = (element: HTMLElement, shown: boolean): void =>
  element.style.setProperty('display', shown ? 'block' : 'none');

/** Makes the element a block, unless the host page's styles say otherwise. */
const displayAsBlock = (root: ShadowRoot): void => {
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
  displayAsBlock(root);
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
      // The host page has its own text, so ours isn't needed.
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
