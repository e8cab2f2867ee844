// Builds what runs: the server file by file, the browser's scripts and the demo as bundles. `--watch` rebuilds on change.
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { context } from 'esbuild';

const walk = async (folder) =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => join(entry.parentPath, entry.name));

const common = {
  logLevel: 'warning',
  target: 'node20',
  platform: 'node',
  format: 'esm',
  sourcemap: 'linked',
};
const bundle = (entryPoints, outdir) => ({
  ...common,
  entryPoints,
  outdir,
  bundle: true,
  packages: 'external',
});
const present = (files) => files.filter((file) => existsSync(file));

const builds = [
  {
    ...common,
    entryPoints: (await walk('src')).filter((file) => !file.startsWith(join('src', 'browser'))),
    outdir: 'dist',
    outbase: 'src',
  },
  {
    ...common,
    platform: 'browser',
    target: ['chrome100', 'firefox100', 'safari15.4'],
    format: 'iife',
    entryPoints: present(
      ['embed', 'frame', 'connect', 'connections', 'again'].map((name) => `src/browser/${name}.ts`),
    ),
    outdir: 'dist/browser',
    bundle: true,
    minify: true,
    sourcemap: false,
  },
  bundle(present(['main', 'mingle', 'gocd'].map((name) => `test/demo/${name}.ts`)), 'dist/demo'),
  bundle(present(['bench/main.ts', 'bench/floor.ts', 'bench/probe.ts']), 'dist/bench'),
].filter((build) => build.entryPoints.length > 0);

const contexts = await Promise.all(builds.map((build) => context(build)));
await Promise.all(contexts.map((each) => each.rebuild()));
if (process.argv.includes('--watch')) await Promise.all(contexts.map((each) => each.watch()));
else await Promise.all(contexts.map((each) => each.dispose()));
