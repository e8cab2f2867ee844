import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import chromium from '@sparticuz/chromium';
import { stopPostgresBelow } from './postgres-leftovers.js';
import { BROWSER, LARGE, openSuiteFolder, parentInMemory } from './suite-folder.js';

/** One font for every name, whatever the machine has installed: a page is as wide here as anywhere. */
const fontsIn = (folder: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(folder, 'fonts')}</dir>
  <cachedir>${join(folder, 'fonts-cache')}</cachedir>
  <config></config>
</fontconfig>
`;

const build = async (): Promise<void> => {
  const [code] = await once(spawn(process.execPath, ['esbuild.config.mjs'], { stdio: 'inherit' }), 'exit');
  // The build has said where.
  if (code !== 0) throw Object.assign(new Error('The program could not be built.'), { stack: '' });
};

/** Unpacks the browser, below what `TMPDIR` says. */
const unpack = async (): Promise<void> => {
  process.env[BROWSER] = await chromium.executablePath();
};

/**
 * Builds once before the suite, so that tests which start real processes and browsers run what would be shipped. The suite has a folder
 * of its own for what is large, with a browser and a font, and one for all else that is temporary, in memory where that can be; it removes
 * both at the end.
 */
export async function setup(): Promise<() => Promise<void>> {
  const { TMPDIR: before } = process.env;
  const built = build();
  const { path: folder, remove } = openSuiteFolder(tmpdir());
  process.env.TMPDIR = folder;
  await Promise.all([built, unpack()]);
  process.env[LARGE] = folder;
  mkdirSync(join(folder, 'fonts-cache'));
  writeFileSync(join(folder, 'fonts.conf'), fontsIn(folder));
  // A picture for people shows every sign, with the machine's own fonts.
  if (process.env.UPDATE_PICTURES === undefined) process.env.FONTCONFIG_FILE = join(folder, 'fonts.conf');
  const parent = parentInMemory();
  const inMemory = parent === null ? null : openSuiteFolder(parent);
  if (inMemory !== null) process.env.TMPDIR = inMemory.path;
  return async () => {
    await stopPostgresBelow(folder);
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    remove();
    inMemory?.remove();
  };
}
