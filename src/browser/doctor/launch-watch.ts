/** The outcome of a launch, as seen by the page around it. */
export interface Launch {
  /** The state that the gadget reported, or null. */
  readonly state: string | null;
  /** The code with which it was refused or failed. */
  readonly code: string | null;
  /** CSS pixels that the gadget asked for, or null. */
  readonly asked: number | null;
}

const PATIENCE = 13_000;
/** A gadget that is shown reports its height within this time. */
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

/** Launches the gadget again by `relaunch`, and records what it reports. */
export const watchLaunch = (element: HTMLElement, origin: string, relaunch: () => void): Promise<Launch> =>
  new Promise((resolve) => {
    let state: string | null = null;
    let code: string | null = null;
    let asked: number | null = null;
    let timer = setTimeout(end, PATIENCE);
    function end(): void {
      clearTimeout(timer);
      element.removeEventListener('oriel-state', stateChanged);
      element.removeEventListener('oriel-error', failed);
      removeEventListener('message', heard);
      resolve({ state, code, asked });
    }
    const endWhenShown = (): void => {
      if (state === null) return;
      clearTimeout(timer);
      timer = setTimeout(end, asked === null ? HEIGHT_WITHIN : 50);
    };
    const stateChanged = (event: Event): void => {
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
    element.addEventListener('oriel-state', stateChanged);
    element.addEventListener('oriel-error', failed);
    addEventListener('message', heard);
    relaunch();
  });

/** Browsers pause frames that are out of view: these report no height. */
export const isSeen = (element: HTMLElement): boolean => {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < innerHeight && document.visibilityState === 'visible';
};

/** The height at which the page really shows the frame; null without a frame. */
export const shownHeight = (element: HTMLElement): number | null => {
  const frame = frameOf(element);
  if (frame === null) return null;
  const visible = element.getBoundingClientRect();
  return Math.round(Math.min(frame.getBoundingClientRect().height, visible.height));
};
