import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(import.meta.dirname, '../../node_modules/.debug-'));
  await build({
    entryPoints: [fileURLToPath(new URL('./debug-child.ts', import.meta.url))],
    outdir: folder,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outExtension: { '.js': '.mjs' },
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a process that runs with DEBUG=*', () => {
  it('prints no secret, code or token of an OAuth exchange, and other packages as before', () => {
    const printed = execFileSync(
      process.execPath,
      ['-e', `import(${JSON.stringify(join(folder, 'debug-child.mjs'))}).catch(() => process.exit(1))`],
      { env: { ...process.env, DEBUG: '*' }, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' },
    );
    const [outcome, log = ''] = printed.split('\n---\n');
    expect(outcome).toBe('tokens tokens revoked');
    expect(log).toContain('canary of another package');
    for (const secret of ['the-secret', 'the-code', 'old-refresh', 'new-access', 'Basic ']) {
      expect(log).not.toContain(secret);
    }
    expect(log).not.toContain('simple-oauth2');
  });
});
