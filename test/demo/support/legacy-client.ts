import { type Visitor, visitor } from './visitor.js';

export const seeded = {
  name: 'Oriel',
  redirectUri: 'http://localhost:9/connect/callback/mingle?tenant=1',
  id: 'a'.repeat(64),
  secret: 'b'.repeat(64),
};

export interface Tokens {
  readonly access_token: string;
  readonly expires_in: number;
  readonly refresh_token: string;
}

/** An OAuth client of the old dialect, talking to one of the demo's applications. */
export interface LegacyClient {
  person(login: string): Promise<Visitor>;
  /** The answer of the consent form: where it sends the browser. */
  consent(who: Visitor, authorize?: 'Yes' | 'No', extra?: Readonly<Record<string, string>>): Promise<URL>;
  token(fields: Readonly<Record<string, string>>): Promise<Response>;
  /** The whole way, from signing in to tokens. */
  connect(login: string): Promise<Tokens>;
}

export const legacyClient = (base: string, context: '' | '/go', signInPath: string): LegacyClient => {
  const request = { client_id: seeded.id, redirect_uri: seeded.redirectUri, response_type: 'code' };
  const authorizePath = `${context}/oauth/authorize`;
  const self: LegacyClient = {
    person: async (login) => {
      const who = visitor(base);
      await who.signIn(signInPath, login);
      return who;
    },
    consent: async (who, authorize = 'Yes', extra = {}) => {
      const parameters = { ...request, state: 'a state', ...extra };
      const form = `${authorizePath}?${new URLSearchParams(parameters)}`;
      const response = await who.submit(form, authorizePath, { ...parameters, authorize });
      return new URL(response.headers.get('location') ?? '', base);
    },
    token: (fields) =>
      fetch(`${base}${context}/oauth/token`, {
        method: 'POST',
        body: new URLSearchParams({
          client_id: seeded.id,
          client_secret: seeded.secret,
          redirect_uri: seeded.redirectUri,
          ...fields,
        }),
      }),
    connect: async (login) => {
      const location = await self.consent(await self.person(login));
      const code = location.searchParams.get('code') ?? '';
      return (await self.token({ grant_type: 'authorization-code', code })).json() as Promise<Tokens>;
    },
  };
  return self;
};
