/** The data of a launch for the frame's script. The bearer exists only in this script's memory. */
export interface FrameData {
  readonly bearer: string;
  /** Seconds. */
  readonly expiresIn: number;
  readonly host: string;
  readonly hostOrigins: readonly string[];
  readonly gadget: string;
  readonly siteOrigin: string;
  /** How a consent starts: with a window that this frame opens, or with a link to the same page. */
  readonly connectMode: 'opener' | 'reauth' | 'code';
  /** The names of the gadget's parameters. */
  readonly parameters: readonly string[];
  /** Path of the page that a reload or Back loads. */
  readonly relaunchPath: string;
  readonly locale: string;
  readonly requestId: string;
  /** True when the page was sent before its content was ready. */
  readonly skeleton: boolean;
  readonly state: string;
  readonly etag: string | null;
  readonly fetchedAt: string | null;
  /** Identifies what the shown data depends on, opaque; checked as long as the data is shown. */
  readonly standing: string;
}

/** The element gives its frames such names and paints the background behind them; a plain form's frame has its own background. */
export const takeGround = (): void => {
  if (window.name.startsWith('oriel-')) document.documentElement.dataset.ground = 'host';
};

/** Reads one of our JSON data blocks and removes it from the document. */
export const takeData = <T>(id: string): T | null => {
  const block = document.getElementById(id);
  if (block === null) return null;
  block.remove();
  return JSON.parse(block.textContent ?? 'null') as T;
};
