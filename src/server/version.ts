import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The product's version, as the `package.json` in `root` says. */
export const versionIn = (root: string): string => {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown';
};
