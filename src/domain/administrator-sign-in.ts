import type { Secret } from './secret.js';

/* What signing in as an administrator needs from outside. */

/**
 * Whose turn it is where few passwords are computed at once. `first`: people who proved something already, by a session, by a link
 * or by an address that the account signed in from before. All others wait behind them, few of one `network` at a time.
 */
export type Lane = { readonly kind: 'first' } | { readonly kind: 'stranger'; readonly network: string };

/**
 * Keeps passwords so that they cannot be read. Both take long on purpose, and few are computed at once; they throw `too_many_requests`
 * where too many wait, and then nothing was looked at.
 */
export interface Passwords {
  /** The text to keep: salt and parameters are in it. */
  hash(password: Secret): Promise<string>;
  /** Takes as long where there is nothing to compare with (`null`), and is false then. */
  verify(password: Secret, hash: string | null, lane: Lane): Promise<boolean>;
}

/** Who tries: the name that was given, known or not, and from where. */
export interface Attempt {
  readonly account: string;
  readonly address: string;
  /** The id of the administrator who is signed in already and re-authenticates. */
  readonly signedIn?: string;
}

/** What has to be remembered between sending a person to the identity provider and their return. */
export interface Handshake {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly startedAt: number;
  /** Whether they were asked to re-authenticate. */
  readonly again: boolean;
}

/** Whom the identity provider says it is; checked, but for whether they may come in. */
export interface Identity {
  readonly subject: string;
  /** Only where the provider says that it verified it. */
  readonly email: string | null;
}

/** Who may come in by an identity provider; everyone else may not. */
export interface AllowList {
  readonly subjects: readonly string[];
  /** Verified e-mail addresses, compared without regard to case. */
  readonly emails: readonly string[];
}

/** An OpenID Connect provider that administrators sign in with. Both throw `sign_in_failed` or `provider_failed` with a reason. */
export interface IdentityProvider {
  readonly issuer: string;
  readonly name: string;
  readonly allow: AllowList;
  startSignIn(again: boolean): Promise<{ readonly url: string; readonly handshake: Handshake }>;
  /** Judges what came back to our callback. */
  finishSignIn(parameters: URLSearchParams, handshake: Handshake): Promise<Identity>;
}

/** How a session was opened: kept with it, and judged again with each of its requests. */
export interface SignedIn {
  readonly admin: string;
  /** The administrator's version at that time. */
  readonly version: number;
  readonly at: number;
  /** When they last proved who they are. */
  readonly confirmedAt: number;
  /** By password, or by the identity provider as this person. */
  readonly by: 'password' | Identity;
}
