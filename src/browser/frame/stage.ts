import { htmlWriter } from '../shared/trusted-html.js';
import { keepingFocus } from './focus.js';

/** The states of a frame alone, and the pages that show them: waiting has one for each step of a link. */
export type FrameState = 'loading' | 'waiting' | 'signed-out' | 'expired';
export type LinkStep = 'link' | 'away' | 'code';
export type FramePage = FrameState | LinkStep | `visit-${LinkStep}`;

/** What a frame shows. All of its changes to the document go through here. */
export interface Stage {
  /** A fragment of our own server. */
  show(html: string): void;
  /** Takes away whatever is shown and puts the page of a state of the frame alone in its place; its buttons serve this provider. */
  showState(page: FramePage, provider?: string): void;
  /** Shows the link of the page that has one, once its address is known. */
  offerLink(href: string): void;
  /** When what is shown was fetched, as ISO time; null hides the line. */
  setFetched(time: string | null): void;
  setRequestId(id: string | null): void;
  /** A sentence about what just happened, read out by screen readers; empty to take it back. */
  say(sentence: string): void;
  setTheme(theme: 'light' | 'dark'): void;
}

const part = (id: string): HTMLElement | null => document.getElementById(id);

/** Works on the launch page: `#oriel-content`, the lines of its foot, and its templates. */
export const stage = (changed: () => void): Stage => {
  const write = htmlWriter();
  const content = part('oriel-content') ?? document.body;

  return {
    show(html) {
      keepingFocus(content, () => write(content, html));
      changed();
    },
    showState(page, provider) {
      const template = document.querySelector<HTMLTemplateElement>(`template[data-oriel-template="${page}"]`);
      const copy = template?.content.cloneNode(true) as DocumentFragment | undefined;
      if (provider !== undefined)
        for (const button of copy?.querySelectorAll<HTMLElement>('[data-oriel-action]') ?? [])
          button.dataset.orielProvider = provider;
      keepingFocus(content, () => content.replaceChildren(...(copy ? [copy] : [])));
      changed();
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
      const line = part('oriel-age');
      const element = line?.querySelector('time');
      if (!line || !element) return;
      line.hidden = time === null;
      element.dateTime = time ?? '';
      if (time !== null) element.title = new Date(time).toLocaleString();
      changed();
    },
    setRequestId(id) {
      const element = part('oriel-request-id');
      if (element && id !== null) element.textContent = id;
    },
    say(sentence) {
      const element = part('oriel-status');
      if (!element || element.textContent === sentence) return;
      element.textContent = sentence;
      element.className = sentence === '' ? 'unseen' : 'notice';
    },
    setTheme(theme) {
      document.documentElement.dataset.theme = theme;
      document.querySelector('meta[name="color-scheme"]')?.setAttribute('content', theme);
    },
  };
};
