import { type DatabaseFault, DatabaseTrouble } from '../database-trouble.js';

/** What is wrong, and what to do about it; `name` is where the database is. */
const SENTENCES: Readonly<Record<DatabaseFault, (name: string) => string>> = {
  not_made: (name) =>
    `There is no database at ${name}. “oriel serve” makes it when it starts; if it was moved, put it back or correct \`database\`.`,
  missing: (name) => `There is no database ${name}. Make it, or correct \`database\`.`,
  foreign: (name) =>
    `${name} is not a database of Oriel. Name another one in \`database\`; nothing was changed in this one.`,
  damaged: (name) => `The database ${name} is damaged. Restore a backup: oriel restore FILE --replace.`,
  older: (name) =>
    `The database ${name} has an older schema than this version of Oriel uses. “oriel migrate” brings it forward, and so does “oriel serve” when it starts: stop the older servers first.`,
  newer: (name) =>
    `The database ${name} has a newer schema than this version of Oriel knows. Run the newer version that wrote it, or restore a backup made before the upgrade.`,
  read_only: (name) =>
    `The database ${name} cannot be written: it or its folder is read-only. Make it writable for the user who runs Oriel.`,
  forbidden: (name) =>
    `This user may not use the database ${name}. Run the command as the user who runs the server, or correct who may use it; with PostgreSQL, correct user and password in \`database\`.`,
  locked: (name) =>
    `The database ${name} is locked by another program that does not let go of it. End that program, then try again.`,
  full: (name) =>
    `The disk of the database ${name} is full. Make room; a server that is running goes on by itself.`,
  unreachable: (name) =>
    `The database ${name} does not answer. Start it, or correct \`database\`; a server that is running goes on by itself.`,
  untrusted: (name) =>
    `The certificate of the database ${name} is not trusted, or it does not offer TLS. Name the authority that signed it in \`database.ca\`, or write \`tls: off\` where no one else can read the network between.`,
  contended: (name) =>
    `Too many changes of the same rows met in the database ${name}. What was asked can be asked again; if this goes on, look for another program that uses the database.`,
  failing: (name) =>
    `The disk of the database ${name} reports errors. Look at the disk and the system’s log before anything else.`,
};

/** `detail` replaces the usual sentence where more is known. */
export const troubleOf = (
  fault: DatabaseFault,
  name: string,
  { cause, detail }: { readonly cause?: unknown; readonly detail?: string } = {},
): DatabaseTrouble => new DatabaseTrouble(fault, detail ?? SENTENCES[fault](name), cause);
