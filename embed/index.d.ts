/** What a frame shows; stable. */
export type OrielState =
  | 'loading'
  | 'content'
  | 'connect'
  | 'waiting'
  | 'reconnect'
  | 'no-access'
  | 'not-found'
  | 'rate-limited'
  | 'provider-down'
  | 'misconfigured'
  | 'signed-out'
  | 'expired';

/** `<oriel-gadget>` on a page. */
export interface OrielGadgetElement extends HTMLElement {
  /** Launches the gadget again, for the person who is signed in now. */
  reload(): void;
}

/** The element's events; they bubble, and none carries personal data. */
export interface OrielEvents {
  'oriel-state': CustomEvent<{ readonly state: OrielState }>;
  'oriel-resize': CustomEvent<{ readonly height: number }>;
  'oriel-error': CustomEvent<{ readonly code: string; readonly message: string }>;
  'oriel-doctor': CustomEvent<{ readonly level: string; readonly lines: readonly unknown[] }>;
}

/** The attributes that every gadget has. */
export interface OrielGadgetAttributes {
  /** The host's id. */
  host: string;
  /** The gadget's id. */
  gadget: string;
  /** A URL of the page's own origin that answers with a token. */
  'token-url'?: string | undefined;
  /** A token, instead of `token-url`: for one launch; it is not renewed. */
  token?: string | undefined;
  /** The frame's name for screen readers; the gadget's id if absent. */
  title?: string | undefined;
  theme?: 'light' | 'dark' | undefined;
  /** `transparent`, `opaque` or a CSS color. */
  ground?: string | undefined;
  locale?: string | undefined;
  'time-zone'?: string | undefined;
  /** Pixels; if absent, the frame is as high as its content. */
  height?: number | string | undefined;
  /** Shows the embed doctor below the gadget. */
  doctor?: boolean | string | undefined;
}

/** The parameters of a gadget, by their names; lists have commas between their items. */
export interface OrielGadgetParameters {
  // biome-ignore lint/suspicious/noExplicitAny: a framework's own attributes, such as handlers, are of any type.
  [parameter: string]: any;
}

/** Loads the script that defines `<oriel-gadget>`, once per page; resolves when the element can be used. */
export declare function loadOriel(gadgetOrigin: string): Promise<void>;

declare global {
  interface HTMLElementTagNameMap {
    'oriel-gadget': OrielGadgetElement;
  }

  interface HTMLElementEventMap extends OrielEvents {}

  /** Where JSX is global, as with React up to 18. With React 19, import `oriel/embed/react`. */
  namespace JSX {
    interface IntrinsicElements {
      'oriel-gadget': OrielGadgetAttributes & OrielGadgetParameters;
    }
  }
}
