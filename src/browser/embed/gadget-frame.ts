import {
  envelope,
  type FrameMessage,
  type HostMessage,
  readFrameMessage,
  type Theme,
} from '../shared/messages.js';

/** One launched frame, from its insertion to its replacement: the only one that gets our messages and whose messages count. */
export interface GadgetFrame {
  send(message: HostMessage): void;
  setTitle(title: string): void;
  setHeight(pixels: number): void;
  /** Shows the frame in this theme on this background (a CSS color). */
  setLook(theme: Theme, ground: string): void;
  end(): void;
}

export interface Listener {
  heard(message: FrameMessage): void;
  /** The frame shows something, even if it's a page without our script. */
  loaded(): void;
  silent(): void;
  /** The host page's own Content-Security-Policy blocks the frame. */
  blocked(): void;
}

const ANSWER_WITHIN = 10_000;

/** Listens to a frame. Messages must come from its window and the exact origin; all others are ignored. */
export const attachFrame = (frame: HTMLIFrameElement, origin: string, listener: Listener): GadgetFrame => {
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
    // Our page would have sent a message by now; offline, this is the browser's own error page.
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
      // A frame with another color scheme than its document's is opaque (CSS Color Adjustment 1 §2.3).
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
