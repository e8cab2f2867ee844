import {
  envelope,
  type FrameMessage,
  type HostMessage,
  readFrameMessage,
  type Theme,
} from '../shared/messages.js';

/** One launched frame, from its insertion to its replacement: it alone is spoken to, and it alone is heard. */
export interface HeldFrame {
  send(message: HostMessage): void;
  setTitle(title: string): void;
  setHeight(pixels: number): void;
  /** Draws the frame in this theme, on this ground (a CSS colour). */
  setLook(theme: Theme, ground: string): void;
  end(): void;
}

export interface Listener {
  heard(message: FrameMessage): void;
  /** The frame shows something, be it a page without our script. */
  loaded(): void;
  silent(): void;
  /** The host page's own Content-Security-Policy does not let the frame in. */
  blocked(): void;
}

const ANSWER_WITHIN = 10_000;

/** Listens to a frame. Both its window and its exact origin must fit; everything else is ignored in silence. */
export const holdFrame = (frame: HTMLIFrameElement, origin: string, listener: Listener): HeldFrame => {
  const timer = setTimeout(() => {
    settle();
    listener.silent();
  }, ANSWER_WITHIN);
  const violated = ({ blockedURI, disposition }: SecurityPolicyViolationEvent): void => {
    if (disposition !== 'enforce' || !blockedURI.startsWith(origin)) return;
    settle();
    listener.blocked();
  };
  const settle = (): void => {
    clearTimeout(timer);
    document.removeEventListener('securitypolicyviolation', violated);
  };
  const received = (event: MessageEvent): void => {
    if (event.origin !== origin || event.source !== frame.contentWindow) return;
    const message = readFrameMessage(event.data);
    if (message === null) return;
    settle();
    hasSpoken = true;
    listener.heard(message);
  };
  let hasSpoken = false;
  const loaded = (): void => {
    // A page of ours has spoken by now; offline it is the browser's own page about that.
    if (!hasSpoken && navigator.onLine === false) {
      settle();
      listener.silent();
    } else listener.loaded();
  };
  document.addEventListener('securitypolicyviolation', violated);
  addEventListener('message', received);
  frame.addEventListener('load', loaded);
  return {
    send: (message) => frame.contentWindow?.postMessage(envelope(message), origin),
    setTitle(title) {
      frame.title = title;
    },
    setLook(theme, ground) {
      // A frame of another colour scheme than its document's is opaque (CSS Color Adjustment 1 §2.3).
      frame.style.setProperty('color-scheme', theme);
      frame.style.setProperty('background-color', ground);
    },
    setHeight: (pixels) => frame.style.setProperty('block-size', `${pixels}px`),
    end() {
      settle();
      removeEventListener('message', received);
      frame.removeEventListener('load', loaded);
    },
  };
};
