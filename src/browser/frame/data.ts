/** What the launch tells the frame's script. The bearer lives in this script's memory and nowhere else. */
export interface FrameData {
  readonly bearer: string;
  /** Seconds. */
  readonly expiresIn: number;
  readonly host: string;
  readonly hostOrigins: readonly string[];
  readonly gadget: string;
  readonly siteOrigin: string;
  /** How a consent begins: by a window that this frame opens, or by a link to the same page. */
  readonly connectMode: 'opener' | 'reauth' | 'code';
  /** The names of the gadget's parameters. */
  readonly parameters: readonly string[];
  /** Path of the page that a reload or Back shall meet. */
  readonly again: string;
  readonly locale: string;
  readonly requestId: string;
  /** True when the page was sent before its content was ready. */
  readonly skeleton: boolean;
  readonly state: string;
  readonly etag: string | null;
  readonly fetchedAt: string | null;
  /** What the shown data stands on, opaque; asked about as long as it is shown. */
  readonly standing: string;
}

/** The host page's element gives its frames such names, and paints the ground beneath them; a plain form's frame has its own. */
export const takeGround = (): void => {
  if (window.name.startsWith('oriel-')) document.documentElement.dataset.ground = 'host';
};

/** Takes a JSON data block of ours out of the page: once read, nothing in the document holds it any more. */
export const takeData = <T>(id: string): T | null => {
  const block = document.getElementById(id);
  if (block === null) return null;
  block.remove();
  return JSON.parse(block.textContent ?? 'null') as T;
};
