import { open, rename, rm, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';

const OWNER_ONLY = 0o600;

/** The name by which commands write to standard output. */
export const STANDARD_OUTPUT = '-';

/** Where a command writes to, and what it does about a file that is there: the same for every command that writes one. */
export const withOutput = (command: Command): Command =>
  command
    .argument('<file>', 'file to write; - for standard output')
    .option('--overwrite', 'replace an existing file');

/** Throws a sentence where there is a folder with that name, or without `overwrite` a file. */
export const requireFree = async (file: string, overwrite: boolean): Promise<void> => {
  const found = await stat(file).catch(() => null);
  if (found === null) return;
  if (found.isDirectory()) throw Object.assign(new Error('It is a folder.'), { code: 'EISDIR', path: file });
  if (!overwrite) throw new Error(`The file ${file} already exists. Use --overwrite to replace it.`);
};

/** Whose the file of that name is, where root replaces it: a new one in its place would be root's. */
const ownerOf = async (file: string): Promise<{ readonly uid: number; readonly gid: number } | null> =>
  process.getuid?.() === 0 ? await stat(file).catch(() => null) : null;

/**
 * Writes a file that only its owner can read: whole, or nothing of it, and an older one of that name only then replaced. That stays
 * whose it was.
 */
export const writeOutput = async (file: string, content: () => Promise<Readable>): Promise<void> => {
  const partial = `${file}.partial`;
  await rm(partial, { force: true });
  const target = await open(partial, 'wx', OWNER_ONLY);
  try {
    const owner = await ownerOf(file);
    if (owner !== null) await target.chown(owner.uid, owner.gid);
    await pipeline(await content(), target.createWriteStream({ flush: true }));
    await rename(partial, file);
  } catch (error) {
    await target.close().catch(() => undefined);
    await rm(partial, { force: true });
    throw error;
  }
};
