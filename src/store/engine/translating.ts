import type { DatabaseFault } from '../database-trouble.js';
import type { Database } from './database.js';
import { troubleOf } from './database-faults.js';

/** What an engine's error says about the database as a whole; null of one statement's own failure. */
export type FaultOf = (error: unknown) => DatabaseFault | null;

/** Throws `error` again, as `DatabaseTrouble` where it is one of the whole database. */
export const rethrown = (error: unknown, name: string, faultOf: FaultOf): never => {
  const fault = faultOf(error);
  throw fault === null ? error : troubleOf(fault, name, { cause: error });
};

/** The same database, with the engine's own errors distinguished. */
export const translating = (database: Database, faultOf: FaultOf): Database => {
  const translated = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => rethrown(error, database.name, faultOf));
  const { library } = database;
  return {
    dialect: database.dialect,
    name: database.name,
    read: (query) => translated(database.read(query)),
    browse: (query) => translated(database.browse(query)),
    write: (query) => translated(database.write(query)),
    alone: (purpose, query) => translated(database.alone(purpose, query)),
    exclusive: (purpose, work) => translated(database.exclusive(purpose, work)),
    snapshot: (work) => translated(database.snapshot(work)),
    ...(database.listen !== undefined && { listen: database.listen }),
    ...(library !== undefined && {
      library: {
        run: (text, values) => translated(library.run(text, values)),
        transaction: (work) => translated(library.transaction(work)),
      },
    }),
    close: () => database.close(),
  };
};
