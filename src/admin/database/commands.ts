import { resolve } from 'node:path';
import { type CommandLine, group, running, withJson } from '../../cli/command.js';
import { progressBar } from '../../cli/progress-bar.js';
import { requireUnused } from '../../cli/unused-database.js';
import { databaseAddress, databaseSchema } from '../../config/database-settings.js';
import { readConfigBesideStore } from '../../config/read-config.js';
import { copyDatabase, migrateDatabase } from '../../store/backup/copy.js';
import { type DatabaseAddress, databaseName } from '../../store/engine/database-address.js';

const addressIn = (text: string): DatabaseAddress => {
  const parsed = databaseSchema.safeParse(text);
  // The address is not repeated: it may hold a password.
  if (!parsed.success)
    throw new Error(
      'A database is given as sqlite:FILE or postgres://USER@HOST/NAME, and one of them is neither.',
    );
  return databaseAddress(parsed.data, resolve('.'));
};

const copy = async (
  file: string,
  { json = false }: { readonly json?: boolean },
  [source = '', target = '']: readonly string[],
): Promise<void> => {
  const { database, keys } = readConfigBesideStore(file);
  const from = addressIn(source);
  const to = target === '' ? database : addressIn(target);
  if (databaseName(from) === databaseName(to)) throw new Error('These are the same database.');
  await requireUnused(from);
  await requireUnused(to);
  const bar = json ? null : progressBar('rows copied', process.stderr);
  const copied = await copyDatabase({ from, to }, keys, ({ done, total }) => bar?.show(done, total));
  bar?.end();
  const { audit, opened, rows, unopened } = copied;
  const whole = unopened === 0 && audit.intact;
  if (!whole) process.exitCode = 1;
  if (json) return console.log(JSON.stringify({ ...copied, whole }));
  console.log(
    [
      `Copied ${databaseName(from)} to ${databaseName(to)}. As many rows are in both:`,
      ...Object.entries(rows).map(([table, count]) => `  ${table.padEnd(18)}${count}`),
      unopened === 0
        ? `All ${opened} sealed values open with the key ring.`
        : `${unopened} of ${opened + unopened} sealed values can’t be opened: add the keys of that time to \`keys\`, behind the first one.`,
      audit.intact
        ? `The audit log is intact: ${audit.entries} entries.`
        : `The audit log is broken at entry ${audit.brokenAt}: ${audit.reason}`,
      ...(target === '' ? [] : ['Name the new one in `database`, then start the servers.']),
    ].join('\n'),
  );
};

const migrate = async (file: string, { json = false }: { readonly json?: boolean }): Promise<void> => {
  const { database } = readConfigBesideStore(file);
  const migrated = await migrateDatabase(database);
  const { after, before, name } = migrated;
  if (json) return console.log(JSON.stringify(migrated));
  console.log(
    before === after
      ? `${name} has schema ${after} already; nothing was changed.`
      : before === 0
        ? `${name} was made, with schema ${after}.`
        : `${name} was brought from schema ${before} to ${after}. Servers of older versions no longer write to it.`,
  );
};

/** `oriel migrate`, `oriel database copy FROM [TO]` */
export const databaseCommands = ({ oriel }: CommandLine): void => {
  withJson(oriel.command('migrate'))
    .description('bring the database’s schema forward to this version, as “serve” does when it starts')
    .action(running(migrate));
  withJson(group(oriel, 'database').command('copy'))
    .description('copy a whole database into an empty one, such as from SQLite to PostgreSQL, and prove it')
    .argument('<from>', 'sqlite:FILE or postgres://USER@HOST/NAME')
    .argument('[to]', 'the same; unless given, the configuration’s database')
    .action(running(copy));
};
