import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFolder } from './command-line.js';
import { commandsIn } from './in-process.js';

export const DEFINITION = `title: Builds
description: The newest builds.
requests:
  builds: { provider: ci, path: /builds, format: json }
`;

/** A fault as `oriel gadget check --json` has it. */
export interface Found {
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly length: number;
  readonly excerpt: string | null;
  readonly problem: string;
  readonly expected: string;
  readonly example: string | null;
}

type Files = Readonly<Record<string, string>>;

/** Gadgets in a folder of their own, each of these files where a test writes no other, and what the check finds in them. */
export const openGadgets = (usual: Files) => {
  const folder = openFolder();
  const run = commandsIn({ cwd: folder.path, env: {} });
  let made = 0;
  const write = (files: Files): string => {
    made += 1;
    const id = `builds-${made}`;
    mkdirSync(join(folder.path, id));
    for (const [name, text] of Object.entries({ 'gadget.yaml': DEFINITION, ...usual, ...files }))
      writeFileSync(join(folder.path, id, name), text);
    return id;
  };
  const faultsOf = async (files: Files): Promise<readonly Found[]> => {
    const { out } = await run('gadget', 'check', write(files), '--json');
    return (JSON.parse(out) as { gadgets: [{ faults: Found[] }] }).gadgets[0].faults;
  };
  return { folder, run, write, faultsOf };
};
