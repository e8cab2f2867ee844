import type { ConnectPorts } from '../../connect/connect-ports.js';
import type { AccessOutcome } from '../../connect/tokens/access-source.js';
import { accessSource } from '../../connect/tokens/fresh-connection.js';
import type { Actor } from '../../domain/actor.js';
import { adminViewer } from '../../hosts/console-host.js';
import type { Provider } from '../../providers/provider.js';

/**
 * An administrator's own connection, made in the console's preview, to a provider as it serves; null for whoever has no preview, and
 * where the record in hand leads elsewhere than the one in force, which a token must not follow.
 */
export const ownAccess = (
  ports: ConnectPorts,
): ((by: Actor, provider: Provider) => Promise<AccessOutcome | null>) => {
  const access = accessSource(ports);
  return async (by, { id, api, tokenEndpoint }) => {
    const serving = ports.directory.provider(id);
    const isSame = serving?.api === api && serving.tokenEndpoint === tokenEndpoint;
    return by.kind === 'admin' && isSame ? access.fresh(adminViewer(by), serving) : null;
  };
};
