import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import chromium from '@sparticuz/chromium';

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
 * of its own for what is temporary, with a browser and a font, and takes it away at the end.
 */
export async function setup(): Promise<() => void> {
  execFileSync(process.execPath, ['esbuild.config.mjs'], { stdio: 'inherit' });
  const { TMPDIR: before } = process.env;
  const folder = mkdtempSync(join(tmpdir(), 'oriel-tests-'));
  // PostgreSQL runs as a user of its own where the tests are run by root.
  chmodSync(folder, 0o755);
  process.env.TMPDIR = folder;
  await chromium.executablePath();
  mkdirSync(join(folder, 'fonts-cache'));
  writeFileSync(join(folder, 'fonts.conf'), fontsIn(folder));
  // A picture for people shows every sign, with the machine's own fonts.
  if (process.env.UPDATE_PICTURES === undefined) process.env.FONTCONFIG_FILE = join(folder, 'fonts.conf');
  return () => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  };
}
