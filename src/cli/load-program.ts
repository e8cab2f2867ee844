import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import type * as entry from './entry.js';

const PROGRAM = fileURLToPath(new URL('../program.cjs', import.meta.url));

/** What V8 made of the program when it was built, after the SHA-256 of what it was made of. */
export const COMPILED = `${PROGRAM}.compiled`;

const digestOf = (program: Buffer): Buffer => createHash('sha256').update(program).digest();

const compiledOf = (program: Buffer): Buffer | null => {
  try {
    const kept = readFileSync(COMPILED);
    const digest = digestOf(program);
    // V8 itself compares no more than the length, and would run what an earlier program of the same length did.
    return kept.subarray(0, digest.length).equals(digest) ? kept.subarray(digest.length) : null;
  } catch {
    return null;
  }
};

const load = (program: Buffer, cachedData: Buffer | null) => {
  const require = createRequire(PROGRAM);
  const text = `(function (exports, require, module, __filename, __dirname) { ${program.toString('latin1')}\n})`;
  const script = new Script(text, { filename: PROGRAM, ...(cachedData !== null && { cachedData }) });
  const module = { exports: {} as typeof entry };
  script.runInThisContext()(module.exports, require, module, PROGRAM, dirname(PROGRAM));
  return { script, program: module.exports };
};

/** The program as nothing was compiled ahead, and what gives, once it has run for a while, what to keep in `COMPILED`. */
export const loadToCompile = () => {
  const text = readFileSync(PROGRAM);
  const { script, program } = load(text, null);
  return { program, compiled: () => Buffer.concat([digestOf(text), script.createCachedData()]) };
};

/**
 * The program as one script, as `require` would read it, and as V8 compiled it already when it was built. Another version of Node than that of
 * the build, or one with other flags of V8, refuses that, and compiles it again. Traces name its sources where the process was asked for
 * that: `vm` reads no source map.
 */
export const loadProgram = (): typeof entry => {
  if (process.sourceMapsEnabled) return createRequire(PROGRAM)(PROGRAM);
  const program = readFileSync(PROGRAM);
  return load(program, compiledOf(program)).program;
};
