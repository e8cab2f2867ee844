import type { Actor } from '../../domain/actor.js';
import type { Secret } from '../../domain/secret.js';
import type { Entry } from '../../domain/setup-record.js';
import type { Deps } from '../admin-deps.js';
import {
  changeRecord,
  createRecord,
  getRecord,
  type ListingDeps,
  type ManagedRecord,
} from '../records/use-cases.js';

/** A host that was saved, and the secret that was generated for it. It is sealed, and cannot be shown again. */
export interface HostWithSecret {
  readonly record: ManagedRecord;
  readonly secret: Secret;
}

type SecretDeps = ListingDeps & Deps<'clock' | 'entropy'>;

/** A secret for the host to sign with (HS256), generated here: no one has to make one up, or to send one. */
function withNewSecret({ entropy }: SecretDeps, entry: Entry) {
  const secret = entropy.secret();
  return { secret, next: { ...entry, key: { algorithm: 'HS256', secret: secret.reveal() } } };
}

/** As `createRecord` of a host, whatever key the entry names. */
export async function createHostWithSecret(
  deps: SecretDeps,
  id: string,
  entry: Entry,
  by: Actor,
): Promise<HostWithSecret> {
  const { next, secret } = withNewSecret(deps, entry);
  return { record: await createRecord(deps, 'host', id, next, by), secret };
}

/** Replaces whatever key the host had in its version `version`; throws as `changeRecord` does. */
export async function renewHostSecret(
  deps: SecretDeps,
  id: string,
  version: number,
  by: Actor,
): Promise<HostWithSecret> {
  const { next, secret } = withNewSecret(deps, (await getRecord(deps, 'host', id)).entry ?? {});
  return { record: await changeRecord(deps, { kind: 'host', id, version }, next, by), secret };
}
