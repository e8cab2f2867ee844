import { join, sep } from 'node:path';
import { pathText } from '../domain/document-path.js';
import type { Fault } from '../domain/fault.js';
import type { Gadget } from '../domain/gadget.js';
import { type Catalog, type CatalogEntry, loadCatalog } from '../gadgets/load-gadgets.js';
import { bindingOf, gadgetNamed } from '../hosts/bound-gadget.js';
import type { Host } from '../hosts/host.js';
import { unknownApiFix, unknownApiProblem, unknownApisOf } from '../hosts/unknown-apis.js';
import type { ProviderDraft } from '../providers/provider.js';
import type { Config } from './config.js';
import { gadgetReading } from './gadget-reading.js';
import { placeOfConfig } from './read-config.js';

const readGadgets = (config: Pick<Config, 'gadgets'>, root: string): Promise<Catalog> =>
  loadCatalog([join(root, 'gadgets'), ...config.gadgets], gadgetReading);

/** What is on disk: the gadgets that can be read, and what is wrong with the others. */
export interface DeclaredGadgets {
  readonly entries: readonly CatalogEntry[];
  /** By the gadget's id, which is its folder's name. */
  readonly faulty: ReadonlyMap<string, readonly Fault[]>;
  /** Folders of gadgets that cannot be read. */
  readonly folderFaults: readonly Fault[];
}

/** The gadget that a file belongs to; null of a folder of gadgets itself. */
const gadgetAt = (file: string, folders: readonly string[]): string | null => {
  const [folder = ''] = folders
    .filter((each) => file.startsWith(each + sep))
    .toSorted((one, other) => other.length - one.length);
  return folder === '' ? null : (file.slice(folder.length + 1).split(sep)[0] ?? null);
};

const unrepeated = (entries: readonly CatalogEntry[]): readonly CatalogEntry[] => [
  ...new Map([...entries].reverse().map((entry) => [entry.gadget.id, entry])).values(),
];

/** Reads the gadgets on disk, each by itself: what is wrong with one is no other's business. */
export const declaredGadgets = async (
  config: Pick<Config, 'gadgets'>,
  root: string,
): Promise<DeclaredGadgets> => {
  const { entries, faults } = await readGadgets(config, root);
  const folders = [join(root, 'gadgets'), ...config.gadgets];
  const faulty = new Map<string, Fault[]>();
  const folderFaults: Fault[] = [];
  for (const fault of faults) {
    const id = gadgetAt(fault.file, folders);
    if (id === null) folderFaults.push(fault);
    else faulty.set(id, [...(faulty.get(id) ?? []), fault]);
  }
  return { entries: unrepeated(entries), faulty, folderFaults };
};

const NONE: ReadonlySet<string> = new Set();

/** What one host's name of a gadget gets wrong. */
const looseIn = (
  host: Host,
  name: string,
  { gadgets, leftOut, at }: { gadgets: ReadonlyMap<string, Gadget>; leftOut: ReadonlySet<string>; at: Place },
): readonly Fault[] => {
  const binding = bindingOf(host, name);
  const id = binding?.gadget ?? name;
  const gadget = gadgets.get(id);
  if (gadget === undefined)
    return leftOut.has(id)
      ? []
      : [
          {
            ...at(binding === null || id === name ? [] : ['gadget']),
            problem: `there is no gadget “${id}”`,
            expected: `one of ${[...gadgets.keys()].join(', ')}`,
            example: null,
          },
        ];
  const roles = binding?.providers ?? {};
  const unknown = Object.keys(roles)
    .filter((role) => !gadget.providers.includes(role))
    .map((role) => ({
      ...at(['providers', role]),
      problem: `the gadget “${id}” has no role “${role}”`,
      expected: gadget.providers.length === 0 ? 'no roles' : `one of ${gadget.providers.join(', ')}`,
      example: null,
    }));
  const refused = gadget.providers.flatMap((role): Fault[] => {
    const isBound = Object.hasOwn(roles, role);
    const provider = (isBound ? roles[role] : undefined) ?? role;
    if (host.providers.includes(provider)) return [];
    const what = isBound ? `has “${provider}” play “${role}”` : `uses the provider “${provider}”`;
    return [
      {
        ...at(isBound ? ['providers', role] : []),
        problem: `the gadget “${name}” ${what}, which this host may not use`,
        expected: `“${provider}” in hosts.${host.id}.providers, and an entry for it in providers`,
        example: null,
      },
    ];
  });
  return [...unknown, ...refused];
};

type Place = (below: readonly string[]) => Pick<Fault, 'file' | 'path' | 'line'>;

/**
 * Where hosts and gadgets name something that the other does not have. `file` is where the hosts are declared; gadgets that are `leftOut` because of
 * their own mistakes may be named.
 */
export const looseFaults = (
  hosts: readonly Host[],
  known: Iterable<Gadget>,
  file: string,
  leftOut: ReadonlySet<string> = NONE,
): readonly Fault[] => {
  const gadgets = new Map([...known].map((gadget) => [gadget.id, gadget]));
  return hosts.flatMap((host) =>
    host.gadgets.flatMap((name, index) => {
      const key = bindingOf(host, name) === null ? index : name;
      const at: Place = (below) => ({
        file,
        path: pathText(['hosts', host.id, 'gadgets', key, ...below]),
        line: null,
      });
      return looseIn(host, name, { gadgets, leftOut, at });
    }),
  );
};

const recordOf = (draft: ProviderDraft) => (draft.kind === 'complete' ? draft.provider : draft.draft);

/**
 * Gadgets of hosts that ask for an API which their provider's record does not have. It keeps no server from starting: the gadget shows what else
 * it has, and the record may be changed while it runs.
 */
export const apiFaults = (
  hosts: readonly Host[],
  providers: readonly ProviderDraft[],
  known: Iterable<Gadget>,
  file: string,
): readonly Fault[] => {
  const gadgets = new Map([...known].map((gadget) => [gadget.id, gadget]));
  const records = new Map(providers.map(recordOf).map((record) => [record.id, record]));
  return hosts.flatMap((host) =>
    host.gadgets.flatMap((name) => {
      const gadget = gadgetNamed({ gadget: (id) => gadgets.get(id) }, host, name);
      const unknown = gadget === undefined ? [] : unknownApisOf(gadget, (id) => records.get(id));
      return unknown.map((each) => ({
        ...{ file, line: null, example: null },
        path: pathText(['hosts', host.id, 'gadgets', name]),
        problem: unknownApiProblem(each),
        expected: unknownApiFix(each),
      }));
    }),
  );
};

const loose = (config: Pick<Config, 'hosts' | 'file'>, entries: readonly CatalogEntry[]): readonly Fault[] =>
  looseFaults(
    config.hosts,
    entries.map(({ gadget }) => gadget),
    config.file,
  );

/** The gadgets on disk, and every mistake in them and between them and what is right in the file. */
export const gadgetsIn = async (
  sound: Pick<Config, 'gadgets' | 'hosts'>,
  root: string,
  file: string,
): Promise<Catalog> => {
  const { entries, faults } = await readGadgets(sound, root);
  // Beside a gadget that cannot be read, it would be called unknown where a host names it.
  if (faults.length > 0) return { entries, faults };
  return { entries, faults: loose({ ...sound, file: placeOfConfig(file) }, entries) };
};
