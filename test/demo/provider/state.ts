import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** An application registered to ask people for access. */
export interface OAuthClient {
  readonly id: number;
  name: string;
  redirectUri: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A consent that has not been exchanged yet. `expiresAt` in epoch milliseconds. */
export interface Code {
  readonly code: string;
  readonly client: number;
  readonly login: string;
  readonly expiresAt: number;
}

/** A live pair of tokens; the refresh token itself never expires. */
export interface TokenPair {
  readonly id: number;
  readonly client: number;
  readonly login: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  expiresAt: number;
}

/** Everything a provider remembers; in clear text, as the legacy servers kept it. */
export interface ProviderRecords {
  nextId: number;
  clients: OAuthClient[];
  codes: Code[];
  tokens: TokenPair[];
}

export interface ProviderState {
  readonly records: ProviderRecords;
  /** Makes a change last, where a file was given. */
  save(): void;
}

/** Reads the file, if there is one and it exists; without a file nothing outlives the process. */
export const providerState = (file: string | null): ProviderState => {
  const records: ProviderRecords =
    file && existsSync(file)
      ? JSON.parse(readFileSync(file, 'utf8'))
      : { nextId: 1, clients: [], codes: [], tokens: [] };
  return {
    records,
    save: () => {
      if (!file) return;
      writeFileSync(`${file}.new`, JSON.stringify(records), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    },
  };
};
