import { htmlWriter } from '../shared/trusted-html.js';
import { keepingFocus } from './focus.js';

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
  /** `ground`: the CSS color of the host page, which becomes the gadget's background. */
  setTheme(theme: 'light' | 'dark', ground?: string): void;
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

/** Works on the launch page: `#oriel-content`, the footer, and the templates. */
export const stage = (changed: () => void, locale: string): Stage => {
  const write = htmlWriter();
  const content = part('oriel-content') ?? document.body;
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
      keepingFocus(content, () => write(content, html));
      fill();
    },
    showState(page, provider) {
      const template = document.querySelector<HTMLTemplateElement>(`template[data-oriel-template="${page}"]`);
      const copy = template?.content.cloneNode(true) as DocumentFragment | undefined;
      if (provider !== undefined)
        for (const button of copy?.querySelectorAll<HTMLElement>('[data-oriel-action]') ?? [])
          button.dataset.orielProvider = provider;
      keepingFocus(content, () => content.replaceChildren(...(copy ? [copy] : [])));
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
    setTheme(theme, ground) {
      if (ground !== undefined) document.documentElement.style.setProperty('--host-ground', ground);
      document.documentElement.dataset.theme = theme;
      document.querySelector('meta[name="color-scheme"]')?.setAttribute('content', theme);
    },
  };
};
