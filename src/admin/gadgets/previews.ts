import type { Admin } from '../../domain/administrator.js';
import { AppError } from '../../domain/errors.js';
import type { Secret } from '../../domain/secret.js';
import { adminViewer, CONSOLE_HOST } from '../../hosts/console-host.js';
import type { Host } from '../../hosts/host.js';
import type { ManagePorts } from '../admin-ports.js';

/** Seconds a token of the console lives. */
const LIFE = 60;

/** Shows an administrator a gadget as themselves: with their own accounts, and nobody else's. */
export interface Previews {
  /** A token that launches this gadget once, for this administrator. Throws `gadget_unknown`. */
  token(admin: Admin, gadget: string): Promise<Secret>;
}

/** Signs the claims of a host token with a secret. */
export type SignToken = (key: Secret, claims: Readonly<Record<string, string | number>>) => Promise<Secret>;

const secretOf = (host: Host | undefined): Secret => {
  if (host?.key.kind !== 'secret') throw new AppError('host_unknown', 'This server has no console.');
  return host.key.secret;
};

export const previews = ({
  directory,
  clock,
  entropy,
  gadgetOrigin,
  sign,
}: Pick<ManagePorts, 'directory' | 'clock' | 'entropy' | 'gadgetOrigin'> & {
  readonly sign: SignToken;
}): Previews => ({
  async token(admin, gadget) {
    // The console may show every gadget there is; its launch is judged like any other.
    const key = secretOf(directory.host(CONSOLE_HOST));
    if (directory.gadget(gadget) === undefined)
      throw new AppError('gadget_unknown', 'There is no such gadget.');
    const now = Math.floor(clock.now() / 1000);
    return sign(key, {
      iss: CONSOLE_HOST,
      aud: gadgetOrigin,
      sub: adminViewer(admin).sub,
      name: admin.name,
      gadget,
      iat: now,
      exp: now + LIFE,
      jti: entropy.id(),
    });
  },
});
