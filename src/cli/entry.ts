import type { ImportFile } from './demo.js';
import { reportLostOutput } from './failing.js';
import { runProgram } from './program.js';

/** What `dist/program.cjs` gives to `main.ts`: the whole program. A script that was compiled ahead is refused `import()` by Node, and is given it. */
export const run = (importFile: ImportFile, argv?: readonly string[]): Promise<void> => {
  reportLostOutput(process.stdout);
  return runProgram(argv, undefined, importFile);
};
