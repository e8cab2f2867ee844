import { envelope, type FrameMessage, type HostMessage, readFrameMessage } from '../shared/messages.js';

/** One launched frame, from its insertion to its replacement: it alone is spoken to, and it alone is heard. */
export interface HeldFrame {
  send(message: HostMessage): void;
  setTitle(title: string): void;
  setHeight(pixels: number): void;
  end(): void;
}

export interface Listener {
  heard(message: FrameMessage): void;
  /** The frame shows something, be it a page without our script. */
  loaded(): void;
  silent(): void;
}

const ANSWER_WITHIN = 10_000;

/** Listens to a frame. Both its window and its exact origin must fit; everything else is ignored in silence. */
export const holdFrame = (frame: HTMLIFrameElement, origin: string, listener: Listener): HeldFrame => {
  const timer = setTimeout(() => listener.silent(), ANSWER_WITHIN);
  const received = (event: MessageEvent): void => {
    if (event.origin !== origin || event.source !== frame.contentWindow) return;
    const message = readFrameMessage(event.data);
    if (message === null) return;
    clearTimeout(timer);
    listener.heard(message);
  };
  const loaded = (): void => listener.loaded();
  addEventListener('message', received);
  frame.addEventListener('load', loaded);
  return {
    send: (message) => frame.contentWindow?.postMessage(envelope(message), origin),
    setTitle(title) {
      frame.title = title;
    },
    setHeight: (pixels) => frame.style.setProperty('block-size', `${pixels}px`),
    end() {
      clearTimeout(timer);
      removeEventListener('message', received);
      frame.removeEventListener('load', loaded);
    },
  };
};
