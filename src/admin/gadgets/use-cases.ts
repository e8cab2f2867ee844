import type { Admin } from '../../domain/administrator.js';
import { AppError } from '../../domain/errors.js';
import type { Secret } from '../../domain/secret.js';
import { gadgetNamed } from '../../hosts/bound-gadget.js';
import { adminViewer, CONSOLE_HOST } from '../../hosts/console-host.js';
import type { Host } from '../../hosts/host.js';
import { signHostToken } from '../../hosts/host-tokens.js';
import type { AdminDeps } from '../admin-deps.js';

/** Seconds a token of the console is valid. */
const LIFE = 60;

const secretOf = (host: Host | undefined): Secret => {
  if (host?.key.kind !== 'secret') throw new AppError('host_unknown', 'This server has no console.');
  return host.key.secret;
};

/**
 * A token that launches this gadget once, for this administrator: the preview shows it with their own accounts, and no one else's. Throws
 * `gadget_unknown`.
 */
export async function issuePreviewToken(
  {
    directory,
    clock,
    entropy,
    gadgetOrigin,
  }: Pick<AdminDeps, 'directory' | 'clock' | 'entropy' | 'gadgetOrigin'>,
  admin: Admin,
  gadget: string,
): Promise<Secret> {
  // The console may show every gadget; its launch is checked like any other.
  const host = directory.host(CONSOLE_HOST);
  const key = secretOf(host);
  if (gadgetNamed(directory, host, gadget) === undefined)
    throw new AppError('gadget_unknown', 'There is no such gadget.');
  const now = Math.floor(clock.now() / 1000);
  return signHostToken(key, {
    iss: CONSOLE_HOST,
    aud: gadgetOrigin,
    sub: adminViewer(admin).sub,
    name: admin.name,
    gadget,
    iat: now,
    exp: now + LIFE,
    jti: entropy.id(),
  });
}
