import { randomBytes } from 'node:crypto';
import type { OAuthClient, ProviderState } from './state.js';

export interface ClientFields {
  readonly name: string;
  readonly redirectUri: string;
}

export interface Clients {
  all(): readonly OAuthClient[];
  byId(id: number): OAuthClient | null;
  byClientId(clientId: string): OAuthClient | null;
  withCredentials(clientId: string, clientSecret: string): OAuthClient | null;
  /** Whether some client registered exactly this redirect URI. */
  isRegistered(redirectUri: string): boolean;
  /** What is wrong with the fields, in the server's words; an empty list when nothing is. */
  faults(fields: ClientFields, except?: OAuthClient): readonly string[];
  /** Id and secret are made once and never again; seeded ones are taken as they are. */
  create(fields: ClientFields, credentials?: { readonly id: string; readonly secret: string }): OAuthClient;
  update(client: OAuthClient, fields: ClientFields): void;
  /** Deletes the client with its codes and tokens. */
  destroy(client: OAuthClient): void;
}

/** 64 lowercase hexadecimal characters: the form of every value this provider issues. */
export const issuedValue = (): string => randomBytes(32).toString('hex');

const trimmed = (fields: ClientFields): ClientFields => ({
  name: fields.name.trim(),
  redirectUri: fields.redirectUri.trim(),
});

export const oauthClients = (state: ProviderState): Clients => {
  const { records } = state;
  const find = (matches: (client: OAuthClient) => boolean): OAuthClient | null =>
    records.clients.find(matches) ?? null;

  return {
    all: () => records.clients,
    byId: (id) => find((client) => client.id === id),
    byClientId: (clientId) => find((client) => client.clientId === clientId),
    withCredentials: (clientId, clientSecret) =>
      find((client) => client.clientId === clientId && client.clientSecret === clientSecret),
    isRegistered: (redirectUri) => records.clients.some((client) => client.redirectUri === redirectUri),
    faults: (fields, except) => {
      const { name, redirectUri } = trimmed(fields);
      const faults: string[] = [];
      if (!name) faults.push("Name can't be blank");
      if (records.clients.some((client) => client !== except && client.name === name))
        faults.push('Name is a duplicate.');
      if (!redirectUri) faults.push("Redirect uri can't be blank");
      else if (!/^https?:\/\/.+$/.test(redirectUri)) faults.push('Redirect uri is invalid');
      return faults;
    },
    create: (fields, credentials) => {
      const client: OAuthClient = {
        ...trimmed(fields),
        id: records.nextId++,
        clientId: credentials?.id ?? issuedValue(),
        clientSecret: credentials?.secret ?? issuedValue(),
      };
      records.clients.push(client);
      state.save();
      return client;
    },
    update: (client, fields) => {
      Object.assign(client, trimmed(fields));
      state.save();
    },
    destroy: (client) => {
      records.clients = records.clients.filter((other) => other !== client);
      records.codes = records.codes.filter((code) => code.client !== client.id);
      records.tokens = records.tokens.filter((token) => token.client !== client.id);
      state.save();
    },
  };
};
