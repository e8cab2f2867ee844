import type { SealingKey } from '../domain/keys.js';
import type { Clock } from '../domain/ports.js';
import type { Stores } from '../domain/stores.js';
import { adminStore } from './admins.js';
import { apiKeyStore } from './api-keys.js';
import { archiveOf } from './archive.js';
import { auditStore } from './audit.js';
import { clientStops } from './client-stops.js';
import { connectionLists } from './connection-lists.js';
import { connectionStore } from './connections.js';
import { departureStore } from './departures.js';
import { flowStore } from './flows.js';
import { frameSessionStore } from './frame-sessions.js';
import { instanceStore } from './instances.js';
import { meterStore } from './meter.js';
import { checkSchema, migrate } from './migrate.js';
import { openDatabase } from './open-database.js';
import { rememberedConnections, rememberedFrameSessions } from './remembered.js';
import { resealStore } from './reseal.js';
import { sealer } from './seal.js';
import { setupStore } from './setup-records.js';
import { signInThrottle } from './sign-in-throttle.js';
import { spentTokens } from './spent-tokens.js';
import { ticketStore } from './tickets.js';
import { tokenSealer } from './token-set.js';
import { webSessionStore } from './web-sessions.js';

/**
 * Opens the database named by `url` (`sqlite:./oriel.db`, `sqlite::memory:`, `postgres://…`), brings its schema forward, and gives
 * its stores. Throws a plain Error that says what to do when the key ring is unusable or the schema is newer than ours.
 */
export const openStores = async ({
  url,
  keys,
  clock,
}: {
  readonly url: string;
  readonly keys: readonly SealingKey[];
  readonly clock: Clock;
}): Promise<Stores> => {
  const seals = sealer(keys);
  const database = await openDatabase(url);
  try {
    await migrate(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  return {
    connections: rememberedConnections(connectionStore(database, tokenSealer(seals)), clock),
    flows: flowStore(database, seals),
    ...rememberedFrameSessions(
      {
        frameSessions: frameSessionStore(database),
        connectionLists: connectionLists(database),
        departures: departureStore(database),
      },
      clock,
    ),
    tickets: ticketStore(database),
    spentTokens: spentTokens(database),
    webSessions: webSessionStore(database),
    clientStops: clientStops(database),
    meter: meterStore(database),
    audit: auditStore(database, seals),
    setup: setupStore(database, seals),
    admins: adminStore(database),
    apiKeys: apiKeyStore(database),
    signInThrottle: signInThrottle(database, clock),
    instances: instanceStore(database),
    useKeys: (ring) => seals.use(ring),
    reseal: resealStore(database, seals),
    archive: archiveOf(database),
    ping: () => checkSchema(database),
    close: () => database.close(),
  };
};
