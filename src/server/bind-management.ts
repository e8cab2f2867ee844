import type { ManagePorts } from '../admin/admin-ports.js';
import { apiKeys } from '../admin/api-keys/use-cases.js';
import { auditTrail } from '../admin/audit/use-cases.js';
import { departures, startDeparture } from '../admin/connections/departures.js';
import { refreshing } from '../admin/connections/refresh-trouble.js';
import { connectionAdmin } from '../admin/connections/use-cases.js';
import { previews } from '../admin/gadgets/previews.js';
import { hostSecrets } from '../admin/hosts/host-secrets.js';
import { writeSnippets } from '../admin/hosts/write-snippets.js';
import { keyRotation } from '../admin/keys/key-rotation.js';
import { rotationUnderWay } from '../admin/keys/rotation-under-way.js';
import type { Management } from '../admin/management.js';
import { overview } from '../admin/overview/use-cases.js';
import { administrators } from '../admin/people/administrators.js';
import { type SignInPorts, signIn } from '../admin/people/sign-in.js';
import { ownAccess } from '../admin/providers/own-access.js';
import { providerDrafts } from '../admin/providers/provider-drafts.js';
import { providerTests } from '../admin/providers/provider-tests.js';
import { changingRecords } from '../admin/records/changing-records.js';
import { listingRecords } from '../admin/records/listing-records.js';
import type { RecordPorts } from '../admin/records/record-types.js';
import { removingRecords } from '../admin/records/removing-records.js';
import { backupStream } from '../admin/server/backup-file.js';
import { backups } from '../admin/server/backups.js';
import { configuration } from '../admin/server/reloading.js';
import { type ConnectDeps, redirectUriOf } from '../connect/connect-deps.js';
import { disconnectAsAdministrator } from '../connect/ending/disconnect.js';
import type { AccessSource } from '../connect/tokens/access-source.js';
import { isClientStopped } from '../connect/tokens/clients.js';
import { signHostToken } from '../hosts/host-tokens.js';
import { certificateEnd, readCertificates } from '../net/certificates.js';
import type { Outgoing } from './outgoing.js';
import { isGone } from './peers.js';

/** All that the stories are bound to: the ports of staying in charge and of connecting, and the doors to the providers. */
export type ManagementWorld = ManagePorts &
  SignInPorts &
  RecordPorts &
  ConnectDeps &
  Outgoing & { readonly access: Pick<AccessSource, 'fresh'> };

/** The stories of staying in charge, bound to their ports. */
export const management = (world: ManagementWorld): Management => ({
  gadgets: () => world.directory.gadgets(),
  backups: backups({ ...world, written: backupStream }),
  administrators: administrators(world),
  apiKeys: apiKeys(world),
  signIn: signIn(world),
  audit: auditTrail(world),
  keyRotation: keyRotation(world),
  rotation: rotationUnderWay(keyRotation(world), world.journal),
  departures: departures(world),
  records: { ...listingRecords(world), ...changingRecords(world), ...removingRecords(world) },
  hostSecrets: hostSecrets({ ...listingRecords(world), ...changingRecords(world) }, world.entropy),
  tests: providerTests({
    ...world,
    records: { ...listingRecords(world), ...changingRecords(world) },
    draft: providerDrafts(world),
    redirectUri: (provider) => redirectUriOf(world.siteOrigin, provider),
    readCertificates,
    isStopped: (provider, client) => isClientStopped(world, { provider, client }),
    ownAccess: ownAccess(world),
    throttle: world.stores.dryRunThrottle,
  }),
  configuration: configuration({ ...world, isGone }),
  connections: connectionAdmin({
    ...world,
    records: listingRecords(world),
    disconnect: (connection, by) => disconnectAsAdministrator(world, connection, by),
    startDeparture: startDeparture(world),
  }),
  refreshing: refreshing({ ...world, records: listingRecords(world) }),
  previews: previews({ ...world, sign: signHostToken }),
  snippets: writeSnippets(world),
  overview: overview({ ...world, records: listingRecords(world), certificateEnd }),
});
