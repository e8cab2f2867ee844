import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { z } from 'zod';
import { type CommandLine, running, withFields, withJson } from '../../cli/command.js';
import { requireFree, STANDARD_OUTPUT, withOutput, writeOutput } from '../../cli/output-file.js';
import { withCommandContext } from '../../server/command-context.js';
import { type Proven, restoreBackup } from '../../server/restore-backup.js';
import type { Archive } from '../../store/backup/archive.js';
import { timesAsIso } from '../iso-times.js';
import { type BackupSummary, backupOf } from './backup-file.js';
import { restoreOptions } from './schema.js';
import { makeBackup } from './use-cases.js';

/** Writes a backup to `file`, sealed, as `writeOutput` does. */
export const writeBackup = async (
  file: string,
  archive: Archive,
  takenAt: number,
): Promise<BackupSummary> => {
  const { content, summary } = backupOf(archive, takenAt);
  await writeOutput(file, async () => content);
  return summary();
};

const backup =
  (root: string) =>
  (
    file: string,
    { json, overwrite = false }: { readonly json?: boolean; readonly overwrite?: boolean },
    [target = '']: readonly string[],
  ) =>
    withCommandContext(file, root, async ({ deps, by }) => {
      if (target === STANDARD_OUTPUT)
        return pipeline(Readable.from(await makeBackup(deps, by)), process.stdout, { end: false });
      await requireFree(target, overwrite);
      const made = await writeBackup(target, deps.stores.archive, deps.clock.now());
      await deps.audit.record({ action: 'backup.made', by, outcome: 'done', subject: made.sha256 });
      const { rows, schema, sha256 } = made;
      if (json) console.log(JSON.stringify({ file: target, ...made }, timesAsIso));
      else
        console.log(
          [
            `${target}: ${rows} rows of schema ${schema}, SHA-256 ${sha256}.`,
            'It is sealed with the first key of the ring. Keep both, in separate places.',
          ].join('\n'),
        );
    });

const peopleIn = ({ administrators }: Proven): readonly string[] =>
  administrators.length === 0
    ? ['It contains no administrator: the next start prints a link for the first one.']
    : [
        'Administrators in it, with the passwords of that time. Remove those who should no longer be:',
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
          ? 'API keys that worked then and are now revoked (--keep-api-keys keeps them):'
          : 'API keys that work again:',
        ...apiKeys.map(({ name, scopes }) => `  ${name.padEnd(18)}${scopes.join(' ')}`),
      ];

const ofRestored = (proven: Proven, check: boolean): string => {
  const { rows, opened, unopened, audit, takenAt, sealedBy } = proven;
  return [
    `${check ? 'Checked' : 'Restored'}: the backup of ${new Date(takenAt).toISOString()}, ${
      sealedBy === null
        ? 'which an earlier version created without sealing it: nothing proves that it was not changed.'
        : `sealed with the key ${sealedBy}.`
    }`,
    ...Object.entries(rows).map(([table, count]) => `  ${table.padEnd(18)}${count}`),
    ...peopleIn(proven),
    ...keysIn(proven),
    ...(check ? [] : ['Everyone was signed out, and all open links and windows have ended.']),
    unopened === 0
      ? `All ${opened} sealed values open with the key ring.`
      : `${unopened} of ${opened + unopened} sealed values can’t be opened: add the keys of that time to \`keys\`, behind the first one.`,
    audit.intact
      ? `The audit log is intact: ${audit.entries} entries.`
      : `The audit log is broken at entry ${audit.brokenAt}: ${audit.reason}`,
  ].join('\n');
};

const restore =
  (root: string) =>
  async (
    file: string,
    given: z.input<typeof restoreOptions> & { readonly json?: boolean },
    [source = '']: readonly string[],
  ) => {
    const options = restoreOptions.parse(given);
    const { check } = options;
    const proven = await restoreBackup(file, source, options);
    if (!check) {
      await withCommandContext(file, root, async ({ deps, by }) => {
        await deps.audit.record({ action: 'backup.restored', by, outcome: 'done', subject: source });
        for (const { id } of proven.apiKeys.filter(({ revoked }) => revoked))
          await deps.audit.record({
            action: 'api-key.revoked',
            by,
            outcome: 'done',
            subject: id,
            code: 'restored',
          });
      });
    }
    console.log(given.json ? JSON.stringify(proven, timesAsIso) : ofRestored(proven, check));
    if (!proven.whole) process.exitCode = 1;
  };

/** `oriel backup FILE`, `oriel restore FILE` */
export const backupCommands = ({ oriel, root }: CommandLine): void => {
  withOutput(withJson(oriel.command('backup')))
    .description('create a backup: one file, sealed, while servers run')
    .action(running(backup(root)));
  withFields(withJson(oriel.command('restore')), restoreOptions, {
    replace: '--replace',
    check: '--check',
    keepApiKeys: '--keep-api-keys',
    unsealed: '--unsealed',
  })
    .description('replace what is in the database with a backup, and check that it works')
    .argument('<file>', 'the backup')
    .action(running(restore(root)));
};
