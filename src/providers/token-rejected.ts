import type { Expected } from '../domain/refused.js';

/**
 * An answer by which a provider says that an access token is dead, where it says so in its own way; with `never`, one that looks like
 * that and is not. All that is given must hold.
 */
export interface TokenRejected {
  readonly status: number;
  /** One of these stands where answers have their code or sentence, in the `WWW-Authenticate` challenge, or is the whole body. */
  readonly codes: readonly string[];
  /** What the body holds, path by path. */
  readonly when: Readonly<Record<string, Expected>>;
  readonly never: boolean;
}

/**
 * How clearly an answer says that the access token is dead. `certain`: it names the token, as RFC 6750 §3.1 does. `possible`: servers
 * say the same to a dead token and to a person who may not see something.
 */
export type RejectionSign = 'certain' | 'possible';
