declare const brand: unique symbol;

/** Opaque name of a Viewer, unique over all hosts. Confusing it with another id is how data leaks, so it is branded. */
export type ViewerId = string & { readonly [brand]: 'ViewerId' };

/** The person before the frame, as the host names them: the pair (host id, `sub`), opaque bytes, never an e-mail. */
export interface Viewer {
  readonly id: ViewerId;
  readonly host: string;
  readonly sub: string;
}

/** What the host says of the viewer for people to read. Decoration only: no decision may rest on it. */
export interface ViewerProfile {
  readonly name: string | null;
  readonly email: string | null;
  /** Where the page is that asks, of its host's registered origins; absent where the launch did not say. */
  readonly origin?: string;
  /** The locale of the gadget that a page was reached from, BCP 47; absent where there is none. */
  readonly locale?: string;
}

/** Names a viewer. A JSON array keeps the pairs (`a|b`, `c`) and (`a`, `b|c`) apart, which joining with a delimiter would not. */
export const viewerOf = (host: string, sub: string): Viewer => ({
  id: JSON.stringify([host, sub]) as ViewerId,
  host,
  sub,
});
