import { asViewer, SYSTEM } from '../../domain/actor.js';
import type { Connection, ConnectionId } from '../../domain/connection.js';
import { recorder } from '../audited-event.js';
import type { ConnectPorts } from '../connect-ports.js';
import { withdrawal } from '../ending/revoke-tokens.js';

/** What a new Connection means for older ones: the viewer's own that it replaces, and others of the same account. */
export const replacement = (ports: ConnectPorts) => {
  const { caches, directory, journal } = ports;
  const { connections } = ports.stores;
  const record = recorder(ports.audit);
  const withdraw = withdrawal(ports);

  return {
    /** A newer grant of the same account ends the older ones at this provider, so nobody shall find out by an error. */
    async displaceOthers(connection: Connection): Promise<void> {
      if (connection.account === null || !directory.provider(connection.provider)?.oneGrantPerAccount) return;
      for (const id of await connections.displace(connection)) {
        caches.purge(id);
        const displaced = await connections.byId(id);
        if (displaced !== null)
          await record('connection.ended', 'done', SYSTEM, displaced, 'connected-elsewhere');
      }
    },

    /**
     * The tokens of an account that the viewer no longer uses, kept under this id where there were any. Nobody waits for it: the frame
     * is to show the new data now.
     */
    revokeReplaced(replacedAs: ConnectionId, connection: Connection): void {
      const revoke = async (): Promise<void> => {
        const replaced = await connections.byId(replacedAs);
        if (replaced === null) return;
        const outcome = await withdraw(replaced);
        journal.note('replaced-revoked', { connection: connection.id, outcome });
        await record('connection.disconnected', 'done', asViewer(connection.viewer), connection, outcome);
      };
      revoke().catch((error: unknown) =>
        journal.warn('replaced-not-revoked', { connection: connection.id, error: String(error) }),
      );
    },
  };
};
