import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorPage } from './error-text.js';

const ROW = /^\| `([a-z_]+)` \| (\d{3}) \| (.+?) \| (.+?) \|$/gm;

/** What the documentation says of every code: one source for the page of the docs and for those that are served. */
export const errorPagesIn = (root: string): ReadonlyMap<string, ErrorPage> => {
  const text = readFileSync(join(root, 'docs', 'errors.md'), 'utf8');
  return new Map(
    [...text.matchAll(ROW)].map(([, code = '', status, meaning = '', mend = '']) => [
      code,
      { code, status: Number(status), meaning, mend },
    ]),
  );
};
