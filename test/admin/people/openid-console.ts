import { OpenIdProvider } from '../../../src/admin/people/openid-client.js';
import type { AllowList } from '../../../src/domain/administrator-sign-in.js';
import { LOOPBACK } from '../../../src/domain/ip-addresses.js';
import { guard } from '../../../src/net/address-guard.js';
import { type OidcOptions, type OidcServer, startOidc } from '../../support/oidc.js';
import { type ConsoleApp, startConsole } from '../console-app.js';

export interface OpenIdConsole {
  readonly app: ConsoleApp;
  readonly oidc: OidcServer;
  close(): Promise<void>;
}

/** The console with a certified identity provider beside it, whose clock ours is ahead of by `ahead()` milliseconds. */
export const startOpenIdConsole = async (
  allow: AllowList,
  given: {
    readonly ahead?: () => number;
    readonly siteOrigin?: (port: number) => string;
    readonly oidc?: Omit<OidcOptions, 'redirectUris'>;
  } = {},
): Promise<OpenIdConsole> => {
  const now = () => Date.now() + (given.ahead?.() ?? 0);
  const clock = { now, monotonic: now, sleep: async () => {} };
  const name = 'Example accounts';
  let redirectUri = '';
  // It has to know our address before we know its own.
  let oidc: OidcServer | null = null;
  const door = () => {
    if (oidc === null) throw new Error('the identity provider is not there yet');
    const { issuer, client } = oidc;
    return new OpenIdProvider(
      { issuer, name, client, scopes: ['openid', 'email'], allow, redirectUri },
      { clock, guard: () => guard(LOOPBACK) },
    );
  };
  const app = await startConsole({
    ...(given.siteOrigin && { siteOrigin: given.siteOrigin }),
    identityProvider: (siteOrigin) => {
      redirectUri = `${siteOrigin}/admin/oidc/callback`;
      return {
        issuer: 'https://accounts.example',
        name,
        allow,
        startSignIn: (again) => door().startSignIn(again),
        finishSignIn: (parameters, handshake) => door().finishSignIn(parameters, handshake),
      };
    },
  });
  oidc = await startOidc({ ...given.oidc, redirectUris: [redirectUri] });
  const { close } = oidc;
  return {
    app,
    oidc,
    async close() {
      await Promise.all([app.close(), close()]);
    },
  };
};
