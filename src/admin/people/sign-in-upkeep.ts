import type { Clock } from '../../domain/system.js';
import type { ManagePorts } from '../admin-ports.js';

/** Forgets invitations and tries at signing in that are over. */
export const signInUpkeep =
  ({ stores, clock }: { readonly stores: ManagePorts['stores']; readonly clock: Clock }) =>
  async (): Promise<void> => {
    const now = clock.now();
    await stores.admins.sweep(now);
    await stores.signInThrottle.sweep(now);
  };
