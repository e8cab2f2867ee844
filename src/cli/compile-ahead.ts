import { randomBytes } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { COMPILED, loadToCompile } from './load-program.js';

/*
 * Runs by itself at the end of the build: keeps what V8 compiled of the program by the time that it serves, functions included, of which V8
 * compiles each when it is first called.
 */

const { program, compiled } = loadToCompile();
const folder = mkdtempSync(join(tmpdir(), 'oriel-build-'));
// The link for the first administrator is of no use; why it did not start is.
const said: unknown[] = [];
console.error = (text: unknown) => void said.push(text);
process.once('exit', (code) => {
  rmSync(folder, { recursive: true, force: true });
  if (code !== 0) process.stderr.write(`The program that was built does not start:\n${said.join('\n')}\n`);
});

const file = join(folder, 'oriel.yaml');
const config = {
  gadgetOrigin: 'http://127.0.0.1:1',
  siteOrigin: 'http://localhost:1',
  listen: { port: 0 },
  keys: [`k:${randomBytes(32).toString('base64url')}`],
  logLevel: 'silent',
};
writeFileSync(file, JSON.stringify(config));
await program.run((url) => import(url), ['serve', '--config', file]);

// V8 takes what was made under the same flags alone; a server sets this one once it serves.
setFlagsFromString('--heap-growing-percent=0');
writeFileSync(`${COMPILED}.new`, compiled());
// A program that is started just now finds all of it or nothing.
renameSync(`${COMPILED}.new`, COMPILED);
process.exit(0);
