import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import type * as entry from './entry.js';

const PROGRAM = fileURLToPath(new URL('../program.cjs', import.meta.url));

/** What V8 made of the program when it was built. */
export const COMPILED = `${PROGRAM}.compiled`;

const compiled = (): Buffer | null => {
  try {
    return readFileSync(COMPILED);
  } catch {
    return null;
  }
};

/**
 * The program as one script, as `require` would read it, and as V8 compiled it already when it was built. Another version of Node than that of
 * the build, or one with other flags of V8, refuses that, and compiles it again.
 */
export const loadProgram = (cachedData = compiled()): { script: Script; program: typeof entry } => {
  const require = createRequire(PROGRAM);
  const text = `(function (exports, require, module, __filename, __dirname) { ${readFileSync(PROGRAM, 'latin1')}\n})`;
  const script = new Script(text, {
    filename: PROGRAM,
    ...(cachedData !== null && { cachedData }),
  });
  const module = { exports: {} as typeof entry };
  script.runInThisContext()(module.exports, require, module, PROGRAM, dirname(PROGRAM));
  return { script, program: module.exports };
};

/** The program, whose traces name its sources where the process was asked for that: `vm` reads no source map. */
export const theProgram = (): typeof entry =>
  process.sourceMapsEnabled ? createRequire(PROGRAM)(PROGRAM) : loadProgram().program;
