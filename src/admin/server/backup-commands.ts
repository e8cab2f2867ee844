import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type CommandLine, running, withJson } from '../../cli/command.js';
import { requireFree, STANDARD_OUTPUT, withOutput } from '../../cli/output-file.js';
import { withManagement } from '../../server/management-at.js';
import { type Proven, restoreBackup } from '../../server/restore-backup.js';
import { timesAsIso } from '../iso-times.js';
import { writeBackup } from './backup-file.js';

const backup =
  (root: string) =>
  (
    file: string,
    { json, overwrite = false }: { readonly json?: boolean; readonly overwrite?: boolean },
    [target = '']: readonly string[],
  ) =>
    withManagement(file, root, async ({ management, world, by }) => {
      if (target === STANDARD_OUTPUT)
        return pipeline(Readable.from(await management.backups.made(by)), process.stdout, { end: false });
      await requireFree(target, overwrite);
      const made = await writeBackup(target, world.stores.archive, world.clock.now());
      await world.audit.record({ action: 'backup.made', by, outcome: 'done', subject: made.sha256 });
      const { rows, schema, sha256 } = made;
      if (json) console.log(JSON.stringify({ file: target, ...made }, timesAsIso));
      else
        console.log(
          [
            `${target}: ${rows} rows of schema ${schema}, SHA-256 ${sha256}.`,
            'It is sealed with the first key of the ring: keep it apart from the ring, and keep both.',
          ].join('\n'),
        );
    });

const peopleIn = ({ administrators }: Proven): readonly string[] =>
  administrators.length === 0
    ? ['No administrator is in it: the next start prints a link for the first one.']
    : [
        `Administrators who ${administrators.length === 1 ? 'comes' : 'come'} back, with the passwords of that time. Remove whoever should not:`,
        ...administrators.map(
          ({ name, hasPassword, lastSignInAt }) =>
            `  ${name.padEnd(18)}${hasPassword ? 'password' : 'single sign-on'}, ${lastSignInAt === null ? 'never signed in' : `last signed in ${new Date(lastSignInAt).toISOString()}`}`,
        ),
      ];

const keysIn = ({ apiKeys }: Proven): readonly string[] =>
  apiKeys.length === 0
    ? []
    : [
        apiKeys.some(({ revoked }) => revoked)
          ? 'API keys that were good then, and are revoked (--keep-api-keys keeps them):'
          : 'API keys that are good again:',
        ...apiKeys.map(({ name, scopes }) => `  ${name.padEnd(18)}${scopes.join(' ')}`),
      ];

const ofRestored = (proven: Proven, check: boolean): string => {
  const { rows, opened, unopened, audit, takenAt, sealedBy } = proven;
  return [
    `${check ? 'Proved' : 'Restored'}: the backup of ${new Date(takenAt).toISOString()}, ${
      sealedBy === null
        ? 'which an earlier version made and did not seal: nothing proves that nobody changed it.'
        : `sealed with the key ${sealedBy}.`
    }`,
    ...Object.entries(rows).map(([table, count]) => `  ${table.padEnd(18)}${count}`),
    ...peopleIn(proven),
    ...keysIn(proven),
    ...(check ? [] : ['Everybody is signed out, and every link and window that was open has ended.']),
    unopened === 0
      ? `All ${opened} sealed values open with the key ring.`
      : `${unopened} of ${opened + unopened} sealed values do not open: put the keys of that time into \`keys\`, behind the first one.`,
    audit.intact
      ? `The audit log is whole: ${audit.entries} entries.`
      : `The audit log is broken at entry ${audit.brokenAt}: ${audit.reason}`,
  ].join('\n');
};

interface RestoreOptions {
  readonly json?: boolean;
  readonly replace?: boolean;
  readonly check?: boolean;
  readonly keepApiKeys?: boolean;
  readonly unsealed?: boolean;
}

const restore =
  (root: string) =>
  async (file: string, options: RestoreOptions, [source = '']: readonly string[]) => {
    const { check = false, replace = false, keepApiKeys = false, unsealed = false } = options;
    const proven = await restoreBackup(file, source, { check, replace, keepApiKeys, unsealed });
    if (!check) {
      await withManagement(file, root, async ({ world, by }) => {
        await world.audit.record({ action: 'backup.restored', by, outcome: 'done', subject: source });
        for (const { id } of proven.apiKeys.filter(({ revoked }) => revoked))
          await world.audit.record({
            action: 'api-key.revoked',
            by,
            outcome: 'done',
            subject: id,
            code: 'restored',
          });
      });
    }
    console.log(options.json ? JSON.stringify(proven, timesAsIso) : ofRestored(proven, check));
    if (!proven.whole) process.exitCode = 1;
  };

/** `oriel backup FILE`, `oriel restore FILE` */
export const backupCommands = ({ oriel, root }: CommandLine): void => {
  withOutput(withJson(oriel.command('backup')))
    .description('write everything worth keeping into one file, sealed, beside running servers')
    .action(running(backup(root)));
  withJson(oriel.command('restore'))
    .description('put a backup in place of what is in the database, and prove that it can be used')
    .argument('<file>', 'the backup')
    .option('--replace', 'lose what is in the database now')
    .option('--check', 'prove the backup without touching the database')
    .option('--keep-api-keys', 'API keys in it go on; otherwise they are revoked')
    .option('--unsealed', 'take a backup of an earlier version, which nothing proves to be unchanged')
    .action(running(restore(root)));
};
