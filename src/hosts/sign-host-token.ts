import { SignJWT } from 'jose';
import { Secret } from '../domain/secret.js';

/** Signs a host token by HS256, for the one host that this server is itself. */
export const signHostToken = async (
  key: Secret,
  claims: Readonly<Record<string, string | number>>,
): Promise<Secret> => {
  const bytes = new TextEncoder().encode(key.reveal());
  return new Secret(
    await new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(bytes),
  );
};
