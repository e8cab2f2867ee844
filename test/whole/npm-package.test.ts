import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, KEY, loopback } from '../cli/command-line.js';
import { LARGE } from '../support/suite-folder.js';
import { startInstalled } from './installed.js';

/*
 * The tarball as npm packs it, installed in an empty folder from the registry. sqlite3 is compiled where there is no binary for the machine,
 * which takes a minute: what was compiled for this project is copied instead.
 */

const folder = mkdtempSync(join(process.env[LARGE] ?? tmpdir(), 'oriel-package-'));
const ROOT = resolve('.');
const SQLITE = 'node_modules/sqlite3/build';
let files: readonly string[] = [];
let size = 0;
let reason: string | null = null;

const npm = (args: readonly string[], cwd: string) =>
  spawnSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    encoding: 'utf8',
    timeout: 240_000,
  });

const installed = (...parts: readonly string[]): string => join(folder, 'node_modules', 'oriel', ...parts);

beforeAll(() => {
  const packed = npm(['pack', '--ignore-scripts', '--json', '--pack-destination', folder], ROOT);
  const [about] = JSON.parse(packed.stdout) as [
    { filename: string; size: number; files: { path: string }[] },
  ];
  files = about.files.map(({ path }) => path);
  size = about.size;
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  const { status, stderr } = npm(
    ['install', '--ignore-scripts', '--omit=dev', '--prefer-offline', `./${about.filename}`],
    folder,
  );
  if (status !== 0) reason = `the registry could not be used: ${stderr.trim()}`;
  else cpSync(join(ROOT, SQLITE), join(folder, SQLITE), { recursive: true });
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Skips, and says why, where npm cannot install anything. */
const needsRegistry = (skip: (note: string) => void): void => {
  if (reason !== null) skip(reason);
};

describe('The npm package', () => {
  it('holds what runs and is read: no source map, no test, no source, and less than 2.5 MB', () => {
    expect(size).toBeLessThan(2_500_000);
    expect(files.filter((file) => /\.map$|\.test\.|^src\/|^bench\/|\.db|\.env/.test(file))).toEqual([]);
    for (const file of [
      'dist/main.js',
      'dist/demo/main.js',
      'embed/index.d.ts',
      'docs/errors.md',
      'LICENSE',
      'README.md',
    ])
      expect(files).toContain(file);
    const text = files
      .filter((file) => /\.(?:js|mjs|json|yaml|njk)$/.test(file))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    expect(text).not.toContain(ROOT);
  });

  it('is published by its owner alone', () => {
    const { private: isPrivate } = JSON.parse(readFileSync('package.json', 'utf8')) as { private?: boolean };
    expect(isPrivate).toBe(true);
  });

  it('runs `oriel demo`, with everything that is in it', async ({ skip }) => {
    needsRegistry(skip);
    const demo = startInstalled(folder, ['demo', '--json', '--port-base', '0']);
    const ready = JSON.parse(await demo.line()) as {
      ready: boolean;
      pages: { gocd: string; portal: string };
    };
    expect(ready.ready).toBe(true);
    for (const page of [ready.pages.gocd, ready.pages.portal]) expect((await fetch(page)).status).toBe(200);
    expect(await demo.end()).toBe(0);
  }, 60_000);

  it('checks and serves a configuration', async ({ skip }) => {
    needsRegistry(skip);
    const port = await freePort();
    writeFileSync(
      join(folder, 'oriel.yaml'),
      JSON.stringify({ ...loopback(port), metrics: { listen: { port: await freePort() } } }),
    );
    const check = startInstalled(folder, ['check'], { ORIEL_KEY: KEY });
    expect(await check.line()).toBe(`${join(folder, 'oriel.yaml')} is valid.`);
    const server = startInstalled(folder, ['serve'], { ORIEL_KEY: KEY });
    await server.line('"msg":"ready"');
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    const gadget = await fetch(`http://127.0.0.1:${port}/h/gocd/g/mingle-cards`);
    expect([gadget.status, await gadget.text()]).toEqual([
      200,
      expect.stringContaining('<title>Cards</title>'),
    ]);
    expect(await server.end()).toBe(0);
  }, 60_000);

  it('needs nothing that only development has', ({ skip }) => {
    needsRegistry(skip);
    expect(existsSync(join(folder, 'node_modules', 'vitest'))).toBe(false);
    const total = (at: string): number =>
      readdirSync(at, { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile())
        .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
    expect(total(installed())).toBeLessThan(12_000_000);
  });
});

const PAGE = `
import { loadOriel, type OrielState } from '%';
void loadOriel('https://gadgets.example.com');
const element = document.querySelector('oriel-gadget');
element?.addEventListener('oriel-state', ({ detail }) => {
  const state: OrielState = detail.state;
  // @ts-expect-error There is no such state.
  const wrong: 'shown' = detail.state;
  console.log(state, wrong);
});
element?.reload();
`;

const JSX = `
export const page = (name: string) => (
  <oriel-gadget host="gocd" gadget="mingle-cards" token-url="/oriel-token" project={name} theme="dark" height={300}>
    <a slot="signed-out" href="/login">Sign in</a>
  </oriel-gadget>
);
// @ts-expect-error The gadget is missing.
export const without = <oriel-gadget host="gocd" />;
// @ts-expect-error There is no such theme.
export const blue = <oriel-gadget host="gocd" gadget="mingle-cards" theme="blue" />;
`;

const REACT = `
import { createRef } from 'react';
import type { OrielGadgetElement } from 'oriel/embed/react';
const ref = createRef<OrielGadgetElement>();
export const referred = <oriel-gadget ref={ref} key="1" className="wide" host="gocd" gadget="mingle-cards" />;
`;

const GLOBAL = `
declare global { namespace JSX { interface Element {} interface IntrinsicElements { a: { slot?: string; href?: string } } } }
`;

describe('The types of oriel/embed', () => {
  /** What comes with TypeScript takes longer to read than all else. */
  const OWN_TYPES = join(ROOT, 'node_modules/typescript/lib/');
  const ownTypes = new Map<string, ts.SourceFile | undefined>();
  const compile = (name: string, text: string, options: Readonly<Record<string, unknown>>): string => {
    const at = join(folder, name);
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, 'page.tsx'), text);
    const compilerOptions = {
      ...{
        target: 'ES2022',
        module: 'NodeNext',
        moduleResolution: 'NodeNext',
        lib: ['ES2022', 'DOM', 'DOM.Iterable'],
      },
      // What comes with TypeScript is not ours to check, and most of what there is.
      ...{
        strict: true,
        noEmit: true,
        types: [],
        skipLibCheck: false,
        skipDefaultLibCheck: true,
        ...options,
      },
    };
    const given = ts.parseJsonConfigFileContent({ compilerOptions, include: ['page.tsx'] }, ts.sys, at);
    const host = ts.createCompilerHost(given.options);
    const read = host.getSourceFile.bind(host);
    host.getSourceFile = (file, ...more) => {
      if (!file.startsWith(OWN_TYPES)) return read(file, ...more);
      const source = ownTypes.get(file) ?? read(file, ...more);
      ownTypes.set(file, source);
      return source;
    };
    const program = ts.createProgram({ rootNames: given.fileNames, options: given.options, host });
    return ts.formatDiagnostics([...given.errors, ...ts.getPreEmitDiagnostics(program)], host);
  };

  it('know the element on a plain page, and in JSX that is global', ({ skip }) => {
    needsRegistry(skip);
    const text = `${PAGE.replace('%', 'oriel/embed')}${GLOBAL}${JSX}`;
    expect(compile('plain', text, { jsx: 'preserve' })).toBe('');
  });

  it.each([
    ['19', '@types/react'],
    ['18', '@types/react-18'],
  ])(
    'know the element in React %s',
    (version, types, { skip } = { skip: () => {} } as never) => {
      needsRegistry(skip);
      const react = join(ROOT, 'node_modules', types);
      const paths = {
        react: [join(react, 'index.d.ts')],
        'react/jsx-runtime': [join(react, 'jsx-runtime.d.ts')],
      };
      // The package's own import of react must find the same.
      cpSync(react, join(folder, 'node_modules/@types/react'), { recursive: true, force: true });
      cpSync(join(ROOT, 'node_modules/csstype'), join(folder, 'node_modules/csstype'), { recursive: true });
      cpSync(join(ROOT, 'node_modules/@types/prop-types'), join(folder, 'node_modules/@types/prop-types'), {
        recursive: true,
      });
      const text = `${PAGE.replace('%', 'oriel/embed/react')}${REACT}${JSX}`;
      expect(compile(`react-${version}`, text, { jsx: 'react-jsx', paths })).toBe('');
      rmSync(join(folder, 'node_modules/@types/react'), { recursive: true });
    },
    60_000,
  );
});

it('npm itself finds the program by its name', ({ skip }) => {
  needsRegistry(skip);
  const out = execFileSync('npx', ['--no-install', 'oriel', '--version'], { cwd: folder, encoding: 'utf8' });
  expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
});
