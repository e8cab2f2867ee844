import { writeBackup } from '../compose/backup-file.js';
import { withManagement } from '../compose/management-at.js';
import { type Proven, restoreBackup } from '../compose/restore-backup.js';
import { type CommandLine, running, withJson } from './command.js';

const backup =
  (root: string) =>
  (file: string, { json }: { readonly json?: boolean }, [target = '']: readonly string[]) =>
    withManagement(file, root, async ({ world, by }) => {
      const made = await writeBackup(target, world.stores.archive, world.clock.now());
      await world.audit.record({ action: 'backup.made', by, outcome: 'done', subject: made.sha256 });
      const { rows, schema, sha256 } = made;
      if (json) console.log(JSON.stringify({ file: target, ...made }));
      else
        console.log(
          [
            `${target}: ${rows} rows of schema ${schema}, SHA-256 ${sha256}.`,
            'Tokens in it stay sealed: keep it apart from the key ring, and keep both.',
          ].join('\n'),
        );
    });

const ofRestored = ({ rows, opened, unopened, audit, takenAt }: Proven, check: boolean): string =>
  [
    `${check ? 'Proved' : 'Restored'}: the backup of ${new Date(takenAt).toISOString()}.`,
    ...Object.entries(rows).map(([table, count]) => `  ${table.padEnd(18)}${count}`),
    unopened === 0
      ? `All ${opened} sealed values open with the key ring.`
      : `${unopened} of ${opened + unopened} sealed values do not open: put the keys of that time into \`keys\`, behind the first one.`,
    audit.intact
      ? `The audit log is whole: ${audit.entries} entries.`
      : `The audit log is broken at entry ${audit.brokenAt}: ${audit.reason}`,
  ].join('\n');

interface RestoreOptions {
  readonly json?: boolean;
  readonly replace?: boolean;
  readonly check?: boolean;
}

const restore =
  (root: string) =>
  async (file: string, options: RestoreOptions, [source = '']: readonly string[]) => {
    const proven = await restoreBackup(file, source, {
      replace: options.replace ?? false,
      check: options.check ?? false,
    });
    if (!options.check) {
      await withManagement(file, root, ({ world, by }) =>
        world.audit.record({ action: 'backup.restored', by, outcome: 'done', subject: source }),
      );
    }
    console.log(options.json ? JSON.stringify(proven) : ofRestored(proven, options.check ?? false));
    if (!proven.whole) process.exitCode = 1;
  };

/** `oriel backup FILE`, `oriel restore FILE` */
export const backupCommands = ({ oriel, root }: CommandLine): void => {
  withJson(oriel.command('backup'))
    .description('write everything worth keeping into one file, beside running servers')
    .argument('<file>', 'where to; an older one of that name is replaced')
    .action(running(backup(root)));
  withJson(oriel.command('restore'))
    .description('put a backup in place of what is in the database, and prove that it can be used')
    .argument('<file>', 'the backup')
    .option('--replace', 'lose what is in the database now')
    .option('--check', 'prove the backup without touching the database')
    .action(running(restore(root)));
};
