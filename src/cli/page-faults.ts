import { join } from 'node:path';
import type { Fault } from '../domain/fault.js';
import type { CatalogEntry } from '../gadgets/load-gadgets.js';
import { compileFaults } from '../views/nunjucks-views.js';
import { loadAssets } from '../web/load-assets.js';

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What keeps pages from being shown: templates, styles and scripts that are missing, and those that cannot be compiled. */
export const pageFaults = (root: string, entries: readonly CatalogEntry[]): readonly Fault[] => {
  const fault = (file: string, problem: string, expected: string): Fault => ({
    ...{ file, path: '', line: null, example: null },
    problem: problem.trim().replaceAll(/\s+/g, ' ').replace(/\.$/, ''),
    expected,
  });
  const templates = compileFaults({ templates: join(root, 'templates'), gadgets: entries }).map(
    ({ file, problem }) => fault(file, problem, 'a template that Nunjucks can compile'),
  );
  try {
    loadAssets(
      root,
      entries.map(({ gadget }) => gadget),
      // Whether they are there does not depend on the origin that is written into them.
      '',
    );
    return templates;
  } catch (error) {
    return [
      ...templates,
      fault(
        root,
        `scripts or styles of the pages cannot be read (${wordsOf(error)})`,
        'a complete build of Oriel',
      ),
    ];
  }
};
