import { issuedValue } from './clients.js';
import type { Code, OAuthClient, ProviderState, TokenPair } from './state.js';

/** Seconds: a code lives an hour, an access token ninety days. */
export const codeLifetime = 60 * 60;
export const accessTokenLifetime = 90 * 24 * 60 * 60;

/** What a token request named, as it was before it was destroyed. */
export interface Burnt {
  readonly code: Code | null;
  readonly pair: TokenPair | null;
}

export interface Grants {
  /** A new code ends older codes of the same person and client. */
  issueCode(client: OAuthClient, login: string): Code;
  /** Destroys the rows that a token request names, before anything about it is checked. */
  burn(code: string, refreshToken: string): Burnt;
  isCurrent(row: { readonly expiresAt: number }): boolean;
  /** A new pair ends every older one of the same person and client: one live grant. */
  issuePair(client: number, login: string): TokenPair;
  /** The login an access token speaks for; null when it is unknown or expired. */
  loginFor(accessToken: string): string | null;
  pairsOf(login: string): readonly TokenPair[];
  revoke(pair: TokenPair): void;
  /** Lets a person's access tokens expire now; their refresh tokens stay good. */
  expire(login: string): void;
}

export const oauthGrants = (state: ProviderState, now: () => number): Grants => {
  const { records } = state;

  return {
    issueCode: (client, login) => {
      const code = { code: issuedValue(), client: client.id, login, expiresAt: now() + codeLifetime * 1000 };
      records.codes = records.codes.filter((other) => other.client !== client.id || other.login !== login);
      records.codes.push(code);
      state.save();
      return code;
    },
    burn: (code, refreshToken) => {
      const burnt = {
        code: records.codes.find((row) => row.code === code) ?? null,
        pair: records.tokens.find((row) => row.refreshToken === refreshToken) ?? null,
      };
      records.codes = records.codes.filter((row) => row !== burnt.code);
      records.tokens = records.tokens.filter((row) => row !== burnt.pair);
      state.save();
      return burnt;
    },
    isCurrent: (row) => row.expiresAt > now(),
    issuePair: (client, login) => {
      const pair: TokenPair = {
        id: records.nextId++,
        client,
        login,
        accessToken: issuedValue(),
        refreshToken: issuedValue(),
        expiresAt: now() + accessTokenLifetime * 1000,
      };
      records.tokens = records.tokens.filter((other) => other.client !== client || other.login !== login);
      records.tokens.push(pair);
      state.save();
      return pair;
    },
    loginFor: (accessToken) => {
      const pair = records.tokens.find((row) => row.accessToken === accessToken);
      return pair && pair.expiresAt > now() ? pair.login : null;
    },
    pairsOf: (login) => records.tokens.filter((pair) => pair.login === login),
    revoke: (pair) => {
      records.tokens = records.tokens.filter((other) => other !== pair);
      state.save();
    },
    expire: (login) => {
      for (const pair of records.tokens) if (pair.login === login) pair.expiresAt = now();
      state.save();
    },
  };
};
