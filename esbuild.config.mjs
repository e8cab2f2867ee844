// Builds what runs: the server, the browser's scripts, the pages' styles and the demo. `--dev` rebuilds on change and
// serves: the server starts again when its code, a template, a gadget or oriel.yaml changes.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { context, transform } from 'esbuild';
import { parse } from 'yaml';

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
/** What is run or read by itself: the program, the thread that reads answers, and what the build and tests ask for. */
const SERVER = [
  'main',
  'cli/compile-ahead',
  'upstream/readers/reader-worker',
  'providers/read-presets',
  'server/prepare',
  'server/log',
];

/** In a bundle `import.meta.url` is that of a file in `dist/`; files that look for others beside them mean their own. */
const ownUrls = {
  name: 'own-urls',
  setup: (build) =>
    build.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const own = `./${relative(resolve('src'), path).replace(/\.ts$/, '.js')}`;
      return {
        loader: 'ts',
        contents: text.replaceAll('import.meta.url', `new URL(${JSON.stringify(own)}, import.meta.url).href`),
      };
    }),
};

const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

/** Packages that consist of code alone; the others have native parts, threads or files beside them, or are reached by their names. */
const CODE_ALONE = new Set([
  '@koa/router',
  'commander',
  'intl-messageformat',
  'ipaddr.js',
  'jose',
  'koa',
  'koa-session',
  'lru-cache',
  'nunjucks',
  'pino',
  'prom-client',
  're2js',
  'saxes',
  'undici',
  'yaml',
  'zod',
]);

/** Some 800 files of packages would be found, opened and linked at every start. */
const BUNDLED = {
  packages: 'bundle',
  external: Object.keys(dependencies).filter((name) => !CODE_ALONE.has(name)),
  // CommonJS packages require Node's own modules, which a module cannot by itself.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
};

/**
 * What stands at the top of undici reads its `fetch`, caches and mocks too, and with them Node's own copy of it: a tenth of the time of each
 * start. `import()` gives all of it.
 */
const usualUndici = {
  name: 'usual-undici',
  setup: (build) => {
    build.onResolve({ filter: /^undici$/ }, ({ kind, path }) =>
      kind === 'import-statement' ? { path, namespace: 'usual' } : undefined,
    );
    build.onLoad({ filter: /^undici$/, namespace: 'usual' }, () => ({
      resolveDir: resolve('.'),
      contents: `
        import api from 'undici/lib/api/index.js';
        import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
        Object.assign(Dispatcher.prototype, api);
        export { default as Agent } from 'undici/lib/dispatcher/agent.js';
        export { default as buildConnector } from 'undici/lib/core/connect.js';
        export { default as Client } from 'undici/lib/dispatcher/client.js';`,
    }));
  },
};

const present = (files) => files.filter((file) => existsSync(file));

const inBrowser = {
  ...common,
  platform: 'browser',
  target: ['chrome100', 'firefox100', 'safari15.4'],
  outdir: 'dist/browser',
  bundle: true,
  minify: true,
  sourcemap: false,
};
const scripts = (names) => present(names.map((name) => `src/browser/${name}.ts`));

/** What `embed.js` says in a host's page, in every locale there is. */
const embedWords = Object.fromEntries(
  (await readdir('templates/messages')).map((file) => [
    file.replace(/\.yaml$/, ''),
    parse(readFileSync(join('templates/messages', file), 'utf8')).embed,
  ]),
);

/** V8 reads, and Node keeps, each byte of what is loaded. Names stay, for the traces of errors. */
const SMALL = { minifyWhitespace: true, minifySyntax: true, lineLimit: 160 };

const builds = [
  {
    ...bundle(present(SERVER.map((name) => `src/${name}.ts`)), 'dist'),
    // All in one folder: see `ownUrls`.
    entryNames: '[name]',
    ...BUNDLED,
    // What only some of them need is read when they do.
    splitting: true,
    ...SMALL,
    plugins: [ownUrls, usualUndici],
    metafile: true,
  },
  // One script, which V8 can compile ahead: it can do so with no module.
  {
    ...bundle([], 'dist'),
    entryPoints: present(['src/cli/entry.ts']).map((path) => ({ in: path, out: 'program' })),
    ...BUNDLED,
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    // Node refuses it to a script that was compiled ahead.
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'ownUrl' },
    banner: { js: "const ownUrl = require('node:url').pathToFileURL(__filename).href;" },
    ...SMALL,
    plugins: [ownUrls, usualUndici],
  },
  {
    ...inBrowser,
    format: 'iife',
    define: { ORIEL_EMBED_WORDS: JSON.stringify(embedWords) },
    entryPoints: scripts([
      'embed',
      'frame',
      'connect',
      'connections',
      'relaunch',
      'doctor-frame',
      'bulk-disconnect',
      'admin',
      'workshop',
      'workshop-cell',
      'workshop-look',
    ]),
  },
  // embed.js imports it where a page asks for it.
  { ...inBrowser, format: 'esm', entryPoints: scripts(['doctor']) },
  {
    ...bundle(present(['main', 'mingle', 'gocd'].map((name) => `test/demo/${name}.ts`)), 'dist/demo'),
    // What only development has is not there where the package is installed.
    ...{ packages: 'bundle', external: Object.keys(dependencies), banner: BUNDLED.banner },
  },
  bundle(present(['test/store/store-process.ts']), 'dist/test'),
  bundle(present(['bench/main.ts', 'bench/floor.ts', 'bench/probe.ts']), 'dist/bench'),
].filter((build) => build.entryPoints.length > 0);

// Of an earlier program.
const COMPILED = 'dist/program.cjs.compiled';
rmSync(COMPILED, { force: true });

const contexts = await Promise.all(builds.map((build) => context(build)));
const [{ metafile }] = await Promise.all(contexts.map((each) => each.rebuild()));

// The names of parts change with what is in them: those of earlier builds would stay for ever.
for (const name of await readdir('dist'))
  if (/\.js(?:\.map)?$/.test(name) && !(`dist/${name}` in metafile.outputs)) rmSync(join('dist', name));

for (const folder of ['providers', 'gadgets', 'views']) mkdirSync(join('dist', folder), { recursive: true });

const PRESETS = 'src/providers/presets';
const { readPresets } = await import('./dist/read-presets.js');
/** Fails with file and line where a preset is wrong. */
const writePresets = () => writeFileSync('dist/providers/presets.json', JSON.stringify(readPresets(PRESETS)));
writePresets();

const PREPARED = 'dist/gadgets/prepared-gadgets.json';
// What an earlier build read, it may have read in another way.
rmSync(PREPARED, { force: true });
const { prepareOwnGadgets, prepareTemplates } = await import('./dist/prepare.js');
const templates = prepareTemplates('.');
/** With `--dev` the code that reads gadgets changes at any time: then they are read at each start. */
const writePrepared = async () => {
  const own = await prepareOwnGadgets('.');
  Object.assign(templates, own.templates);
  writeFileSync(PREPARED, JSON.stringify(own.gadgets));
};
if (!process.argv.includes('--dev')) await writePrepared();
writeFileSync('dist/views/built-templates.json', JSON.stringify(templates));

const STYLES = 'templates/styles';
/** The styles of pages: `base.css`, then the parts of each (`frame.css`, `frame.table.css`), as one small file. */
const writeStyles = async () => {
  const parts = readdirSync(STYLES).toSorted((one, other) => (one < other ? -1 : 1));
  for (const page of ['frame', 'site', 'admin', 'workshop']) {
    const own = ['base.css', ...parts.filter((name) => name.startsWith(`${page}.`))];
    const text = own.map((name) => readFileSync(join(STYLES, name), 'utf8')).join('\n');
    const { code } = await transform(text, { loader: 'css', minify: true, target: inBrowser.target });
    writeFileSync(`dist/browser/${page}.css`, code);
  }
};
await writeStyles();

const dev = process.argv.indexOf('--dev');
if (dev === -1) {
  await Promise.all(contexts.map((each) => each.dispose()));
  execFileSync(process.execPath, ['dist/compile-ahead.js'], { stdio: 'inherit' });
} else {
  const args = process.argv.slice(dev + 1);
  let server;
  let ending = false;
  const start = () => {
    server = spawn(process.execPath, ['--enable-source-maps', 'dist/main.js', 'serve', ...args], {
      stdio: 'inherit',
    });
    // A server that could not start waits for the next change.
    server.once('exit', () => {
      server = undefined;
    });
  };
  const restart = () => {
    if (ending) return;
    console.log('changed: starting again');
    if (server === undefined) return start();
    server.once('exit', start);
    server.kill('SIGTERM');
  };
  await Promise.all(contexts.map((each) => each.watch()));
  watch(PRESETS, () => {
    try {
      writePresets();
    } catch (error) {
      console.error(error.message);
    }
  });
  watch(STYLES, () => void writeStyles().catch(({ message }) => console.error(message)));
  let soon;
  const changed = () => {
    clearTimeout(soon);
    soon = setTimeout(restart, 150);
  };
  // What the first build wrote is not a change.
  setTimeout(() => {
    for (const folder of present(['dist', 'templates', 'gadgets']))
      watch(folder, { recursive: true }, changed);
    for (const file of present(['oriel.yaml'])) watch(file, changed);
  }, 500);
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => {
      ending = true;
      server?.once('exit', () => process.exit(0));
      if (server === undefined || !server.kill(signal)) process.exit(0);
    });
  start();
}
