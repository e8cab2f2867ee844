import { type StyleVariables, setVariables } from '../shared/style-variables.js';
import { htmlWriter } from '../shared/trusted-html.js';

const made = <K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>>,
): HTMLElementTagNameMap[K] => {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  return element;
};

/** How far an arrow key goes among the tabs; null for any other key. */
const stepOf = (key: string, isRightToLeft: boolean): number | null => {
  if (key !== 'ArrowLeft' && key !== 'ArrowRight') return null;
  return (key === 'ArrowRight') === isRightToLeft ? -1 : 1;
};

/**
 * Makes tabs of the parts of each `[data-oriel-tabs]`, which without this stand one below the other (WAI-ARIA Authoring Practices, tabs that
 * are chosen as they are focused). A tab that was chosen stays so when the content is fetched again. `changed`: another part is shown.
 */
export const tabs = (changed: () => void): ((content: HTMLElement) => void) => {
  const chosen = new Map<number, number>();

  const dress = (group: HTMLElement, place: number): void => {
    const parts = [...group.querySelectorAll<HTMLElement>(':scope > .oriel-tab')];
    if (parts.length < 2) return;
    const list = made('div', { role: 'tablist', class: 'oriel-tablist' });
    const label = group.dataset.orielTabs ?? '';
    if (label !== '') list.setAttribute('aria-label', label);
    const buttons = parts.map((part, index) => {
      const [id, panel] = [`oriel-tab-${place}-${index}`, `oriel-part-${place}-${index}`];
      const button = made('button', { role: 'tab', type: 'button', id, 'aria-controls': panel });
      const heading = part.querySelector(':scope > h2');
      if (heading !== null) button.append(...heading.childNodes);
      heading?.remove();
      part.id = panel;
      part.setAttribute('role', 'tabpanel');
      part.setAttribute('aria-labelledby', id);
      part.tabIndex = 0;
      return button;
    });
    const choose = (index: number): void => {
      chosen.set(place, index);
      for (const [each, button] of buttons.entries()) {
        button.setAttribute('aria-selected', String(each === index));
        button.tabIndex = each === index ? 0 : -1;
        const part = parts[each];
        if (part) part.hidden = each !== index;
      }
    };
    list.append(...buttons);
    list.addEventListener('click', ({ target }) => {
      const index = buttons.findIndex((button) => target instanceof Node && button.contains(target));
      if (index === -1) return;
      choose(index);
      changed();
    });
    list.addEventListener('keydown', (event) => {
      const step = stepOf(event.key, getComputedStyle(list).direction === 'rtl');
      const from = buttons.indexOf(document.activeElement as HTMLButtonElement);
      if (step === null || from === -1) return;
      event.preventDefault();
      const to = (from + step + buttons.length) % buttons.length;
      choose(to);
      buttons[to]?.focus();
      changed();
    });
    choose(Math.min(chosen.get(place) ?? 0, parts.length - 1));
    group.prepend(list);
  };

  return (content) => {
    for (const [place, group] of content.querySelectorAll<HTMLElement>('[data-oriel-tabs]').entries())
      dress(group, place);
  };
};

/** A selector that finds an element again in new content: by its id, its target or its action. */
const marksOf = (element: Element): string | null => {
  if (element.id !== '') return `#${CSS.escape(element.id)}`;
  for (const name of ['href', 'data-oriel-action', 'name']) {
    const value = element.getAttribute(name);
    if (value !== null) return `${element.localName}[${name}="${CSS.escape(value)}"]`;
  }
  return element.localName === 'summary' ? 'summary' : null;
};

/** The element's index among all matches. */
const placeOf = (within: Element, marks: string, element: Element): number =>
  Array.from(within.querySelectorAll(marks)).indexOf(element);

const opened = (within: Element): readonly boolean[] =>
  Array.from(within.querySelectorAll('details'), (each) => each.open);

/** Writes into another field what is typed in this one and not sent yet; null where there is nothing of the kind. */
const typedIn = (field: Element | null): ((field: HTMLInputElement) => void) | null => {
  if (!(field instanceof HTMLInputElement) || field.dataset.orielChoice === undefined) return null;
  const { value, defaultValue, selectionStart, selectionEnd, type } = field;
  if (type === 'checkbox' || type === 'radio' || value === defaultValue) return null;
  return (again) => {
    again.value = value;
    // Fields for numbers and dates have no selection.
    if (selectionStart !== null) again.setSelectionRange(selectionStart, selectionEnd);
  };
};

/**
 * Replaces content and keeps the keyboard focus and the open details. If the focused element is gone, the content itself is focused
 * instead of the top of the page.
 */
const keepingFocus = (content: HTMLElement, replace: () => void): void => {
  const focused = document.activeElement;
  const inside = focused !== null && focused !== content && content.contains(focused);
  const marks = inside ? marksOf(focused) : null;
  const place = marks !== null && focused !== null ? placeOf(content, marks, focused) : -1;
  const unfolded = opened(content);
  const typed = typedIn(focused);
  replace();
  const folds = content.querySelectorAll('details');
  if (folds.length === unfolded.length)
    folds.forEach((each, index) => {
      each.open = unfolded[index] ?? false;
    });
  if (!inside) return;
  const again = marks === null ? undefined : content.querySelectorAll<HTMLElement>(marks)[place];
  if (again === undefined) content.tabIndex = -1;
  (again ?? content).focus({ preventScroll: true });
  if (typed !== null && again instanceof HTMLInputElement) typed(again);
};

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

const formatter = (locale: string, style: 'long' | 'short'): Intl.RelativeTimeFormat => {
  try {
    return new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style });
  } catch {
    return new Intl.RelativeTimeFormat('en', { numeric: 'auto', style });
  }
};

/** A time span in words, without “ago”. */
const spanIn = (locale: string, count: number, unit: Intl.RelativeTimeFormatUnit): string => {
  const options = { style: 'unit', unit, unitDisplay: 'long' } as const;
  try {
    return new Intl.NumberFormat(locale, options).format(count);
  } catch {
    return new Intl.NumberFormat('en', options).format(count);
  }
};

/**
 * Shows how long ago each `<time data-oriel-age>` was (with the value `span` without “ago”), in the viewer's language; the server's text, the full date, becomes its tooltip.
 * Returns a function that updates them.
 */
export const ages = (locale: string): (() => void) => {
  const long = formatter(locale, 'long');
  const short = formatter(locale, 'short');
  const inWords = (instant: number, style: string | undefined): string => {
    const seconds = (instant - Date.now()) / 1000;
    const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
    if (style === 'span') return spanIn(locale, Math.floor(Math.abs(seconds) / size), unit);
    // Clocks differ a little, but nothing was fetched in the future.
    return (style === 'short' ? short : long).format(
      unit === 'second' ? Math.min(0, Math.round(seconds)) : Math.trunc(seconds / size),
      unit,
    );
  };
  return () => {
    for (const element of document.querySelectorAll<HTMLTimeElement>('time[data-oriel-age]')) {
      const instant = Date.parse(element.dateTime);
      if (Number.isNaN(instant)) continue;
      if (element.title === '') element.title = element.textContent ?? '';
      const words = inWords(instant, element.dataset.orielAge);
      if (element.textContent !== words) element.textContent = words;
    }
  };
};

/** The states of the frame itself, and the pages that show them: waiting has one for each step of a link. */
export type FrameState = 'loading' | 'waiting' | 'signed-out' | 'expired';
export type LinkStep = 'link' | 'away' | 'code';
export type FramePage = FrameState | LinkStep | `visit-${LinkStep}`;

/** What a frame shows. All of its changes to the document go through here. */
export interface Stage {
  /** A fragment of our own server. */
  show(html: string): void;
  /** Replaces the content by the page of one of the frame's own states; its buttons act on this provider. */
  showState(page: FramePage, provider?: string): void;
  /** Shows the page's link once its URL is known. */
  offerLink(href: string): void;
  /** When the content was fetched, as ISO time; null if no provider data is shown. */
  setFetched(time: string | null): void;
  setRequestId(id: string | null): void;
  /** Shows a sentence about what just happened, also to screen readers; empty removes it. */
  say(sentence: string): void;
  /** The same to screen readers alone, where others see it. */
  tell(sentence: string): void;
  /** While other content is on its way. */
  setBusy(busy: boolean): void;
  /** `ground`: the CSS color of the host page, which becomes the gadget's background; `variables`: what it sets of the gadget's look. */
  setTheme(theme: 'light' | 'dark', ground?: string, variables?: StyleVariables): void;
}

const part = (id: string): HTMLElement | null => document.getElementById(id);

const ADDRESS = /(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)])/;

/** A sentence of our own server, with its URLs as links. */
const linked = (sentence: string): readonly (string | HTMLAnchorElement)[] =>
  sentence.split(ADDRESS).map((text, index) => {
    if (index % 2 === 0) return text;
    const link = document.createElement('a');
    link.href = text;
    link.target = '_blank';
    link.rel = 'noopener noreferrer';
    link.textContent = text;
    return link;
  });

/** Works on the launch page: `#oriel-content`, the footer, and the templates; `pictures` takes each new content. */
export const stage = (
  changed: () => void,
  locale: string,
  pictures: (content: HTMLElement) => void = () => undefined,
): Stage => {
  const write = htmlWriter();
  const content = part('oriel-content') ?? document.body;
  const dress = tabs(changed);
  dress(content);
  pictures(content);
  let fetched: string | null = null;
  let requestId: string | null = null;

  const fillAge = (): void => {
    for (const place of content.querySelectorAll<HTMLElement>('[data-oriel-updated]')) {
      place.hidden = fetched === null;
      const element = place.querySelector('time');
      if (element === null || fetched === null) continue;
      element.dateTime = fetched;
      element.title = new Date(fetched).toLocaleString(locale);
    }
  };
  /** Shows age and request id in the content if it has a place for them; otherwise the id is in the footer. */
  const fill = (): void => {
    fillAge();
    const places = content.querySelectorAll<HTMLElement>('[data-oriel-request]');
    for (const place of places) {
      place.hidden = requestId === null;
      const code = place.querySelector('code');
      if (code) code.textContent = requestId;
    }
    const foot = part('oriel-foot');
    if (foot) foot.hidden = places.length > 0;
    const below = part('oriel-request-id');
    if (below && requestId !== null) below.textContent = requestId;
    changed();
  };

  return {
    show(html) {
      keepingFocus(content, () => {
        write(content, html);
        dress(content);
      });
      pictures(content);
      fill();
    },
    showState(page, provider) {
      const template = document.querySelector<HTMLTemplateElement>(`template[data-oriel-template="${page}"]`);
      const copy = template?.content.cloneNode(true) as DocumentFragment | undefined;
      if (provider !== undefined)
        for (const button of copy?.querySelectorAll<HTMLElement>('[data-oriel-action]') ?? [])
          button.dataset.orielProvider = provider;
      keepingFocus(content, () => content.replaceChildren(...(copy ? [copy] : [])));
      pictures(content);
      fill();
    },
    offerLink(href) {
      const link = content.querySelector<HTMLAnchorElement>('a[data-oriel-link]');
      const preparing = content.querySelector<HTMLElement>('[data-oriel-preparing]');
      if (link === null) return;
      link.href = href;
      link.hidden = false;
      if (preparing !== null) preparing.hidden = true;
      changed();
    },
    setFetched(time) {
      fetched = time;
      fill();
    },
    setRequestId(id) {
      if (id !== null) requestId = id;
      fill();
    },
    say(sentence) {
      const element = part('oriel-status');
      if (!element || element.textContent === sentence) return;
      element.replaceChildren(...linked(sentence));
      element.className = sentence === '' ? 'unseen' : 'notice';
    },
    tell(sentence) {
      const element = part('oriel-status');
      if (!element) return;
      element.className = 'unseen';
      // A sentence that is there already is not read again.
      element.textContent = '';
      element.textContent = sentence;
    },
    setBusy(busy) {
      content.setAttribute('aria-busy', String(busy));
    },
    setTheme(theme, ground, variables = {}) {
      setVariables(document.documentElement, variables);
      if (ground !== undefined) document.documentElement.style.setProperty('--host-ground', ground);
      document.documentElement.dataset.theme = theme;
      document.querySelector('meta[name="color-scheme"]')?.setAttribute('content', theme);
    },
  };
};
