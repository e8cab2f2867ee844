import { createSecretKey, type KeyObject, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';

export const HOST_SECRET = 'a-secret-of-a-host-application-for-tests-0001';

/** Signs a host token. `claims` are laid over a good token's; undefined takes one out. */
export const signHostToken = async (
  claims: Readonly<Record<string, unknown>> = {},
  {
    key = createSecretKey(Buffer.from(HOST_SECRET)),
    header = { alg: 'HS256' },
  }: {
    key?: KeyObject;
    header?: { alg: string } & Record<string, unknown>;
  } = {},
): Promise<string> => {
  const now = Math.floor(Date.now() / 1000);
  const good = {
    iss: 'gocd',
    aud: 'http://127.0.0.1:3000',
    sub: 'ann',
    name: 'Ann',
    iat: now,
    exp: now + 60,
    jti: randomUUID(),
  };
  const payload = Object.fromEntries(
    Object.entries({ ...good, ...claims }).filter(([, value]) => value !== undefined),
  );
  return new SignJWT(payload).setProtectedHeader(header).sign(key);
};
