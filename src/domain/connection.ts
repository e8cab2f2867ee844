import type { Secret } from './secret.js';
import type { Viewer } from './viewer.js';

declare const brand: unique symbol;

/** Random name of a Connection; branded, so that it cannot be taken for a viewer's. */
export type ConnectionId = string & { readonly [brand]: 'ConnectionId' };

/** A token endpoint's validated answer (RFC 6749 §5.1). Times are epoch milliseconds by our own clock. */
export interface TokenSet {
  readonly accessToken: Secret;
  readonly refreshToken: Secret | null;
  readonly issuedAt: number;
  /** Null when the server did not say: such a token is used until the API answers 401. */
  readonly expiresAt: number | null;
  /** What the server says it granted, or null when it granted what was asked. */
  readonly scopes: readonly string[] | null;
  /**
   * The only origins they may travel to: the provider's when the person agreed. A record that is changed to lead elsewhere does not get
   * them. Absent where an older version kept them.
   */
  readonly origins?: readonly string[];
  /** Where a person agreed and by which registration, as a digest (`grantMark`); absent of earlier versions and of tokens that were pasted. */
  readonly grantedBy?: string;
}

/** Whose account the tokens belong to, as the provider names it. */
export interface Account {
  readonly id: string;
  readonly label: string;
}

/** A value that was fixed when a person connected, such as which site of theirs. */
export interface ConnectionFact {
  readonly value: string;
  /** What people call it, as the provider says; null where it does not. */
  readonly label: string | null;
  /** What the person may choose among; one at most where there was nothing to choose. */
  readonly among: readonly { readonly value: string; readonly label: string | null }[];
}

/** By the names that the provider's record has for them. */
export type ConnectionFacts = Readonly<Record<string, ConnectionFact>>;

/** The values alone, as requests are made with them. */
export const factValuesOf = ({
  facts,
}: {
  readonly facts: ConnectionFacts;
}): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(facts).map(([name, { value }]) => [name, value]));

/** The facts with what was chosen, by name; null where one is none of those that there are to choose among. */
export const chooseFacts = (
  facts: ConnectionFacts,
  chosen: Readonly<Record<string, string>>,
): ConnectionFacts | null => {
  const made = Object.entries(facts).map(([name, fact]) => {
    const value = Object.hasOwn(chosen, name) ? chosen[name] : fact.value;
    const found = [fact, ...fact.among].find((each) => each.value === value);
    return found && ([name, { ...fact, value: found.value, label: found.label }] as const);
  });
  return made.includes(undefined) ? null : Object.fromEntries(made.filter((each) => each !== undefined));
};

/** Why a viewer must connect again. */
export type ReconnectReason =
  | 'expired'
  | 'revoked'
  | 'interrupted'
  | 'more-scopes'
  | 'connected-elsewhere'
  | 'expired-or-connected-elsewhere'
  /** A token that its owner pasted: the provider does not accept it any more, or its date has come. */
  | 'token-rejected'
  | 'token-expired';

/**
 * What failed refreshes since the last good one left on a Connection. It concerns this Connection alone, and no other one of the same
 * client. Times are epoch milliseconds.
 */
export interface RefreshSetback {
  /** What the provider's record said of token requests when it failed, as a digest: of another record it says nothing. */
  readonly record: string;
  readonly kind: 'rate-limited' | 'down' | 'stopped';
  /** Stable; the server's own code where it has one. */
  readonly code: string;
  /** Not to be tried again before. */
  readonly until: number;
  /** How long that was when it was written down, ms; absent of earlier versions. */
  readonly wait?: number;
  /** Failures in a row. */
  readonly failures: number;
  /** Since when the grant is refused in words that leave open why; null when it is not. */
  readonly refusedSince: number | null;
  /** Answers in a row that say nothing about the grant (5xx, a page), and when the first came; null when there are none. */
  readonly unusable: { readonly since: number; readonly times: number } | null;
}

/** `active` can be used; `reconnect` needs the viewer; `revoking` is on its way out and is never used again. */
export type ConnectionStatus = 'active' | 'reconnect' | 'revoking';

/** Viewer × Provider. The record itself holds no secret: its TokenSet is opened only where it is used. */
export interface Connection {
  readonly id: ConnectionId;
  readonly viewer: Viewer;
  readonly provider: string;
  /** Client id in force when it was made; another id makes the tokens useless. */
  readonly clientId: string;
  readonly account: Account | null;
  readonly scopes: readonly string[];
  readonly facts: ConnectionFacts;
  readonly status: ConnectionStatus;
  readonly reason: ReconnectReason | null;
  /** Grows with every reconnect and disconnect; part of every cache key. */
  readonly generation: number;
  /** Grows with every replacement of the tokens. */
  readonly version: number;
  readonly flow: string;
  readonly flowStartedAt: number;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly expiresAt: number | null;
  readonly leaseUntil: number | null;
  /** Who holds the refresh lease, or left it. */
  readonly leaseOwner: string | null;
  /** When the first refresh was started whose outcome is not known; null after a commit. */
  readonly refreshIntentAt: number | null;
  /** When its tokens were last refreshed; null when they are those that it was made with. */
  readonly refreshedAt: number | null;
  readonly setback: RefreshSetback | null;
}

/** Whether a Connection is held by a company on its host, and by none of its people: its viewer has no `sub`. */
export const isCompany = ({ sub }: Viewer): boolean => sub === '';

/** Who owns something that is kept in memory: a Connection, and which of its generations. */
export interface Owner {
  readonly connection: ConnectionId;
  readonly generation: number;
}

/** Something kept in memory that names its owner, so that a reader can compare. */
export interface Owned {
  readonly owner: Owner;
}

export const ownerOf = ({ id, generation }: Connection): Owner => ({ connection: id, generation });

export const isSameOwner = (one: Owner, other: Owner): boolean =>
  one.connection === other.connection && one.generation === other.generation;

const MINUTE = 60_000;

/**
 * Whether a token may still be used without asking for a new one: it must outlive a margin of one minute or a tenth of
 * its life, whichever is longer, but never more than half its life, so that short-lived tokens are used at all.
 */
export const isFresh = (tokens: Pick<TokenSet, 'issuedAt' | 'expiresAt'>, now: number): boolean => {
  if (tokens.expiresAt === null) return true;
  const life = tokens.expiresAt - tokens.issuedAt;
  return tokens.expiresAt - now > Math.min(Math.max(MINUTE, life / 10), life / 2);
};
