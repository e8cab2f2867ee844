import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
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

/** Until its names are on the disk too. */
const settle = async (folder: string): Promise<void> => {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** What the system says of a write names no file, and what it says of the file under its other name is about this one. */
const naming = (file: string, partial: string, error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  const { path, syscall }: Readonly<Record<string, unknown>> = { ...error };
  const isOurs = path === partial || (path === undefined && (syscall === 'write' || syscall === 'fsync'));
  return isOurs ? Object.assign(error, { path: file }) : error;
};

/**
 * Writes a file that only its owner can read: whole and on the disk when the promise is fulfilled, and nothing is left of it when it is
 * rejected. An older one of that name is replaced at the end, and stays whose it was.
 */
export const writeOutput = async (
  file: string,
  content: () => Promise<AsyncIterable<Uint8Array | string>>,
): Promise<void> => {
  const partial = `${file}.partial`;
  try {
    // Created again: a file that was there may be a link, or readable by others.
    await rm(partial, { force: true });
    const target = await open(partial, 'wx', OWNER_ONLY);
    try {
      const owner = await ownerOf(file);
      if (owner !== null) await target.chown(owner.uid, owner.gid);
      await pipeline(await content(), target.createWriteStream({ flush: true }));
    } catch (error) {
      await target.close().catch(() => undefined);
      await rm(partial, { force: true });
      throw error;
    }
    await rename(partial, file);
    await settle(dirname(file));
  } catch (error) {
    throw naming(file, partial, error);
  }
};
