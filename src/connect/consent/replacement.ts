import { asViewer, SYSTEM } from '../../domain/actor.js';
import type { Connection, TokenSet } from '../../domain/connection.js';
import type { Flow } from '../../domain/flow.js';
import { recorder } from '../audited.js';
import { takingBack } from '../ending/take-back.js';
import type { ConnectPorts } from '../ports.js';

interface Replaced {
  readonly connection: Connection;
  readonly tokens: TokenSet;
}

/** What a new Connection means for older ones: the viewer's own that it replaces, and others of the same account. */
export const replacement = (ports: ConnectPorts) => {
  const { caches, directory, journal } = ports;
  const { connections } = ports.stores;
  const record = recorder(ports.audit);
  const takeBack = takingBack(ports);

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

    /** What a new Connection would replace, where it can be said whose account it was. */
    async replacedBy({ id, viewer, provider }: Flow): Promise<Replaced | null> {
      const before = await connections.find(viewer, provider);
      if (before === null || before.account === null || before.flow === id) return null;
      const tokens = await connections.tokens(before);
      return tokens === null ? null : { connection: before, tokens };
    },

    /** The tokens of an account that the viewer no longer uses. Nobody waits for it: the frame is to show the new data now. */
    revokeReplaced(old: Replaced, connection: Connection): void {
      if (connection.account === null || old.connection.account?.id === connection.account.id) return;
      takeBack(old.tokens, { ...old.connection, since: old.connection.createdAt })
        .then(async (outcome) => {
          journal.note('replaced-revoked', { connection: connection.id, outcome });
          await record('connection.disconnected', 'done', asViewer(connection.viewer), connection, outcome);
        })
        .catch((error: unknown) =>
          journal.warn('replaced-not-revoked', { connection: connection.id, error: String(error) }),
        );
    },
  };
};
