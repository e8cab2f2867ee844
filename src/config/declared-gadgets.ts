import { join, resolve } from 'node:path';
import { pathText } from '../domain/document-path.js';
import type { Fault } from '../domain/fault.js';
import type { Gadget } from '../domain/gadget.js';
import { type Catalog, type CatalogEntry, loadCatalog } from '../gadgets/load-gadgets.js';
import type { Host } from '../hosts/host.js';
import type { Config } from './config.js';
import { ConfigFaults } from './config-faults.js';
import { explainIssues } from './explain-mistakes.js';
import { parseYaml } from './yaml-source.js';

const readGadgets = (config: Pick<Config, 'gadgets'>, root: string): Promise<Catalog> =>
  loadCatalog([join(root, 'gadgets'), ...config.gadgets], {
    parse: parseYaml,
    explain: explainIssues,
    pathText,
  });

/** Where hosts and gadgets name something that the other does not have. `file` is where the hosts are declared. */
export const looseFaults = (
  hosts: readonly Host[],
  known: Iterable<Gadget>,
  file: string,
): readonly Fault[] => {
  const gadgets = new Map([...known].map((gadget) => [gadget.id, gadget]));
  return hosts.flatMap((host) =>
    host.gadgets.flatMap((id, index): Fault[] => {
      const at = { file, path: `hosts.${host.id}.gadgets[${index}]`, line: null };
      const gadget = gadgets.get(id);
      if (gadget === undefined)
        return [
          {
            ...at,
            problem: `there is no gadget “${id}”`,
            expected: `one of ${[...gadgets.keys()].join(', ')}`,
            example: null,
          },
        ];
      return gadget.providers
        .filter((provider) => !host.providers.includes(provider))
        .map((provider) => ({
          ...at,
          problem: `the gadget “${id}” uses the provider “${provider}”, which this host may not use`,
          expected: `“${provider}” in hosts.${host.id}.providers, and an entry for it in providers`,
          example: null,
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
  return { entries, faults: loose({ ...sound, file: resolve(file) }, entries) };
};

/** The gadgets on disk that can be used, whatever is wrong with others. */
export const gadgetsOf = async (config: Config, root: string): Promise<readonly Gadget[]> =>
  (await readGadgets(config, root)).entries.map(({ gadget }) => gadget);

/** The gadgets on disk. Throws `ConfigFaults` with every mistake there is. */
export const catalogOf = async (config: Config, root: string): Promise<readonly CatalogEntry[]> => {
  const { entries, faults } = await readGadgets(config, root);
  const all = [...faults, ...loose(config, entries)];
  if (all.length > 0) throw new ConfigFaults(all);
  return entries;
};
