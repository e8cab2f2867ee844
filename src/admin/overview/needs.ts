import { type Departure, doneOf } from '../../domain/departure.js';
import type { Measured } from '../../domain/meter.js';
import type { Attention, AttentionPorts } from './attention.js';
import { failing } from './failing-providers.js';
import { recordNeeds } from './record-needs.js';
import { serverNeeds } from './server-needs.js';
import { trustNeeds } from './trust-needs.js';
import { undeclared } from './undeclared.js';

/** An end that takes longer than this is looked at. */
const LONG = 60 * 60_000;

type Names = ReadonlyMap<string, string>;
const nameIn = (names: Names, id: string): string => names.get(id) ?? id;

const stopped = async ({ stores }: AttentionPorts, names: Names): Promise<readonly Attention[]> =>
  (await stores.clientStops.list()).map(({ provider, stoppedAt }) => ({
    kind: 'bad',
    code: 'client_stopped',
    message: `${nameIn(names, provider)} refused our client: nobody can connect, and no token is renewed.`,
    mend: 'Correct client id and secret, then let it ask again. Until then nothing is sent, since some providers end a permission with every failed try.',
    to: { kind: 'provider', id: provider },
    since: stoppedAt,
  }));

const subjectOf = ({ leaver }: Departure, names: Names): string => {
  switch (leaver.kind) {
    case 'provider':
      return nameIn(names, leaver.provider);
    case 'host':
      return leaver.host;
    case 'connections':
      return [leaver.provider === null ? null : nameIn(names, leaver.provider), leaver.host]
        .filter((part) => part !== null)
        .join(' on ');
    case 'viewer':
      return `one person on ${leaver.host}`;
  }
};

const lasting = async ({ stores, clock }: AttentionPorts, names: Names): Promise<readonly Attention[]> => {
  const long = (await stores.departures.unfinished()).filter(
    ({ startedAt }) => clock.now() - startedAt > LONG,
  );
  return long.map((departure) => ({
    kind: 'warning',
    code: 'departure_unfinished',
    message: `The end of all connections of ${subjectOf(departure, names)} is not done yet: ${doneOf(departure)} of ${departure.total} are.`,
    mend: 'They show nothing any more. The provider cannot be told just now; it is asked again for a week. See whether it can be reached.',
    to: { kind: 'departure', id: departure.id },
    since: departure.startedAt,
  }));
};

/** What needs somebody, the worst first; `rows` is what was measured lately. */
export const attention = (
  ports: AttentionPorts,
): ((rows: readonly Measured[]) => Promise<readonly Attention[]>) => {
  const { records, clock } = ports;
  return async (rows) => {
    const providers = await records.list('provider');
    const all = [...providers, ...(await records.list('host'))];
    const names = new Map(providers.map(({ id, name }) => [id, name]));
    const found: readonly Attention[] = [
      ...(await stopped(ports, names)),
      ...all.flatMap(recordNeeds(ports)),
      ...(await serverNeeds(ports)),
      ...(await trustNeeds(ports)),
      ...failing(rows, names, clock.now()),
      ...(await lasting(ports, names)),
      ...(await undeclared(ports, all)),
    ];
    return [...found.filter(({ kind }) => kind === 'bad'), ...found.filter(({ kind }) => kind === 'warning')];
  };
};
