/** What a launch came to, as the page around it sees it. */
export interface Launch {
  /** The state that the gadget told, or null when it told none. */
  readonly state: string | null;
  /** The code with which it was refused or failed. */
  readonly code: string | null;
  /** CSS pixels that the gadget asked for, or null when it asked for none. */
  readonly asked: number | null;
}

const PATIENCE = 13_000;
/** A gadget that shows itself tells its height within this. */
const HEIGHT_WITHIN = 1_500;

/** The gadget's frame: the element's own child, unlike the doctor's. */
const frameOf = (element: HTMLElement): HTMLIFrameElement | null => {
  const found = Array.from(element.shadowRoot?.children ?? []).find((child) => child.localName === 'iframe');
  return found instanceof HTMLIFrameElement ? found : null;
};

const heightIn = (data: unknown): number | null => {
  const { oriel, type, height } = (data ?? {}) as Readonly<Record<string, unknown>>;
  return oriel === 1 && type === 'resize' && typeof height === 'number' ? height : null;
};

/** Launches the gadget anew by `relaunch`, and watches what it tells. */
export const watchLaunch = (element: HTMLElement, origin: string, relaunch: () => void): Promise<Launch> =>
  new Promise((resolve) => {
    let state: string | null = null;
    let code: string | null = null;
    let asked: number | null = null;
    let timer = setTimeout(end, PATIENCE);
    function end(): void {
      clearTimeout(timer);
      element.removeEventListener('oriel-state', told);
      element.removeEventListener('oriel-error', failed);
      removeEventListener('message', heard);
      resolve({ state, code, asked });
    }
    const endWhenShown = (): void => {
      if (state === null) return;
      clearTimeout(timer);
      timer = setTimeout(end, asked === null ? HEIGHT_WITHIN : 50);
    };
    const told = (event: Event): void => {
      const said = (event as CustomEvent<{ state?: unknown }>).detail?.state;
      if (typeof said !== 'string' || said === 'loading') return;
      state = said;
      if (said === 'signed-out') end();
      else endWhenShown();
    };
    const failed = (event: Event): void => {
      const said = (event as CustomEvent<{ code?: unknown }>).detail?.code;
      code = typeof said === 'string' ? said : 'unknown';
      end();
    };
    const heard = (event: MessageEvent): void => {
      if (event.origin !== origin || event.source !== frameOf(element)?.contentWindow) return;
      const height = heightIn(event.data);
      if (height === null) return;
      asked = height;
      endWhenShown();
    };
    element.addEventListener('oriel-state', told);
    element.addEventListener('oriel-error', failed);
    addEventListener('message', heard);
    relaunch();
  });

/** Browsers let frames rest that nobody can see: such a one tells no height. */
export const isSeen = (element: HTMLElement): boolean => {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < innerHeight && document.visibilityState === 'visible';
};

/** The height at which the page really shows the frame; null when there is no frame. */
export const shownHeight = (element: HTMLElement): number | null => {
  const frame = frameOf(element);
  if (frame === null) return null;
  const visible = element.getBoundingClientRect();
  return Math.round(Math.min(frame.getBoundingClientRect().height, visible.height));
};
