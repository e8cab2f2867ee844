import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The documentation of an error code. The texts may contain code marks and links in Markdown. */
export interface ErrorPage {
  readonly code: string;
  readonly status: number;
  readonly meaning: string;
  /** Its causes, and what to do about each. */
  readonly fix: string;
}

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
