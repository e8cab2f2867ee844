import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { Archive, ArchivedRow, ArchiveHead } from '../../store/backup/archive.js';
import type { Sealer } from '../../store/sealing/seal.js';
import { BACKUP, KeyMissing, openStream, peek, sealedBy } from '../../store/sealing/sealed-stream.js';

/*
 * A backup is JSON lines: what it is, its rows as `[table, row]`, and last how many they are with the SHA-256 of every line before. They
 * are gzipped, and sealed as a whole under the key ring. One format for every engine, so a backup of one can be restored into another.
 * Those of earlier versions are gzipped only, and are still read.
 */

const FORMAT = 'oriel-backup';
const VERSION = 1;

/** What was written. `sha256`: of the file, in hexadecimal. */
export interface BackupSummary extends ArchiveHead {
  readonly rows: number;
  readonly sha256: string;
}

/** What was found. `sealedBy`: the id of the key; null of an earlier version's, which anyone could have read and changed. */
export interface BackupHead extends ArchiveHead {
  readonly sealedBy: string | null;
}

const damaged = (file: string, what: string): Error =>
  new Error(`${file} is not a complete backup: ${what}. Nothing was changed.`);

/** The text of a backup, and how many rows it had once it was read to its end. */
const textOf = (archive: Pick<Archive, keyof Archive>, takenAt: number) => {
  const digest = createHash('sha256');
  let rows = 0;
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
    yield `${JSON.stringify({ rows, sha256: digest.digest('base64url') })}\n`;
  }
  return { lines, rows: () => rows };
};

const zipped = (lines: () => AsyncIterable<string>): Readable => {
  const gzip = createGzip();
  pipeline(lines, gzip).catch((error: Error) => gzip.destroy(error));
  return gzip;
};

/** A backup as bytes, to be sent somewhere, and what it was once they were read to their end. */
export const backupOf = (archive: Pick<Archive, keyof Archive>, takenAt: number) => {
  const { lines, rows } = textOf(archive, takenAt);
  const digest = createHash('sha256');
  async function* measured(): AsyncGenerator<Uint8Array> {
    for await (const part of archive.seal(zipped(lines))) {
      digest.update(part);
      yield part;
    }
  }
  const summary = (): BackupSummary => ({
    schema: archive.schema,
    takenAt,
    rows: rows(),
    sha256: digest.digest('hex'),
  });
  return { content: measured(), summary };
};

const NEWLINE = 10;
/** Bytes of a line: far more than any row has, and little beside what a small gzip file can unfold to. */
const LONGEST_LINE = 64 * 1024 * 1024;

/** Cut at line feeds alone: Node's own reader of lines also cuts at U+2028, which JSON lets stand in a text. */
async function* cutIntoLines(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let started: Buffer[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      yield Buffer.concat([...started, chunk.subarray(from, end)]).toString('utf8');
      [started, length, from] = [[], 0, end + 1];
    }
    started.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > LONGEST_LINE) throw new Error('a line of it never ends');
  }
  if (length > 0) yield Buffer.concat(started).toString('utf8');
}

const GZIP = Buffer.from([0x1f, 0x8b]);

/** The gzipped lines in a file: as they are in one of an earlier version, opened in all others. */
async function* zippedIn(
  source: AsyncIterable<Buffer>,
  ring: Pick<Sealer, 'derive'>,
): AsyncGenerator<Buffer> {
  const { beginning, whole } = await peek(source);
  yield* beginning.subarray(0, GZIP.length).equals(GZIP) ? whole : openStream(whole, ring, BACKUP);
}

async function* linesOf(file: string, ring: Pick<Sealer, 'derive'>): AsyncGenerator<string> {
  const source = createReadStream(file);
  const bytes = createGunzip();
  pipeline(zippedIn(source, ring), bytes).catch((error: Error) => bytes.destroy(error));
  try {
    yield* cutIntoLines(bytes);
  } catch (error) {
    // That there is no such file says nothing about the backup.
    if (error instanceof Error && 'path' in error) throw error;
    if (error instanceof KeyMissing)
      throw new Error(
        `${file} is sealed with the key ${error.key}, which is not in \`keys\`. Add it there, behind the first one. Nothing was changed.`,
      );
    throw damaged(file, error instanceof Error ? error.message : 'it cannot be read');
  } finally {
    source.destroy();
    bytes.destroy();
  }
}

const parsed = (file: string, line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    throw damaged(file, 'one of its lines is not JSON');
  }
};

const headIn = (file: string, value: unknown): ArchiveHead => {
  const { format, version, schema, takenAt } = { ...(value as Readonly<Record<string, unknown>> | null) };
  if (format !== FORMAT || !Number.isSafeInteger(schema) || !Number.isSafeInteger(takenAt))
    throw damaged(file, 'it does not start like one');
  if (version !== VERSION) throw damaged(file, `this version of Oriel does not know its format ${version}`);
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
    throw damaged(file, 'one of its lines is not a row');
  return { table, row: row as ArchivedRow['row'] };
};

const sealerOf = async (file: string): Promise<string | null> => {
  const source = createReadStream(file);
  try {
    return sealedBy((await peek(source)).beginning);
  } finally {
    source.destroy();
  }
};

/** What a backup says of itself. Throws a sentence when the file is none, or is sealed with a key that the ring lacks. */
export const readBackupHead = async (file: string, ring: Pick<Sealer, 'derive'>): Promise<BackupHead> => {
  for await (const line of linesOf(file, ring))
    return { ...headIn(file, parsed(file, line)), sealedBy: await sealerOf(file) };
  throw damaged(file, 'it is empty');
};

/** The rows of a backup; rejects at the end when they are not all there, or any of them was changed. */
export async function* readBackupRows(
  file: string,
  ring: Pick<Sealer, 'derive'>,
): AsyncGenerator<ArchivedRow> {
  const digest = createHash('sha256');
  let rows = -1;
  for await (const line of linesOf(file, ring)) {
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
