import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { writeOutput } from '../../src/cli/output-file.js';

it('What cannot be written to its end leaves the older file as it was, and nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'oriel-output-'));
  const file = join(folder, 'audit.jsonl');
  await writeFile(file, 'older');
  const broken = Readable.from(
    (function* () {
      yield 'the first half';
      throw new Error('The database is gone.');
    })(),
  );
  await expect(writeOutput(file, async () => broken)).rejects.toThrow('The database is gone.');
  const refused = () => Promise.reject(new Error('Not even begun.'));
  await expect(writeOutput(file, refused)).rejects.toThrow('Not even begun.');
  expect(await readdir(folder)).toEqual(['audit.jsonl']);
  expect(await readFile(file, 'utf8')).toBe('older');
  await rm(folder, { recursive: true });
});
