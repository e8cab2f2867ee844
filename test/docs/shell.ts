import { execFileSync } from 'node:child_process';

/** Runs a block of a document as a reader's shell would, in which `oriel` is our command; returns what it prints. */
export const shell = (text: string, cwd: string, env: Readonly<Record<string, string>> = {}): string =>
  execFileSync('sh', ['-e', '-c', `oriel() { node "${process.cwd()}/dist/main.js" "$@"; }\n${text}`], {
    cwd,
    env: { PATH: process.env.PATH ?? '', ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
