import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { z } from 'zod';
import { type CommandLine, running, withFields, withJson } from '../../cli/command.js';
import { requireFree, STANDARD_OUTPUT, withOutput, writeOutput } from '../../cli/output-file.js';
import { requireUnused } from '../../cli/unused-database.js';
import { readConfigBesideStore } from '../../config/read-config.js';
import { withCommandContext } from '../../server/command-context.js';
import { systemClock } from '../../server/node-system.js';
import type { Archive, Proof, Restoring } from '../../store/backup/archive.js';
import { restoreStores } from '../../store/backup/restore.js';
import { Sealer } from '../../store/sealing/seal.js';
import { timesAsIso } from '../iso-times.js';
import { type BackupSummary, backupOf, readBackupHead, readBackupRows } from './backup-file.js';
import { restoreOptions } from './schema.js';
import { makeBackup } from './use-cases.js';

/** What was restored, and whether all of it can be used. */
interface Proven extends Proof {
  readonly takenAt: number;
  /** The key that the whole of it is sealed with; null of an earlier version's backup. */
  readonly sealedBy: string | null;
  /** Every sealed value opens, and the audit log is intact. */
  readonly whole: boolean;
}

const MEMORY = 'sqlite::memory:';

/**
 * Restores a backup into the database of the configuration, or with `check` into memory, and proves it: every row is there, every
 * sealed value opens with the key ring, the audit log's chain is intact. One that is not sealed is restored only where that was asked
 * for: nothing proves that it is what was written. Rejects with what to do, and then nothing was changed.
 */
const restoreBackup = async (
  configFile: string,
  source: string,
  {
    check,
    unsealed,
    ...restoring
  }: Omit<Restoring, 'now'> & { readonly check: boolean; readonly unsealed: boolean },
): Promise<Proven> => {
  const { database, keys } = readConfigBesideStore(configFile);
  const opening = { url: check ? MEMORY : database, keys };
  const ring = new Sealer(keys);
  const head = await readBackupHead(source, ring);
  const { takenAt, sealedBy } = head;
  if (!check && sealedBy === null && !unsealed)
    throw new Error(
      `${source} was made by an earlier version, which did not seal backups: anyone who had it could read and change it. If you trust the place where it was kept, restore it with --unsealed.`,
    );
  if (!check) await requireUnused(database);
  const backup = { head, rows: () => readBackupRows(source, ring) };
  const proof = await restoreStores(opening, backup, { ...restoring, now: systemClock.now() });
  return { ...proof, takenAt, sealedBy, whole: proof.unopened === 0 && proof.audit.intact };
};

/** Writes a backup to `file`, sealed, as `writeOutput` does. */
export const writeBackup = async (
  file: string,
  archive: Pick<Archive, keyof Archive>,
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
