import type { Actor } from '../../domain/actor.js';
import type { Entry } from '../../domain/setup-record.js';
import { type DryRun, dryRun } from './dry-run/dry-run.js';
import type { DryRunPorts } from './dry-run/dry-run-ports.js';
import type { Line } from './dry-run/line.js';
import { type Trust, trusting } from './trust-certificates.js';

/** Trying providers, and trusting their certificates. */
export interface ProviderTests extends DryRun, Trust {
  /** All lines of an entry that is not saved; its masked secrets are those that are saved. Throws as `run` does. */
  ofEntry(id: string, entry: Entry, by: Actor): Promise<readonly Line[]>;
  /** All lines of a provider that is saved, or that the file declares. Throws as `run` does. */
  ofSaved(id: string, by: Actor): Promise<readonly Line[]>;
}

const all = async (lines: AsyncIterable<Line>): Promise<readonly Line[]> => {
  const found: Line[] = [];
  for await (const line of lines) found.push(line);
  return found;
};

export const providerTests = (ports: DryRunPorts & Parameters<typeof trusting>[0]): ProviderTests => {
  const { run } = dryRun(ports);
  return {
    run,
    ...trusting(ports),
    ofEntry: (id, entry, by) => all(run({ id, entry }, by)),
    ofSaved: (id, by) => all(run({ id }, by)),
  };
};
