import type { Row, Run } from './database.js';
import { type Query, sql } from './sql.js';
import type { SqliteLine } from './sqlite-line.js';

interface Waiting {
  readonly query: Query;
  resolve(rows: readonly Row[]): void;
  reject(error: unknown): void;
}

/** So many statements share a commit at most, so that the first of them need not wait long. */
export const TOGETHER = 64;

/** One statement's outcome, to be told only when it is on the disk. A statement that fails undoes itself and no other. */
const attempt = (writer: SqliteLine, { query, resolve, reject }: Waiting): Promise<() => void> =>
  writer.run(query).then(
    (rows) => () => resolve(rows),
    (error: unknown) => () => reject(error),
  );

/** Ends a transaction that failed, for a reason that is told already: a disk that is full may have ended it before. */
export const rollBack = async (writer: SqliteLine): Promise<void> => {
  await writer.run(sql`rollback`).catch(() => undefined);
};

const together = async (writer: SqliteLine, batch: readonly Waiting[]): Promise<void> => {
  const outcomes: (() => void)[] = [];
  try {
    await writer.run(sql`begin immediate`);
    for (const waiting of batch) outcomes.push(await attempt(writer, waiting));
    await writer.run(sql`commit`);
  } catch (error) {
    for (const { reject } of batch) reject(error);
    await rollBack(writer);
    return;
  }
  for (const tell of outcomes) tell();
};

/**
 * Writes that are asked for while another is on its way to the disk share one commit: a flush of the disk costs more than all
 * their work. Each stays a statement of its own, fails alone, and is answered only when it is durable.
 */
export const groupCommit = (writer: SqliteLine, most = TOGETHER): Run => {
  let waiting: Waiting[] = [];

  const flush = async (): Promise<void> => {
    const batch = waiting.slice(0, most);
    waiting = waiting.slice(most);
    if (waiting.length > 0) void writer.inTurn(flush);
    const [only] = batch;
    if (only !== undefined && batch.length === 1) (await attempt(writer, only))();
    else await together(writer, batch);
  };

  return (query) =>
    new Promise((resolve, reject) => {
      waiting.push({ query, resolve, reject });
      if (waiting.length === 1) void writer.inTurn(flush);
    });
};
