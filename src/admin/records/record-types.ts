import type { FileEntries, ReadEntries } from '../../config/read-entries.js';
import type { Actor } from '../../domain/actor.js';
import type { Departure } from '../../domain/departure.js';
import type { Fault } from '../../domain/fault.js';
import type { Entry, SetupKind } from '../../domain/setup-record.js';
import type { ManagePorts } from '../admin-ports.js';

/** A provider or host as administrators see it, whichever way it was declared. */
export interface ManagedRecord {
  readonly kind: SetupKind;
  readonly id: string;
  readonly name: string;
  /** `file`: the configuration file declares it, and only there it can be changed. */
  readonly origin: 'file' | 'store';
  /** Of a record in the store, to be given back with a change; null of one in the file. */
  readonly version: number | null;
  /** As the file would declare it; each secret is a `MaskedSecret`. Null when no key opens it. */
  readonly entry: Entry | null;
  readonly updatedAt: number | null;
  readonly updatedBy: string | null;
  /** Since when it is being removed. */
  readonly leavingAt: number | null;
  /** Why it serves nobody although it is not being removed; none where all is well. */
  readonly faults: readonly Fault[];
}

/** What is told of a secret. Given back unchanged where a secret belongs, it means: as it is. */
export interface MaskedSecret {
  readonly set: true;
  /** Its last four characters; empty of a secret too short to tell. */
  readonly ends: string;
  /** Tells one secret from another: `Fingerprints`. */
  readonly fingerprint: string;
  /** When it was set here, epoch milliseconds; absent where that is not known. */
  readonly setAt?: number;
}

/** The providers and hosts: those of the file to look at, those of the store to change. */
export interface Records {
  list(kind: SetupKind): Promise<readonly ManagedRecord[]>;
  /** Throws `record_unknown`. */
  get(kind: SetupKind, id: string): Promise<ManagedRecord>;
  /** CIDR: the private addresses that records choose within. */
  bound(): readonly string[];
  /** What would be wrong if this were saved; nothing is changed. */
  check(kind: SetupKind, id: string, entry: Entry): Promise<readonly Fault[]>;
  /** Throws `record_exists`, `record_in_file` and `InvalidRecord`. */
  create(kind: SetupKind, id: string, entry: Entry, by: Actor): Promise<ManagedRecord>;
  /** `version` is that of the record the change was made of. Throws `record_changed` when there is a newer one. */
  change(kind: SetupKind, id: string, entry: Entry, version: number, by: Actor): Promise<ManagedRecord>;
  /**
   * It serves nobody from now on; its Connections are revoked in the background. Throws `record_changed`, and `InvalidRecord` while the
   * configuration file names it. One that the file declares too is given up to the file at once, with its Connections.
   */
  remove(kind: SetupKind, id: string, version: number, by: Actor): Promise<Departure>;
}

/** The providers and hosts that this process serves by, of file and store together. */
export interface InForce {
  /** What the file declared when it was read last. */
  file(): FileEntries;
  /** CIDR: the private addresses that the file lets records choose within. */
  bound(): readonly string[];
  /** Reads entries as the file would be read, the gadgets on disk known. */
  readonly read: ReadEntries;
  /** Mistakes in records of the store, which are left out for them. */
  faults(): readonly Fault[];
  /** Takes up what the store holds now. Resolves when it is in force, discovery tried once. */
  refresh(): Promise<void>;
}

export interface RecordPorts extends Pick<ManagePorts, 'stores' | 'clock' | 'entropy' | 'digest'> {
  readonly inForce: InForce;
}
