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
  /** Gives each row to `take`, which may keep the next one waiting. */
  rows(take: (row: ArchivedRow) => Promise<void>): Promise<void>;
}

/** What was found in a database that a backup was loaded into. */
export interface Proof {
  /** Table → rows. */
  readonly rows: Readonly<Record<string, number>>;
  /** Sealed values that the key ring opens, and those it does not. */
  readonly opened: number;
  readonly unopened: number;
}
