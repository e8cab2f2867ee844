import type { Fault } from '../../domain/fault.js';
import type { ProviderDraft } from '../../domain/provider.js';
import { type Entry, GROUP, type ReadEntries, type SetupKind } from '../../domain/setup.js';
import { CONSOLE, type Declared } from './declared.js';
import { keptIn } from './masking.js';

/** A changed entry as it was given, masks and all, and what it was before. */
export interface Given {
  readonly given: Entry;
  readonly before: Entry | null;
}

const originsIn = (urls: readonly (string | undefined)[]): readonly string[] =>
  urls.flatMap((url) => (url === undefined ? [] : [new URL(url).origin]));

/** Where a record sends its client secrets. What it leaves to metadata is for the issuer to say. */
const destinationsOf = (draft: ProviderDraft): readonly string[] => {
  const { tokenEndpoint, revocation } = draft.kind === 'complete' ? draft.provider : draft.draft;
  return originsIn([
    draft.kind === 'discover' ? draft.issuer : undefined,
    tokenEndpoint,
    revocation?.kind === 'rfc7009' ? revocation.endpoint : undefined,
  ]);
};

/**
 * A secret that is kept goes only where it went before: who may change a record need not know its secrets, and would be told them by
 * naming a server of their own. Typed anew, a secret goes anywhere, since whoever types it has it already.
 */
export const keptSecretFaults =
  (read: ReadEntries) =>
  (
    { kind, id }: { readonly kind: SetupKind; readonly id: string },
    { given, before }: Given,
    next: Entry,
    { known, named }: Pick<Declared, 'known' | 'named'>,
  ): readonly Fault[] => {
    // A host's secret is sent nowhere.
    const kept = kind === 'host' ? [] : keptIn(kind, given, next);
    if (kept.length === 0) return [];
    const destinations = (entry: Entry | null): readonly string[] => {
      if (entry === null) return [];
      const hosts = { ...known, host: [...known.host, ...named.host] };
      const found = read({ hosts: {}, providers: { [id]: entry } }, hosts);
      return 'faults' in found ? [] : found.providers.flatMap(destinationsOf);
    };
    const old = new Set(destinations(before));
    const others = [...new Set(destinations(next))].filter((origin) => !old.has(origin));
    if (others.length === 0) return [];
    return kept.map((place) => ({
      file: CONSOLE,
      path: `${GROUP[kind]}.${id}.${place}`,
      line: null,
      problem: `this secret is kept from before, and would now be sent to ${others.join(' and ')}`,
      expected: 'that it is typed anew, since only who knows it may send it elsewhere',
      example: null,
    }));
  };
