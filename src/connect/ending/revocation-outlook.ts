import type { Directory } from '../../config/directory.js';
import type { Connection } from '../../domain/connection.js';
import { clientFor } from '../../providers/provider.js';

/**
 * What can be said of a permission before its Connection is ended. `asked`: the provider will be asked to revoke it, and the answer will
 * be shown. `unsupported`: the provider offers no way to revoke it. `unknown`: the provider cannot be asked, since it or our registration
 * there is no longer known, or not yet. `nothing`: the Connection has ended, and holds nothing that could be revoked.
 */
export const OUTLOOKS = ['asked', 'unsupported', 'unknown', 'nothing'] as const;
export type Outlook = (typeof OUTLOOKS)[number];

type Known = Pick<Directory, 'provider' | 'leaving'>;

/** Of all Connections of a provider. */
export const outlookAt = (directory: Known, id: string): Exclude<Outlook, 'nothing'> => {
  const provider = directory.provider(id) ?? directory.leaving(id);
  if (provider === undefined) return 'unknown';
  return provider.revocation.kind === 'none' ? 'unsupported' : 'asked';
};

/** Of one Connection. */
export const outlookOf = (
  directory: Known,
  { provider: id, viewer, clientId, status }: Pick<Connection, 'provider' | 'viewer' | 'clientId' | 'status'>,
): Outlook => {
  if (status === 'reconnect') return 'nothing';
  const provider = directory.provider(id) ?? directory.leaving(id);
  const isOurs = provider !== undefined && clientFor(provider, viewer.host)?.id === clientId;
  const outlook = outlookAt(directory, id);
  return outlook === 'asked' && !isOurs ? 'unknown' : outlook;
};
