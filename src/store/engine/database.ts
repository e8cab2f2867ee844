import type { Query, Value } from './sql.js';

export type Row = Readonly<Record<string, Value>>;

/** Runs one statement and gives the rows it selected or returned. */
export type Run = (query: Query) => Promise<readonly Row[]>;

/** Runs statements without values, one after another, in one call of the engine: as many cost little more than one. */
export type RunAll = (queries: readonly Query[]) => Promise<void>;

/** Runs one text as a library wrote it: several statements where there are no values. */
export type RunText = (
  text: string,
  values?: readonly unknown[],
) => Promise<{ readonly rows: Record<string, unknown>[] }>;

/** For a library that writes its own statements, for this engine. Each may change something. */
export interface LibraryStatements {
  readonly run: RunText;
  /** All on one connection, and all or none of them done. */
  transaction<T>(work: (run: RunText) => Promise<T>): Promise<T>;
}

/** What a lock is for: those of one purpose wait for each other, in whatever process they are. A viewer's own limits are one for each viewer. */
export type Purpose =
  | 'schema'
  | 'audit and setup'
  | 'connections'
  | 'clients'
  | 'administrators'
  | 'reload'
  | 'counts'
  | 'meter'
  | `viewer ${string}`;

/** All that the stores ask of an engine. What keeps it from being used at all is thrown as `DatabaseTrouble`. */
export interface Database {
  readonly dialect: 'sqlite' | 'postgres';
  /** Where it is, as administrators know it: a path, or host, port and name; never a password. */
  readonly name: string;
  /** One statement that changes nothing. It sees every write whose promise was fulfilled before it was asked. */
  read: Run;
  /** As `read`, for what may take long, such as lists and searches: nothing else waits for it. */
  browse: Run;
  /**
   * One statement, atomic, and durable when its promise is fulfilled. Its condition is about the rows that it changes, or about what never
   * changes: other rows may be changed in the same moment.
   */
  write: Run;
  /** As `write`, beside nothing else of the same purpose: its condition may be about any row that is changed for that purpose alone. */
  alone(purpose: Purpose, query: Query): Promise<readonly Row[]>;
  /**
   * A transaction beside which nothing else of the same purpose runs, in any process. Rolled back when `work` fails; where it met a
   * statement of another process, or lost its connection, it may be started again, and `work` with it.
   */
  exclusive<T>(purpose: Purpose, work: (run: Run, runAll: RunAll) => Promise<T>): Promise<T>;
  /** Reads only, all of one moment, beside whatever is written in the meantime. */
  snapshot<T>(work: (run: Run) => Promise<T>): Promise<T>;
  /**
   * Calls `onNotice` soon after another process changed what is remembered or declared, until the database is closed; also when something
   * may have been missed. Does nothing where the engine has no such thing: then what others changed is looked for.
   */
  listen?(onNotice: () => void): void;
  /** Only of PostgreSQL. */
  readonly library?: LibraryStatements | undefined;
  close(): Promise<void>;
}
