import { OpenIdProvider } from '../../../src/admin/people/openid-client.js';
import type { AllowList } from '../../../src/domain/administrator-sign-in.js';
import { LOOPBACK } from '../../../src/domain/ip-addresses.js';
import { guard } from '../../../src/net/address-guard.js';
import { freePort } from '../../cli/command-line.js';
import { type OidcOptions, startOidc } from '../../support/oidc.js';
import { TestClock } from '../../support/test-clock.js';
import { startConsole } from '../console-app.js';

export type OpenIdConsole = Awaited<ReturnType<typeof startOpenIdConsole>>;

/** The console with a certified identity provider beside it. `clock` is the one by which its answers are judged. */
export const startOpenIdConsole = async (
  allow: AllowList,
  options: Omit<OidcOptions, 'redirectUris'> = {},
) => {
  const clock = new TestClock('runs');
  const port = await freePort();
  const redirectUri = `http://localhost:${port}/admin/oidc/callback`;
  const oidc = await startOidc({ ...options, redirectUris: [redirectUri] });
  const { issuer, client } = oidc;
  const identityProvider = new OpenIdProvider(
    { issuer, name: 'Example accounts', client, scopes: ['openid', 'email'], allow, redirectUri },
    { clock, guard: () => guard(LOOPBACK) },
  );
  const app = await startConsole({ port, deps: () => ({ identityProvider }) });
  return {
    app,
    oidc,
    clock,
    async close() {
      await Promise.all([app.close(), oidc.close()]);
    },
  };
};
