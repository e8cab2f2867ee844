import type { Actor } from '../../domain/actor.js';
import type { Secret } from '../../domain/secret.js';
import type { Entry } from '../../domain/setup-record.js';
import type { Entropy } from '../../domain/system.js';
import type { ManagedRecord, Records } from '../records/record-types.js';

/** A host that was saved, and the secret that was made for it. It is sealed, and cannot be had again. */
export interface HostWithSecret {
  readonly record: ManagedRecord;
  readonly secret: Secret;
}

/** Secrets for hosts to sign with (HS256), made here: nobody has to think one up, or to send one. */
export interface HostSecrets {
  /** As `create` of a host, whatever key the entry names. */
  create(id: string, entry: Entry, by: Actor): Promise<HostWithSecret>;
  /** Takes the place of whatever key the host had, in its version `version`; throws as `change` does. */
  renew(id: string, version: number, by: Actor): Promise<HostWithSecret>;
}

export const hostSecrets = (
  records: Pick<Records, 'get' | 'create' | 'change'>,
  entropy: Pick<Entropy, 'secret'>,
): HostSecrets => {
  const withNew = (entry: Entry) => {
    const secret = entropy.secret();
    return { secret, next: { ...entry, key: { algorithm: 'HS256', secret: secret.reveal() } } };
  };
  return {
    async create(id, entry, by) {
      const { next, secret } = withNew(entry);
      return { record: await records.create('host', id, next, by), secret };
    },
    async renew(id, version, by) {
      const { next, secret } = withNew((await records.get('host', id)).entry ?? {});
      return { record: await records.change('host', id, next, version, by), secret };
    },
  };
};
