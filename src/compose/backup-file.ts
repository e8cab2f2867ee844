import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { Archive, ArchivedRow, ArchiveHead } from '../domain/archive.js';

/*
 * A backup is gzipped JSON lines: what it is, its rows as `[table, row]`, and last how many they are with the SHA-256 of every line
 * before. One format for every engine, so a backup of one can be restored into another.
 */

const FORMAT = 'oriel-backup';
const VERSION = 1;

/** What was written or found. */
export interface BackupSummary extends ArchiveHead {
  readonly rows: number;
  readonly sha256: string;
}

const damaged = (file: string, what: string): Error =>
  new Error(`${file} is not a whole backup: ${what}. Nothing was changed.`);

const settle = async (file: string): Promise<void> => {
  const handle = await open(file);
  await handle.sync();
  await handle.close();
};

/** The text of a backup, and what it was once it was read to its end. */
const textOf = (archive: Archive, takenAt: number) => {
  const digest = createHash('sha256');
  let rows = 0;
  let sha256 = '';
  const line = (value: unknown): string => {
    const text = `${JSON.stringify(value)}\n`;
    digest.update(text);
    return text;
  };
  async function* lines(): AsyncGenerator<string> {
    yield line({ format: FORMAT, version: VERSION, schema: archive.schema, takenAt });
    for await (const { table, row } of archive.rows()) {
      rows += 1;
      yield line([table, row]);
    }
    sha256 = digest.digest('base64url');
    yield `${JSON.stringify({ rows, sha256 })}\n`;
  }
  return { lines, summary: (): BackupSummary => ({ schema: archive.schema, takenAt, rows, sha256 }) };
};

/** A backup as bytes, to be sent somewhere. */
export const backupStream = (archive: Archive, takenAt: number): Readable => {
  const gzip = createGzip();
  pipeline(textOf(archive, takenAt).lines, gzip).catch((error: Error) => gzip.destroy(error));
  return gzip;
};

/**
 * Writes a backup to `file`, which only its owner can read: whole and on the disk when the promise is fulfilled, and nothing is left
 * of it when it is rejected. An older file of that name is replaced at the end.
 */
export const writeBackup = async (
  file: string,
  archive: Archive,
  takenAt: number,
): Promise<BackupSummary> => {
  const partial = `${file}.partial`;
  const { lines, summary } = textOf(archive, takenAt);
  try {
    // Made anew: what lay there before may lead elsewhere, or be open to others.
    await rm(partial, { force: true });
    await pipeline(lines, createGzip(), createWriteStream(partial, { flags: 'wx', mode: 0o600 }));
    await settle(partial);
    await rename(partial, file);
    await settle(dirname(file));
    return summary();
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
};

const NEWLINE = 10;
/** Bytes of a line: far more than any row has, and little beside what a small gzip file can unfold to. */
const LONGEST_LINE = 64 * 1024 * 1024;

/** Cut at line feeds alone: Node's own reader of lines also cuts at U+2028, which JSON lets stand in a text. */
async function* cutIntoLines(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let begun: Buffer[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      yield Buffer.concat([...begun, chunk.subarray(from, end)]).toString('utf8');
      [begun, length, from] = [[], 0, end + 1];
    }
    begun.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > LONGEST_LINE) throw new Error('a line of it never ends');
  }
  if (length > 0) yield Buffer.concat(begun).toString('utf8');
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const source = createReadStream(file);
  const bytes = source.pipe(createGunzip());
  source.on('error', (error) => bytes.destroy(error));
  try {
    yield* cutIntoLines(bytes);
  } catch (error) {
    // That there is no such file says nothing about the backup.
    if (error instanceof Error && 'path' in error) throw error;
    throw damaged(file, error instanceof Error ? error.message : 'it cannot be read');
  } finally {
    source.destroy();
  }
}

const parsed = (file: string, line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    throw damaged(file, 'a line of it is not JSON');
  }
};

const headIn = (file: string, value: unknown): ArchiveHead => {
  const { format, version, schema, takenAt } = { ...(value as Readonly<Record<string, unknown>> | null) };
  if (format !== FORMAT || !Number.isSafeInteger(schema) || !Number.isSafeInteger(takenAt))
    throw damaged(file, 'it does not begin like one');
  if (version !== VERSION) throw damaged(file, `this version of Oriel does not know its form ${version}`);
  return { schema: schema as number, takenAt: takenAt as number };
};

const isValue = (value: unknown): boolean =>
  value === null || typeof value === 'string' || typeof value === 'number';

const rowIn = (file: string, [table, row]: readonly unknown[]): ArchivedRow => {
  if (
    typeof table !== 'string' ||
    typeof row !== 'object' ||
    row === null ||
    !Object.values(row).every(isValue)
  )
    throw damaged(file, 'a line of it is no row');
  return { table, row: row as ArchivedRow['row'] };
};

/** What a backup says of itself. Throws a sentence when the file is none. */
export const readBackupHead = async (file: string): Promise<ArchiveHead> => {
  for await (const line of linesOf(file)) return headIn(file, parsed(file, line));
  throw damaged(file, 'it is empty');
};

/** The rows of a backup; rejects at the end when they are not all there, or any of them was changed. */
export async function* readBackupRows(file: string): AsyncGenerator<ArchivedRow> {
  const digest = createHash('sha256');
  let rows = -1;
  for await (const line of linesOf(file)) {
    const value = parsed(file, line);
    if (rows === -1) headIn(file, value);
    else if (Array.isArray(value)) yield rowIn(file, value);
    else {
      const end = value as { readonly rows?: unknown; readonly sha256?: unknown } | null;
      if (end?.rows !== rows || end.sha256 !== digest.digest('base64url'))
        throw damaged(file, 'its contents are not those it was written with');
      return;
    }
    rows += 1;
    digest.update(`${line}\n`);
  }
  throw damaged(file, 'its end is missing');
}
