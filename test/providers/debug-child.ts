import { createRequire } from 'node:module';
import { Secret } from '../../src/domain/secret.js';
import { AddressGuards } from '../../src/net/address-guard.js';
import { Authorizer } from '../../src/providers/authorizer.js';
import { providerAt } from '../upstream/setting.js';
import { says, stubServer } from '../upstream/stub-server.js';

/** A whole exchange in a process of its own, which prints its outcomes and then everything that `debug` wrote. */
const run = async (): Promise<void> => {
  const here = createRequire(import.meta.url);
  const debug = createRequire(here.resolve('simple-oauth2'))('debug');
  const log: string[] = [];
  debug.log = (...parts: readonly unknown[]) => log.push(parts.map(String).join(' '));
  const stub = await stubServer(says(200, '{"access_token":"new-access","token_type":"bearer"}'));
  const revocation = { kind: 'rfc7009', endpoint: `${stub.origin}/revoke` } as const;
  const provider = providerAt(stub.origin, { revocation });
  const client = { id: 'oriel', secret: new Secret('the-secret') };
  const oauth = new Authorizer({ clock: Date, guards: new AddressGuards() });
  const grant = { code: new Secret('the-code'), redirectUri: 'https://o.example/cb', verifier: null };
  const redeemed = await oauth.redeem(provider, client, grant);
  const old = {
    accessToken: new Secret('old-access'),
    refreshToken: new Secret('old-refresh'),
    issuedAt: 0,
    expiresAt: null,
    scopes: null,
  };
  const refreshed = await oauth.refresh(provider, client, old, grant.redirectUri);
  const revoked = await oauth.revoke(provider, client, old);
  debug('somebody-else')('canary of another package');
  process.stdout.write(`${redeemed.kind} ${refreshed.kind} ${revoked}\n---\n${log.join('\n')}`);
  await stub.close();
};

await run();
