import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { chown, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
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
  const refused = () => Promise.reject(new Error('Not even started.'));
  await expect(writeOutput(file, refused)).rejects.toThrow('Not even started.');
  expect(await readdir(folder)).toEqual(['audit.jsonl']);
  expect(await readFile(file, 'utf8')).toBe('older');
  await rm(folder, { recursive: true });
});

it.runIf(process.getuid?.() === 0)(
  'What root replaces stays whose it was, and only its owner can read it',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'oriel-output-'));
    const file = join(folder, 'oriel.backup');
    await writeFile(file, 'older', { mode: 0o644 });
    await chown(file, 4711, 4712);
    await writeOutput(file, async () => Readable.from(['newer']));
    const { uid, gid, mode } = await stat(file);
    expect([uid, gid, mode & 0o777]).toEqual([4711, 4712, 0o600]);
    expect(await readFile(file, 'utf8')).toBe('newer');
    await writeOutput(join(folder, 'first'), async () => Readable.from(['first']));
    expect((await stat(join(folder, 'first'))).uid).toBe(0);
    await rm(folder, { recursive: true });
  },
);

/** Linux has a device that takes nothing. */
const FULL = '/dev/full';
it.runIf(existsSync(FULL)).each(['keys new', 'provider --help', 'completely unknown --json'])(
  'Output of “oriel %s” that cannot be written, as on a full disk, ends with 1 and one sentence',
  (command) => {
    const full = openSync(FULL, 'w');
    const { status, stderr } = spawnSync(process.execPath, [resolve('dist/main.js'), ...command.split(' ')], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);
    expect(status).toBe(1);
    expect(stderr.match(/The output can’t be written: the disk is full\./g)).toHaveLength(1);
    expect(stderr).not.toContain('    at ');
  },
);
