import { execFileSync } from 'node:child_process';

/** Builds once before the suite, so that tests which start real processes and browsers run what would be shipped. */
export function setup(): void {
  execFileSync(process.execPath, ['esbuild.config.mjs'], { stdio: 'inherit' });
}
