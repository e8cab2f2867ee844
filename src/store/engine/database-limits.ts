/** How much a database's connections hold at once and what they wait for, where it is not the usual. */
export interface DatabaseLimits {
  /** Statements that each of SQLite's connections keeps prepared. */
  readonly prepared?: number;
  /** Writes that share one commit on SQLite. */
  readonly together?: number;
  /** False for a SQLite file that is thrown away soon: no commit waits for the disk. */
  readonly durable?: boolean;
  /** Connections to PostgreSQL; two at least, since a transaction may wait for what another statement brings. */
  readonly connections?: number;
}
