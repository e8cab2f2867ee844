import type { HostAlgorithm } from '../host.js';

/** All that a host's code says about us. None of it is secret; the key itself comes from the host's environment. */
export interface SnippetFacts {
  readonly host: string;
  readonly gadget: string;
  readonly gadgetOrigin: string;
  /** The host's own origins: only their pages are given tokens. */
  readonly origins: readonly string[];
  readonly algorithm: HostAlgorithm;
  /** Whether the token must say which published key signed it (RFC 7515 §4.1.4). */
  readonly namesKey: boolean;
}

export const LANGUAGES = ['node', 'python', 'ruby', 'java', 'php', 'go'] as const;

export type Language = (typeof LANGUAGES)[number];

/** A token endpoint in one language. */
export interface Endpoint {
  readonly language: Language;
  readonly title: string;
  /** The name under which to save it. */
  readonly file: string;
  readonly code: string;
  /** What installs the library it needs; null where the language itself has all. */
  readonly install: string | null;
}

/** Environment variables that the code reads. */
export const SECRET_VARIABLE = 'ORIEL_HOST_SECRET';
export const PRIVATE_KEY_VARIABLE = 'ORIEL_HOST_PRIVATE_KEY';
export const KEY_ID_VARIABLE = 'ORIEL_HOST_KEY_ID';
