import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const projectRoot = (): string => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('The demo must run inside the project: no package.json above it.');
    folder = parent;
  }
  return folder;
};

/** An absolute path in the project; the demo runs from its sources in tests and from a bundle otherwise. */
export const projectPath = (...parts: readonly string[]): string => join(projectRoot(), ...parts);

/** The text of one of the demo's own files, such as a style sheet. */
export const demoFile = (name: string): string => readFileSync(projectPath('test', 'demo', name), 'utf8');
