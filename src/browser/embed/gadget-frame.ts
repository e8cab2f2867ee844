import {
  envelope,
  type FrameMessage,
  type HostMessage,
  readFrameMessage,
  type Theme,
} from '../shared/messages.js';

const FIRST = 150;
const SMALLEST = 40;
const TALLEST = 10_000;
/** More than the frames of a short animation, few enough to go unnoticed. */
const STEPS_OF_A_LOOP = 30;

/** The height to give a frame, from the heights it reports. */
interface HeightFollower {
  /** Whole pixels, clamped; null if nothing changes. */
  follow(reported: number): number | null;
  /** The current height: a new frame starts with that of the previous one. */
  readonly current: number;
  /** The frame's content is new: what looked like a loop no longer counts. */
  settle(): void;
}

/**
 * Follows the height of a frame, but not into a loop: content that grows with its window reports the same growth after every
 * change, and content that depends on a scroll bar alternates between two heights. Both stop after thirty equal steps.
 */
export const heightFollower = (): HeightFollower => {
  let current = FIRST;
  let step = 0;
  let repeats = 0;
  return {
    get current() {
      return current;
    },
    follow(reported) {
      if (!Number.isFinite(reported)) return null;
      const height = Math.min(TALLEST, Math.max(SMALLEST, Math.ceil(reported)));
      const change = height - current;
      if (change === 0) return null;
      const swings = change === -step;
      repeats = swings || (change > 0 && change === step) ? repeats + 1 : 0;
      step = change;
      // The taller of two heights stays, so that nothing is cut off.
      if (repeats >= STEPS_OF_A_LOOP && !(swings && change > 0)) return null;
      current = height;
      return height;
    },
    settle() {
      step = 0;
      repeats = 0;
    },
  };
};

/** The data of a launch, sent in the body of one form POST and never in a URL. */
interface Launch {
  readonly origin: string;
  readonly host: string;
  readonly gadget: string;
  readonly token: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly theme: string;
  readonly locale: string;
  readonly timeZone: string;
}

/** A new, empty frame with a unique name. */
export const newFrame = (title: string): HTMLIFrameElement => {
  const frame = document.createElement('iframe');
  frame.name = `oriel-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
  frame.title = title;
  frame.style.setProperty('border', '0');
  frame.style.setProperty('inline-size', '100%');
  return frame;
};

const hidden = (name: string, value: string): HTMLInputElement => {
  const input = document.createElement('input');
  input.type = 'hidden';
  input.name = name;
  input.value = value;
  return input;
};

/**
 * Posts the launch into the frame, which must be in the document and still empty: leaving an empty document adds nothing to
 * the page's history.
 */
export const submitInto = (frame: HTMLIFrameElement, launch: Launch): void => {
  const form = document.createElement('form');
  form.method = 'post';
  form.target = frame.name;
  form.action = `${launch.origin}/h/${encodeURIComponent(launch.host)}/g/${encodeURIComponent(launch.gadget)}`;
  form.hidden = true;
  form.append(
    hidden('token', launch.token),
    hidden('theme', launch.theme),
    hidden('locale', launch.locale),
    hidden('time-zone', launch.timeZone),
    ...Object.entries(launch.parameters).map(([name, value]) => hidden(`p.${name}`, value)),
  );
  document.body.append(form);
  form.submit();
  form.remove();
};

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
