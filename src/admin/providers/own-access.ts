import type { Directory } from '../../config/directory.js';
import type { AccessOutcome, AccessSource } from '../../connect/tokens/access-source.js';
import type { Actor } from '../../domain/actor.js';
import { adminViewer } from '../../hosts/console-host.js';
import type { Provider } from '../../providers/provider.js';

/**
 * An administrator's own connection, made in the console's preview, to a provider as it serves; null for whoever has no preview, and
 * where the record in hand leads elsewhere than the one in force, which a token must not follow.
 */
export const ownAccess =
  ({
    access,
    directory,
  }: {
    readonly access: Pick<AccessSource, 'fresh'>;
    readonly directory: Pick<Directory, 'provider'>;
  }): ((by: Actor, provider: Provider) => Promise<AccessOutcome | null>) =>
  async (by, { id, api, tokenEndpoint }) => {
    const serving = directory.provider(id);
    const isSame = serving?.api === api && serving.tokenEndpoint === tokenEndpoint;
    return by.kind === 'admin' && isSame ? access.fresh(adminViewer(by), serving) : null;
  };
