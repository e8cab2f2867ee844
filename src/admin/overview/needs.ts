import { type Departure, doneOf } from '../../domain/departure.js';
import type { Measured } from '../../domain/meter.js';
import type { SetupKind } from '../../domain/setup-record.js';
import { CONSOLE_HOST } from '../../hosts/console-host.js';
import { certificateEnd } from '../../net/certificates.js';
import type { Provider } from '../../providers/provider.js';
import { listRecords, type ManagedRecord } from '../records/use-cases.js';
import type { Attention, AttentionDeps } from './attention.js';
import { failing } from './failing-providers.js';
import { serverNeeds, trustNeeds } from './server-needs.js';

const SOON = 14 * 24 * 60 * 60_000;

const unopened = ({ kind, id, name }: ManagedRecord): Attention => ({
  kind: 'bad',
  code: 'record_unopened',
  message: `No key of the key ring opens the ${kind} ${name}, so it is not in use.`,
  fix: 'Put the key that sealed it back and restart, or remove it and create it again.',
  to: { kind, id },
  since: null,
});

const undiscovered = ({ id, name }: ManagedRecord): Attention => ({
  kind: 'bad',
  code: 'provider_undiscovered',
  message: `The metadata of ${name} could not be read yet, so no one can connect to it.`,
  fix: 'It must be readable at the issuer. We’ll retry automatically; a test of the provider shows what is wrong.',
  to: { kind: 'provider', id },
  since: null,
});

const expiring = ({ id, name }: ManagedRecord, over: boolean): Attention => ({
  kind: over ? 'bad' : 'warning',
  code: over ? 'certificate_expired' : 'certificate_expiring',
  message: `A certificate that is trusted for ${name} alone ${over ? 'has expired' : 'expires within two weeks'}.`,
  fix: 'Check whether the provider has a new one (a test shows it), and add that to the provider.',
  to: { kind: 'provider', id },
  since: null,
});

const faulty = ({ kind, id, name, faults }: ManagedRecord): Attention => ({
  kind: 'bad',
  code: 'record_faulty',
  message: `The ${kind} ${name} no longer matches the rest of the configuration, so it is not in use.`,
  fix: `${faults.map(({ problem }) => `${problem}.`).join(' ')} Change it, or what it names.`,
  to: { kind, id },
  since: null,
});

/** When the first certificate expires that is trusted for this provider alone; infinity where there is none. */
const firstEnd = ({ certificates }: Provider): number =>
  Math.min(...certificates.map(certificateEnd).filter((end) => end !== null));

/** What a record needs to be in use. */
const recordNeeds = (
  deps: Pick<AttentionDeps, 'clock' | 'directory'>,
  record: ManagedRecord,
): readonly Attention[] => {
  if (record.leavingAt !== null) return [];
  if (record.entry === null) return [unopened(record)];
  if (record.faults.length > 0) return [faulty(record)];
  if (record.kind === 'host') return [];
  const provider = deps.directory.provider(record.id);
  if (provider === undefined) return [undiscovered(record)];
  const left = firstEnd(provider) - deps.clock.now();
  return left > SOON ? [] : [expiring(record, left <= 0)];
};

const FIXES: Readonly<Record<SetupKind, string>> = {
  provider:
    'They show no data, and their provider can’t be asked to revoke: what that takes was removed with the declaration. Put it back into the file and reload, then take it out and reload again to revoke them at the provider.',
  host: 'They show no data. Put the host back if you still need it; otherwise revoke all its connections, and the providers are asked to revoke the permissions.',
};

const need = (kind: SetupKind, id: string, count: number): Attention => ({
  kind: 'warning',
  code: 'connections_undeclared',
  message: `${count === 1 ? 'One connection is' : `${count} connections are`} left of the ${kind} ${id}, which is not declared anywhere.`,
  fix: FIXES[kind],
  to: { kind: 'connections' },
  since: null,
});

/**
 * Connections of a provider or host that is not declared anywhere. They are not ended automatically: a server may have been started with the
 * wrong file, or with an older one than another server's.
 */
const undeclared = async (
  { stores }: Pick<AttentionDeps, 'stores'>,
  declared: readonly ManagedRecord[],
): Promise<readonly Attention[]> => {
  const live = (await stores.connectionLists.counts()).filter(({ status }) => status !== 'revoking');
  return (['provider', 'host'] as const).flatMap((kind) => {
    const known = new Set([
      CONSOLE_HOST,
      ...declared.filter((each) => each.kind === kind).map(({ id }) => id),
    ]);
    const left = live.filter((each) => !known.has(each[kind]));
    return [...new Set(left.map((each) => each[kind]))].map((id) =>
      need(
        kind,
        id,
        left.filter((each) => each[kind] === id).reduce((sum, { count }) => sum + count, 0),
      ),
    );
  });
};

/** A bulk disconnect that takes longer than this needs attention. */
const LONG = 60 * 60_000;

type Names = ReadonlyMap<string, string>;
const nameIn = (names: Names, id: string): string => names.get(id) ?? id;

const stopped = async ({ stores }: AttentionDeps, names: Names): Promise<readonly Attention[]> =>
  (await stores.clientStops.list()).map(({ provider, stoppedAt }) => ({
    kind: 'bad',
    code: 'client_stopped',
    message: `${nameIn(names, provider)} rejected our client: no one can connect, and no token is renewed.`,
    fix: 'Correct client id and secret, then retry. Until then nothing is sent, because some providers end a permission with every failed attempt.',
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

const lasting = async ({ stores, clock }: AttentionDeps, names: Names): Promise<readonly Attention[]> => {
  const long = (await stores.departures.unfinished()).filter(
    ({ startedAt }) => clock.now() - startedAt > LONG,
  );
  return long.map((departure) => ({
    kind: 'warning',
    code: 'departure_unfinished',
    message: `Disconnecting everyone of ${subjectOf(departure, names)} is not finished: ${doneOf(departure)} of ${departure.total} are done.`,
    fix: 'They no longer show data. The provider can’t be reached to revoke the rest; we’ll retry for a week. Check whether it is available.',
    to: { kind: 'departure', id: departure.id },
    since: departure.startedAt,
  }));
};

/** What needs attention, the worst first; `rows` is what was measured lately. */
export async function listNeeds(
  deps: AttentionDeps,
  rows: readonly Measured[],
): Promise<readonly Attention[]> {
  const providers = await listRecords(deps, 'provider');
  const all = [...providers, ...(await listRecords(deps, 'host'))];
  const names = new Map(providers.map(({ id, name }) => [id, name]));
  const found: readonly Attention[] = [
    ...(await stopped(deps, names)),
    ...all.flatMap((record) => recordNeeds(deps, record)),
    ...(await serverNeeds(deps)),
    ...(await trustNeeds(deps)),
    ...failing(rows, names, deps.clock.now()),
    ...(await lasting(deps, names)),
    ...(await undeclared(deps, all)),
  ];
  return [...found.filter(({ kind }) => kind === 'bad'), ...found.filter(({ kind }) => kind === 'warning')];
}
