import { pathText } from '../domain/document-path.js';
import type { Fault } from '../domain/fault.js';
import type { Entry, SetupKind } from '../domain/setup-record.js';
import type { Host } from '../hosts/host.js';
import { hostRecord } from '../hosts/host-schema.js';
import type { ProviderDraft } from '../providers/provider.js';
import { providerDraft } from '../providers/provider-record.js';
import type { Config } from './config.js';
import { configSchema } from './config-schema.js';
import { crossChecks } from './cross-checks.js';
import { explainIssues } from './explain-mistakes.js';
import { freeze } from './freeze.js';
import { configJsonSchema } from './json-schema.js';
import { allowedForKeys, boundMistakes } from './outgoing-bound.js';
import { partsOf } from './parts.js';

/** Entries by id. */
export type Entries = Readonly<Record<string, Entry>>;

/** What entries amount to, checked as the configuration file is, or every mistake in them. */
export type ReadSetup =
  | { readonly hosts: readonly Host[]; readonly providers: readonly ProviderDraft[] }
  | { readonly faults: readonly Fault[] };

/** Ids that are taken, whether or not what they name is here to be read. */
export type KnownIds = Readonly<Record<SetupKind, readonly string[]>>;

/**
 * Reads hosts and providers as the configuration file would be read, together, so that what each names must exist or be known. Where a
 * fault stands starts with `hosts.ID` or `providers.ID`.
 */
export type ReadEntries = (
  entries: { readonly hosts: Entries; readonly providers: Entries },
  known?: KnownIds,
) => ReadSetup;

/** What the configuration file declares, as it stands there once its variables are replaced. */
export interface FileEntries {
  /** Its absolute path. */
  readonly file: string;
  readonly hosts: Entries;
  readonly providers: Entries;
}

const NOTHING_KNOWN: KnownIds = { host: [], provider: [] };

const setupSchema = configSchema.pick({ hosts: true, providers: true });

/** What a configuration declares, to be read together with what is declared in the store. */
export const entriesIn = ({ file, entries }: Pick<Config, 'file' | 'entries'>): FileEntries => {
  const { hosts, providers } = JSON.parse(entries.reveal()) as Omit<FileEntries, 'file'>;
  return { file, hosts, providers };
};

/**
 * Reads hosts and providers by the rules of the file, with the same sentences for what is wrong. Nothing in them is replaced: what
 * looks like `${NAME}` is text. None reaches beyond the bound that the file sets. `place` is what a fault calls the file.
 */
export const entriesReader =
  (config: Pick<Config, 'gadgetOrigin' | 'siteOrigin' | 'outgoing' | 'hosts'>, place: string): ReadEntries =>
  ({ hosts, providers }, known = NOTHING_KNOWN) => {
    const data = { hosts, providers };
    const parsed = setupSchema.safeParse(data);
    const refused = parsed.success ? [] : explainIssues(parsed.error.issues, [], data, configJsonSchema());
    const { gadgetOrigin, siteOrigin, outgoing } = config;
    const parts = partsOf({ ...data, gadgetOrigin, siteOrigin }, refused);
    const mistakes = [
      ...refused,
      ...crossChecks({
        ...parts,
        hostIds: new Set([...parts.hostIds, ...known.host]),
        providerIds: new Set([...parts.providerIds, ...known.provider]),
      }),
      ...boundMistakes(parts, outgoing, (url) => allowedForKeys(url, config)),
    ];
    if (mistakes.length > 0 || !parsed.success) {
      return {
        faults: mistakes.map(({ path, elsewhere, ...mistake }) => ({
          file: place,
          path: pathText(path),
          line: null,
          ...mistake,
        })),
      };
    }
    const right = parsed.data;
    return freeze({
      hosts: Object.entries(right.hosts).map(([id, host]) => hostRecord(id, host)),
      providers: Object.entries(right.providers).flatMap(([id, each]) => providerDraft(id, each) ?? []),
    });
  };
