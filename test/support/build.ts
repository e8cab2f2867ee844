import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import chromium from '@sparticuz/chromium';
import { stopPostgresBelow } from './postgres-leftovers.js';
import { openSuiteFolder } from './suite-folder.js';

/** One font for every name, whatever the machine has installed: a page is as wide here as anywhere. */
const fontsIn = (folder: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(folder, 'fonts')}</dir>
  <cachedir>${join(folder, 'fonts-cache')}</cachedir>
  <config></config>
</fontconfig>
`;

/**
 * Builds once before the suite, so that tests which start real processes and browsers run what would be shipped. The suite has a folder
 * of its own for what is temporary, with a browser and a font, and removes it at the end.
 */
export async function setup(): Promise<() => Promise<void>> {
  execFileSync(process.execPath, ['esbuild.config.mjs'], { stdio: 'inherit' });
  const { TMPDIR: before } = process.env;
  const { path: folder, remove } = openSuiteFolder(tmpdir());
  process.env.TMPDIR = folder;
  await chromium.executablePath();
  mkdirSync(join(folder, 'fonts-cache'));
  writeFileSync(join(folder, 'fonts.conf'), fontsIn(folder));
  // A picture for people shows every sign, with the machine's own fonts.
  if (process.env.UPDATE_PICTURES === undefined) process.env.FONTCONFIG_FILE = join(folder, 'fonts.conf');
  return async () => {
    await stopPostgresBelow(folder);
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    remove();
  };
}
