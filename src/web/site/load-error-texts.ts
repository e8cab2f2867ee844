import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorPage } from './error-text.js';

const ROW = /^\| `([a-z_]+)` \| (\d{3}) \| (.+?) \| (.+?) \|$/gm;

/** The texts of all error codes, read from docs/errors.md, which is the only source of the pages that we serve. */
export const errorPagesIn = (root: string): ReadonlyMap<string, ErrorPage> => {
  const text = readFileSync(join(root, 'docs', 'errors.md'), 'utf8');
  return new Map(
    [...text.matchAll(ROW)].map(([, code = '', status, meaning = '', fix = '']) => [
      code,
      { code, status: Number(status), meaning, fix },
    ]),
  );
};
