import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Bytes of what says which program it was made of. */
const DIGEST = 32;

describe('The compiled program', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oriel-compiled-'));
  beforeAll(() => {
    for (const name of readdirSync('dist').filter((file) => /^[^/]+\.c?js/.test(file)))
      cpSync(join('dist', name), join(folder, 'dist', name));
    cpSync('package.json', join(folder, 'package.json'));
    cpSync('dist/providers', join(folder, 'dist/providers'), { recursive: true });
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const compiled = join(folder, 'dist/program.cjs.compiled');
  const main = join(folder, 'dist/main.js');
  const child = (flags: readonly string[], script: string): string =>
    execFileSync(process.execPath, [...flags, '--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    });
  /** What `--version` prints, after whether V8 refused what was compiled: nothing where there was nothing. */
  const version = (...flags: readonly string[]): string =>
    child(
      flags,
      `import { syncBuiltinESMExports } from 'node:module';
       import vm from 'node:vm';
       const { Script } = vm;
       vm.Script = function (...given) {
         const script = new Script(...given);
         console.log(script.cachedDataRejected ?? '');
         return script;
       };
       syncBuiltinESMExports();
       process.argv = [process.execPath, ${JSON.stringify(main)}, '--version'];
       await import(process.argv[1]);`,
    );
  const { version: VERSION } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

  it('is what this Node takes', () => {
    expect(version()).toBe(`false\n${VERSION}\n`);
  });

  it('is done without where other flags or another Node made it, where it is cut off, and where it is missing', () => {
    expect(version('--no-opt')).toBe(`true\n${VERSION}\n`);
    const data = readFileSync(compiled);
    const another = Buffer.from(data);
    another.fill(0xff, DIGEST, DIGEST + 8);
    for (const refused of [another, data.subarray(0, data.length / 2), data.subarray(0, DIGEST)]) {
      writeFileSync(compiled, refused);
      expect(version()).toBe(`true\n${VERSION}\n`);
    }
    rmSync(compiled);
    expect(version()).toBe(`\n${VERSION}\n`);
    writeFileSync(compiled, data);
  });

  it('is not taken for another program, even of the same length', () => {
    const program = join(folder, 'dist/program.cjs');
    const text = readFileSync(program, 'latin1');
    const changed = text.replace('"use strict"', "'use strict'");
    expect([changed.length, changed === text]).toEqual([text.length, false]);
    writeFileSync(program, changed, 'latin1');
    expect(version()).toMatch(/^\n/);
    writeFileSync(program, text, 'latin1');
    expect(version()).toMatch(/^false\n/);
  });

  it('names its sources in traces where Node is asked to', () => {
    const trace = (...flags: readonly string[]): string =>
      child(
        flags,
        // The first thing that the program does with its output.
        `process.stdout.on = () => { process.stdout.write(new Error('here').stack); process.exit(0); };
         await import(${JSON.stringify(main)});`,
      );
    expect(trace('--enable-source-maps')).toMatch(/src\/cli\/failing\.ts:\d+/);
    expect(trace()).toMatch(/dist\/program\.cjs:\d+/);
  });
});
