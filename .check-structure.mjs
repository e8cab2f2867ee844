// The structure a machine can check: layers, cycles, and that no file outgrows its subject.

import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import rules from './.dependency-cruiser.mjs';

const LONGEST = 400;
const faults = [];

const folder = process.argv[2] ?? 'src';
const { output } = await cruise(
  [folder],
  { ...rules.options, ruleSet: { forbidden: rules.forbidden }, validate: true },
  {},
  {
    tsConfig: extractTSConfig('tsconfig.json'),
  },
);
for (const { rule, from, to } of output.summary.violations) faults.push(`${rule.name}: ${from} → ${to}`);
// A cruiser that understands nothing finds nothing wrong.
if (output.summary.totalCruised < 10)
  faults.push(`only ${output.summary.totalCruised} modules were read: the check is blind`);
const edges = output.modules.reduce((sum, module) => sum + module.dependencies.length, 0);
if (edges < 10) faults.push(`only ${edges} imports were read: the check is blind`);

// A name that says what is inside without its folder is found from anywhere. The faces of a noun are called alike on purpose.
const FACES = /^(use-cases|schema|pages|api|commands)[.]ts$/;
const named = new Map();
for (const { source } of output.modules) {
  if (!source.startsWith(`${folder}/`) || source.startsWith(`${folder}/browser/`)) continue;
  const name = basename(source);
  if (!FACES.test(name)) named.set(name, [...(named.get(name) ?? []), source]);
}
for (const [name, sources] of named)
  if (sources.length > 1) faults.push(`${sources.join(' and ')} are both called ${name}`);

const linesIn = new Map();
for (const root of [folder, 'test', 'bench']) {
  linesIn.set(root, 0);
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !/[.](ts|css|njk)$/.test(file)) continue;
    const text = readFileSync(file, 'utf8');
    if (root === folder && /URL\.canParse\b[?.]*\(/.test(text))
      faults.push(`${file} calls URL.canParse, which Node 20 gets wrong once it is hot; parseUrl does not`);
    const lines = text.split('\n').length - 1;
    if (/[.]ts$/.test(file)) linesIn.set(root, linesIn.get(root) + lines);
    if (lines > LONGEST) faults.push(`${file} has ${lines} lines; ${LONGEST} is the longest a file may be`);
  }
}

if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exit(1);
}

// Not limits, but worth a look: a module with a single importer is often a part of it.
const importers = new Map();
const own = output.modules.filter(({ source }) => source.startsWith(`${folder}/`));
for (const { source, dependencies } of own)
  for (const { resolved } of dependencies)
    importers.set(resolved, (importers.get(resolved) ?? new Set()).add(source));
const single = own.filter(({ source }) => importers.get(source)?.size === 1).length;
const share = ((100 * single) / own.length).toFixed(1);
const lines = [...linesIn].map(([root, count]) => `${count.toLocaleString('en')} in ${root}`).join(', ');
console.log(`structure: ${output.summary.totalCruised} modules, ${edges} imports, no fault`);
console.log(`numbers: ${own.length} modules of our own, ${share} % with a single importer; lines: ${lines}`);
