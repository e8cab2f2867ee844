import { createHash } from 'node:crypto';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Fault } from '../domain/fault.js';
import type { Gadget, Parameter, ParameterType } from '../domain/gadget.js';
import { readTexts, TEXTS } from './gadget-texts.js';
import { type Manifest, type Mistake, type Reading, readManifest } from './manifest.js';
import { mistakesOf } from './manifest-checks.js';
import type { ParameterManifest } from './parameter-schema.js';
import { requestMistakesIn } from './request-checks.js';
import { planRequest } from './request-plan.js';
import { readValue, scalarType, typeName } from './value-types.js';

const typeOf = (written: ParameterManifest): ParameterType =>
  written.type === 'list'
    ? { kind: 'list', of: scalarType(written.of), maxItems: written.maxItems }
    : scalarType(written);

const defaultOf = (type: ParameterType, written: ParameterManifest['default']) => {
  if (written === undefined) return { value: undefined };
  return readValue(type, Array.isArray(written) ? written.map(String) : String(written));
};

const viewerOf = (written: ParameterManifest): Parameter['viewer'] => {
  const viewer = 'viewer' in written && written.viewer;
  if (typeof viewer === 'string') return viewer;
  return viewer ? 'field' : null;
};

const parameterOf = (name: string, written: ParameterManifest): Parameter => {
  const { title, required } = written;
  const type = typeOf(written);
  const reading = defaultOf(type, written.default);
  const value = ('value' in reading ? reading.value : undefined) ?? null;
  return { name, title, type, required, default: value, viewer: viewerOf(written) };
};

const defaultMistakes = (name: string, written: ParameterManifest): readonly Mistake[] => {
  const type = typeOf(written);
  const reading = defaultOf(type, written.default);
  if (!('fault' in reading)) return [];
  return [
    {
      path: ['parameters', name, 'default'],
      problem: `no host page could give this value: ${reading.fault.replace(/\.$/, '')}`,
      expected: `a value of type ${typeName(type)} within its limits`,
      example: null,
    },
  ];
};

/** The values that viewers may choose, by parameter: texts say what these are called. */
const choosable = (parameters: Manifest['parameters']): ReadonlyMap<string, readonly string[]> =>
  new Map(
    Object.entries(parameters).flatMap(([name, written]) =>
      written.type === 'choice' && written.viewer !== false ? [[name, written.values] as const] : [],
    ),
  );

/** Pictures are fetched for a viewer through a Connection. */
const NO_ONE_ASKED: Mistake = {
  path: ['images'],
  problem: 'this does nothing for a gadget that asks no provider',
  expected: 'a request, whose answer names the pictures',
  example: null,
};

const unasked = (role: string): Mistake => ({
  path: ['scopes', role],
  problem: `no request asks a provider “${role}”`,
  expected: 'the `provider` of a request',
  example: null,
});

/** What a folder gives beside its definition. */
type Surroundings = Pick<Gadget, 'id' | 'version' | 'view' | 'style' | 'texts'>;

/** The gadget a definition describes, and what is wrong with its defaults. */
export const gadgetOf = (
  { title, description, parameters, requests, scopes, images }: Manifest,
  surroundings: Surroundings,
): { readonly gadget: Gadget; readonly mistakes: readonly Mistake[] } => {
  const asked = Object.entries(requests).map(([name, written]) => planRequest(name, written));
  const gadget: Gadget = {
    ...surroundings,
    title,
    description,
    parameters: Object.entries(parameters).map(([name, written]) => parameterOf(name, written)),
    requests: asked,
    providers: [...new Set(asked.map((request) => request.provider))],
    images: [...new Set(images)],
    ...(Object.keys(scopes).length > 0 && { scopes }),
  };
  const mistakes = [
    ...Object.entries(parameters).flatMap(([name, written]) => defaultMistakes(name, written)),
    ...Object.entries(requests).flatMap(([name, written]) => requestMistakesIn(name, written)),
    ...Object.keys(scopes).flatMap((role) => (gadget.providers.includes(role) ? [] : [unasked(role)])),
    ...(images.length > 0 && asked.length === 0 ? [NO_ONE_ASKED] : []),
  ];
  return { gadget, mistakes };
};

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

interface Files {
  readonly texts: ReadonlyMap<string, string>;
  readonly faults: readonly Fault[];
}

/** Reads a file of a folder. Links lead on within the folder only, as volumes that are mounted use them: null of one that leads out of it. */
const readWithin = async (folder: string, name: string): Promise<string | null> => {
  const inside = await realpath(folder);
  const file = await realpath(join(folder, name));
  return file.startsWith(inside + sep) ? readFile(file, 'utf8') : null;
};

const namesIn = (folder: string, ending: string): Promise<readonly string[]> =>
  readdir(folder).then(
    (names) => names.filter((name) => name.endsWith(ending)).sort(),
    () => [],
  );

/** The templates that a view may import, and the texts. */
const otherNames = async (folder: string): Promise<readonly string[]> => [
  ...(await namesIn(folder, '.njk')).filter((name) => name !== VIEW),
  ...(await namesIn(join(folder, TEXTS), '.yaml')).map((name) => `${TEXTS}/${name}`),
];

/** A gadget's files by name; one that is there and cannot be read, or lies elsewhere, is a fault. */
const filesOf = async (folder: string): Promise<Files> => {
  const texts = new Map<string, string>();
  const faults: Fault[] = [];
  for (const name of [DEFINITION, VIEW, STYLE, ...(await otherNames(folder))]) {
    const file = join(folder, name);
    try {
      const text = await readWithin(folder, name);
      if (text === null)
        faults.push(
          fault(
            file,
            'this file is a link that leads out of its folder',
            'a file in the folder of the gadget',
          ),
        );
      else texts.set(name, text);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      if (code !== 'ENOENT')
        faults.push(fault(file, `this file cannot be read (${code})`, 'a file that this program may read'));
    }
  }
  return { texts, faults };
};

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

const versionOf = (files: ReadonlyMap<string, string>): string => {
  return createHash('sha256')
    .update(JSON.stringify([...files]))
    .digest('base64url');
};

/** A gadget's folder as far as it can be read. */
export interface ReadGadget {
  /** Null where the definition is missing or has no sound form; it may have other faults. */
  readonly gadget: Gadget | null;
  readonly faults: readonly Fault[];
  /** Texts of its files by name within the folder. */
  readonly files: ReadonlyMap<string, string>;
}

/** Reads the gadget in this folder, whatever is wrong with it. Never throws: what is wrong is in `faults`. */
export const readGadget = async (id: string, folder: string, reading: Reading): Promise<ReadGadget> => {
  const { texts: files, faults: unreadable } = await filesOf(folder);
  if (unreadable.length > 0) return { gadget: null, faults: unreadable, files };
  const version = versionOf(files);
  const known = reading.known?.(id, version);
  if (known !== undefined) return { gadget: known, faults: [], files };
  const file = join(folder, DEFINITION);
  const definition = files.get(DEFINITION);
  if (definition === undefined) {
    const missing = fault(file, 'there is no such file', 'the definition of the gadget');
    return { gadget: null, faults: [missing], files };
  }
  const faults: Fault[] = [];
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(id)) {
    faults.push(fault(folder, 'the folder cannot name a gadget', 'a lower-case word', 'my-gadget'));
  }
  if (!files.has(VIEW)) {
    faults.push(fault(join(folder, VIEW), 'there is no such file', 'the template that shows the gadget'));
  }
  const read = readManifest(file, definition, reading);
  if ('faults' in read) return { gadget: null, faults: [...faults, ...read.faults], files };
  const { parameters } = read.manifest;
  const texts = readTexts(folder, files, Object.keys(parameters), reading, choosable(parameters));
  faults.push(...texts.faults);
  const { gadget, mistakes } = gadgetOf(read.manifest, {
    id,
    version,
    view: `${id}/${VIEW}`,
    style: files.get(STYLE) ?? null,
    texts: texts.texts,
  });
  faults.push(...[...mistakes, ...mistakesOf(gadget)].map(read.fault));
  if (faults.length === 0) reading.remember?.(gadget);
  return { gadget, faults, files };
};

const loadGadget = async (id: string, folder: string, reading: Reading): Promise<Catalog> => {
  const { gadget, faults } = await readGadget(id, folder, reading);
  return faults.length === 0 && gadget !== null
    ? { entries: [{ gadget, folder }], faults }
    : { entries: [], faults };
};

const loadFolder = async (folder: string, reading: Reading): Promise<Catalog> => {
  try {
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();
    const catalogs = names.map(async (id): Promise<Catalog> => {
      const own = join(folder, id);
      return (await isFolder(own)) ? loadGadget(id, own, reading) : { entries: [], faults: [] };
    });
    return together(await Promise.all(catalogs));
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

/** Each folder once, by its first name: one that a link or a relative path names too is no second one. */
const distinct = async (folders: readonly string[]): Promise<readonly string[]> => {
  const byPlace = new Map<string, string>();
  for (const folder of folders) {
    // What is not there is named where it is read.
    const place = await realpath(folder).catch(() => folder);
    if (!byPlace.has(place)) byPlace.set(place, folder);
  }
  return [...byPlace.values()];
};

/** Reads the gadgets below these folders, each in a folder named by its id. Never throws: what is wrong is in `faults`. */
export const loadCatalog = async (folders: readonly string[], reading: Reading): Promise<Catalog> => {
  const { entries, faults } = together(
    await Promise.all((await distinct(folders)).map((folder) => loadFolder(folder, reading))),
  );
  return { entries, faults: [...faults, ...twins(entries)] };
};
