import { disconnectByAdministrator } from '../connect/ending/disconnect.js';
import { type ConnectPorts, redirectUriOf } from '../connect/ports.js';
import { clientsOf } from '../connect/tokens/clients.js';
import { signHostToken } from '../hosts/sign-host-token.js';
import { auditTrail } from '../manage/audit/audit-log.js';
import { connectionAdmin } from '../manage/connections/connections.js';
import { departures, startDeparture } from '../manage/connections/departures.js';
import { refreshing } from '../manage/connections/refresh-trouble.js';
import { providerDrafts } from '../manage/dry-run/provider-drafts.js';
import { providerTests } from '../manage/dry-run/provider-tests.js';
import type { Management } from '../manage/management.js';
import { overview } from '../manage/overview/overview.js';
import { administrators } from '../manage/people/admins.js';
import { apiKeys } from '../manage/people/api-keys.js';
import { type SignInPorts, signIn } from '../manage/people/sign-in.js';
import type { ManagePorts } from '../manage/ports.js';
import { previews } from '../manage/previews.js';
import { changingRecords } from '../manage/records/changing-records.js';
import { hostSecrets } from '../manage/records/host-secrets.js';
import { listingRecords } from '../manage/records/listing-records.js';
import type { RecordPorts } from '../manage/records/records.js';
import { removingRecords } from '../manage/records/removing-records.js';
import { backups } from '../manage/server/backups.js';
import { keyRotation } from '../manage/server/key-rotation.js';
import { configuration } from '../manage/server/reloading.js';
import { rotationUnderWay } from '../manage/server/rotation-under-way.js';
import { writeSnippets } from '../manage/snippets/write-snippets.js';
import { readCertificates } from '../oauth/probe-certificates.js';
import { backupStream } from './backup-file.js';
import { certificateEnd } from './certificate-end.js';
import type { Outgoing } from './outgoing.js';
import { ownAccess } from './own-access.js';
import { isGone } from './setup/peers.js';

/** All that the stories are bound to: the ports of staying in charge and of connecting, and the doors to the providers. */
export type ManagementWorld = ManagePorts & SignInPorts & RecordPorts & ConnectPorts & Outgoing;

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
    isStopped: clientsOf(world).isStopped,
    ownAccess: ownAccess(world),
    throttle: world.stores.dryRunThrottle,
  }),
  configuration: configuration({ ...world, isGone }),
  connections: connectionAdmin({
    ...world,
    records: listingRecords(world),
    disconnect: disconnectByAdministrator(world),
    startDeparture: startDeparture(world),
  }),
  refreshing: refreshing({ ...world, records: listingRecords(world) }),
  previews: previews({ ...world, sign: signHostToken }),
  snippets: writeSnippets(world),
  overview: overview({ ...world, records: listingRecords(world), certificateEnd }),
});
