import type { AuditVerdict } from './audit.js';

/** A row of the store as a backup holds it: column → value. Tokens and entries stay sealed in it. */
export interface ArchivedRow {
  readonly table: string;
  readonly row: Readonly<Record<string, string | number | null>>;
}

/** What a backup says of itself before its rows. */
export interface ArchiveHead {
  /** The schema its rows are of. */
  readonly schema: number;
  readonly takenAt: number;
}

/** Reads everything worth keeping, as of one moment, while the server serves. */
export interface Archive {
  readonly schema: number;
  /** Everything as of the moment the first row is asked for; to be read to its end, or returned from. */
  rows(): AsyncIterable<ArchivedRow>;
}

/** What was found in a database that a backup was loaded into. */
export interface Proof {
  /** Table → rows. */
  readonly rows: Readonly<Record<string, number>>;
  /** Sealed values that the key ring opens, and those it does not. */
  readonly opened: number;
  readonly unopened: number;
  readonly audit: AuditVerdict;
}
