import type { Query, Value } from './sql.js';

export type Row = Readonly<Record<string, Value>>;

/** Runs one statement and gives the rows it selected or returned. */
export type Run = (query: Query) => Promise<readonly Row[]>;

/** Runs statements without values, one after another, in one call of the engine: as many cost little more than one. */
export type RunAll = (queries: readonly Query[]) => Promise<void>;

/** All that the stores ask of an engine. What keeps it from being used at all is thrown as `DatabaseTrouble`. */
export interface Database {
  readonly dialect: 'sqlite' | 'postgres';
  /** Where it is, as administrators know it: a path, or host, port and name; never a password. */
  readonly name: string;
  /** One statement that changes nothing. It sees every write whose promise was fulfilled before it was asked. */
  read: Run;
  /** As `read`, for what may take long, such as lists and searches: nothing else waits for it. */
  browse: Run;
  /** One statement, atomic, and durable when its promise is fulfilled. */
  write: Run;
  /**
   * A transaction beside which no other exclusive one runs, in any process. Rolled back when `work` fails; where it met a statement
   * of another process it may be started again, and `work` with it.
   */
  exclusive<T>(work: (run: Run, runAll: RunAll) => Promise<T>): Promise<T>;
  /** Reads only, all of one moment, beside whatever is written in the meantime. */
  snapshot<T>(work: (run: Run) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
