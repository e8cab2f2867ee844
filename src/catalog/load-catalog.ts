import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fault } from '../domain/fault.js';
import type { Gadget } from '../domain/gadget.js';
import { gadgetOf } from './gadget-of.js';
import { type Reading, readManifest } from './manifest.js';
import { mistakesOf } from './sense.js';

/** A gadget and the folder it was read from, where its `view.njk` is. */
export interface CatalogEntry {
  readonly gadget: Gadget;
  readonly folder: string;
}

/** All gadgets without faults, and all faults of the others. */
export interface Catalog {
  readonly entries: readonly CatalogEntry[];
  readonly faults: readonly Fault[];
}

const DEFINITION = 'gadget.yaml';
const VIEW = 'view.njk';
const STYLE = 'style.css';

const fault = (file: string, problem: string, expected: string, example: string | null = null): Fault => ({
  file,
  path: '',
  line: null,
  problem,
  expected,
  example,
});

/** A folder's files by name, or undefined when it cannot be read. */
const filesOf = async (folder: string): Promise<ReadonlyMap<string, string> | undefined> => {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
    const texts = names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const);
    return new Map(await Promise.all(texts));
  } catch {
    return undefined;
  }
};

const versionOf = (files: ReadonlyMap<string, string>): string => {
  const seen = [DEFINITION, VIEW, STYLE].map((name) => files.get(name) ?? null);
  return createHash('sha256').update(JSON.stringify(seen)).digest('base64url');
};

const loadGadget = async (id: string, folder: string, reading: Reading): Promise<Catalog> => {
  const files = await filesOf(folder);
  const file = join(folder, DEFINITION);
  const definition = files?.get(DEFINITION);
  if (files === undefined || definition === undefined) {
    return { entries: [], faults: [fault(file, 'there is no such file', 'the definition of the gadget')] };
  }
  const faults: Fault[] = [];
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(id)) {
    faults.push(fault(folder, 'the folder cannot name a gadget', 'a lower-case word', 'my-gadget'));
  }
  if (!files.has(VIEW)) {
    faults.push(fault(join(folder, VIEW), 'there is no such file', 'the template that shows the gadget'));
  }
  const read = readManifest(file, definition, reading);
  if ('faults' in read) return { entries: [], faults: [...faults, ...read.faults] };
  const { gadget, mistakes } = gadgetOf(read.manifest, {
    id,
    version: versionOf(files),
    view: `${id}/${VIEW}`,
    style: files.get(STYLE) ?? null,
  });
  faults.push(...[...mistakes, ...mistakesOf(gadget)].map(read.fault));
  return faults.length === 0 ? { entries: [{ gadget, folder }], faults } : { entries: [], faults };
};

const loadFolder = async (folder: string, reading: Reading): Promise<Catalog> => {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const ids = entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => entry.name);
    return together(await Promise.all(ids.sort().map((id) => loadGadget(id, join(folder, id), reading))));
  } catch {
    return {
      entries: [],
      faults: [
        fault(folder, 'this folder cannot be read', 'a folder with a folder for each gadget', './gadgets'),
      ],
    };
  }
};

const together = (catalogs: readonly Catalog[]): Catalog => ({
  entries: catalogs.flatMap(({ entries }) => entries),
  faults: catalogs.flatMap(({ faults }) => faults),
});

const twins = (entries: readonly CatalogEntry[]): readonly Fault[] =>
  entries.flatMap(({ gadget, folder }, index) => {
    const first = entries.findIndex((other) => other.gadget.id === gadget.id);
    const before = entries[first]?.folder;
    return before === undefined || first === index
      ? []
      : [
          fault(
            folder,
            `the gadget "${gadget.id}" is already defined in ${before}`,
            'another name for this folder',
          ),
        ];
  });

/** Reads the gadgets below these folders, each in a folder named by its id. Never throws: what is wrong is in `faults`. */
export const loadCatalog = async (folders: readonly string[], reading: Reading): Promise<Catalog> => {
  const { entries, faults } = together(
    await Promise.all(folders.map((folder) => loadFolder(folder, reading))),
  );
  return { entries, faults: [...faults, ...twins(entries)] };
};
