import type { FileEntries, ReadEntries } from '../../config/read-entries.js';
import type { Fault } from '../../domain/fault.js';
import { GROUP, type SetupKind } from '../../domain/setup-record.js';
import type { Host } from '../../hosts/host.js';
import type { ProviderDraft } from '../../providers/provider.js';
import type { Declared } from './declared.js';

/** What of all that is declared can be used, and what is wrong with the rest. */
export interface Reading {
  readonly hosts: readonly Host[];
  readonly providers: readonly ProviderDraft[];
  readonly inFile: readonly Fault[];
  readonly inStore: readonly Fault[];
}

/** Whether a fault stands in this record. */
export const isOf = (kind: SetupKind, id: string, { path }: Fault): boolean => {
  const whole = `${GROUP[kind]}.${id}`;
  return path === whole || path.startsWith(`${whole}.`) || path.startsWith(`${whole}[`);
};

/** The faults of what is declared, each with the place it stands in. */
export const faultsOf = (read: ReadEntries, file: FileEntries, all: Declared): readonly Fault[] => {
  const result = read(all, all.known);
  return 'faults' in result ? result.faults.map((fault) => inPlace(file, fault)) : [];
};

const ownersIn = (
  all: Pick<Declared, 'hosts' | 'providers'>,
  fault: Fault,
): readonly (readonly [SetupKind, string])[] =>
  (['host', 'provider'] as const).flatMap((kind) =>
    Object.keys(all[GROUP[kind]])
      .filter((id) => isOf(kind, id, fault))
      .map((id) => [kind, id] as const),
  );

const inPlace = (file: FileEntries, fault: Fault): Fault =>
  ownersIn(file, fault).length > 0 ? { ...fault, file: file.file } : fault;

/** Reads what can be read: a record with a mistake is left out, and the others go on. */
export const readTolerantly = (read: ReadEntries, file: FileEntries, all: Declared): Reading => {
  const found: Fault[] = [];
  const known = {
    host: [...all.known.host, ...all.named.host],
    provider: [...all.known.provider, ...all.named.provider],
  };
  let rest = all;
  for (;;) {
    const result = read(rest, known);
    if (!('faults' in result)) {
      const inFile = found.filter((fault) => fault.file === file.file);
      return { ...result, inFile, inStore: found.filter((fault) => !inFile.includes(fault)) };
    }
    found.push(...result.faults.map((fault) => inPlace(file, fault)));
    const bad = result.faults.flatMap((fault) => ownersIn(rest, fault));
    // A fault that belongs to no record cannot be left out.
    if (bad.length === 0) throw new Error(result.faults.map(({ problem }) => problem).join('; '));
    const keep = (kind: SetupKind) =>
      Object.fromEntries(
        Object.entries(rest[GROUP[kind]]).filter(
          ([id]) => !bad.some((each) => each[0] === kind && each[1] === id),
        ),
      );
    rest = { ...rest, hosts: keep('host'), providers: keep('provider') };
  }
};
