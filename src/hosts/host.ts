import type { ConnectMode } from '../domain/flow.js';
import type { GadgetBinding } from '../domain/gadget.js';
import type { Secret } from '../domain/secret.js';

/** Signature algorithms a host may use; the list in force comes from the host's record, never from a token (RFC 8725 §3.1). */
export type HostAlgorithm = 'HS256' | 'ES256' | 'EdDSA' | 'RS256' | 'PS256';

/** What a host signs with: a shared secret, its public key (PEM SPKI or a JWK as JSON), or the URL of its JWKS. */
export type HostKey =
  | { readonly kind: 'secret'; readonly algorithms: readonly ['HS256']; readonly secret: Secret }
  | { readonly kind: 'public-key'; readonly algorithms: readonly HostAlgorithm[]; readonly publicKey: string }
  | { readonly kind: 'jwks'; readonly algorithms: readonly HostAlgorithm[]; readonly url: string };

/** An application that frames our gadgets. */
export interface Host {
  readonly id: string;
  readonly name: string;
  /** Exact origins; they are the frame's `frame-ancestors` and the only partners of its messages. */
  readonly origins: readonly string[];
  readonly key: HostKey;
  /** What it calls the gadgets that it may show: their ids, where it has no `bindings`. */
  readonly gadgets: readonly string[];
  /** Which gadget each of those names means, with which providers; absent where each is an id. */
  readonly bindings?: Readonly<Record<string, GadgetBinding>>;
  readonly providers: readonly string[];
  /** Providers that its viewers are shown with a company's access, where the provider's record has one. */
  readonly clientCredentials?: readonly string[];
  readonly connectMode: ConnectMode;
  /** Mode `reauth`: where the host answers whose session a browser has. Null in the other modes. */
  readonly connectUrl: string | null;
}

/** Deny by default: whether this host may show that gadget. */
export const mayShow = (host: Host, gadget: string): boolean => host.gadgets.includes(gadget);

/** Deny by default: whether viewers of this host may connect to that provider. */
export const mayUse = (host: Host, provider: string): boolean => host.providers.includes(provider);

/** Which of a host's addresses people are shown: that of the page that asks, where it said so, else the first. */
export const shownOrigin = (
  { origins }: Host,
  { origin }: { readonly origin?: string | undefined },
): string => origins.find((each) => each === origin) ?? origins[0] ?? '';
