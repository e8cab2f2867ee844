import { type ApiKey, isGood } from '../../domain/administrator.js';
import { type BulkDisconnect, doneOf } from '../../domain/bulk-disconnect.js';
import type { Measured } from '../../domain/meter.js';
import type { SetupKind } from '../../domain/setup-record.js';
import { CONSOLE_HOST } from '../../hosts/console-host.js';
import { certificateEnd } from '../../net/certificates.js';
import type { Provider } from '../../providers/provider.js';
import type { Instance } from '../../store/instance-store.js';
import { faultyGadgetNeeds, unknownApiNeeds } from '../gadgets/use-cases.js';
import { listRecords, type ManagedRecord } from '../records/use-cases.js';
import type { Attention, AttentionDeps } from './attention.js';

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
  if (record.kind === 'host') return unknownApiNeeds(deps.directory, record.id);
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

const subjectOf = ({ leaver }: BulkDisconnect, names: Names): string => {
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
  const long = (await stores.bulkDisconnects.unfinished()).filter(
    ({ startedAt }) => clock.now() - startedAt > LONG,
  );
  return long.map((bulkDisconnect) => ({
    kind: 'warning',
    code: 'bulk_disconnect_unfinished',
    message: `Disconnecting everyone of ${subjectOf(bulkDisconnect, names)} is not finished: ${doneOf(bulkDisconnect)} of ${bulkDisconnect.total} are done.`,
    fix: 'They no longer show data. The provider can’t be reached to revoke the rest; we’ll retry for a week. Check whether it is available.',
    to: { kind: 'bulk-disconnect', id: bulkDisconnect.id },
    since: bulkDisconnect.startedAt,
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

/** A server that has not reported for this long no longer runs. */
const SILENT = 2 * 60_000;

const server = { to: { kind: 'server' }, since: null } as const;

const servers = (count: number): string => (count === 1 ? 'A running server' : `${count} running servers`);

const refused = (instances: readonly Instance[]): readonly Attention[] => {
  const problems = new Map<string, number>();
  for (const { problem } of instances)
    if (problem !== null) problems.set(problem, (problems.get(problem) ?? 0) + 1);
  return [...problems].map(([problem, count]) => ({
    ...server,
    kind: 'bad',
    code: 'configuration_refused',
    message: `${servers(count)} kept the previous configuration because the current one is wrong: ${problem}`,
    fix: 'Correct the file (`oriel check` lists every mistake), and reload.',
  }));
};

const waiting = (instances: readonly Instance[]): readonly Attention[] => {
  const settings = [...new Set(instances.flatMap(({ restart }) => restart))].toSorted();
  if (settings.length === 0) return [];
  return [
    {
      ...server,
      kind: 'warning',
      code: 'restart_needed',
      message: `Changes to ${settings.join(', ')} are not in force yet.`,
      fix: 'These settings are read only at startup: restart the servers.',
    },
  ];
};

const differing = (instances: readonly Instance[]): readonly Attention[] => {
  const rings = new Set(instances.map(({ keys }) => JSON.stringify(keys)));
  if (rings.size < 2) return [];
  return [
    {
      ...server,
      kind: 'warning',
      code: 'key_rings_differ',
      message:
        'The running servers have different key rings, so one may be unable to open what another seals.',
      fix: 'Give every server the same `keys`, the new one first, and reload or restart them.',
    },
  ];
};

const unopenable = async (
  { stores }: AttentionDeps,
  instances: readonly Instance[],
): Promise<readonly Attention[]> => {
  const known = new Set([...stores.reseal.ring(), ...instances.flatMap(({ keys }) => keys)]);
  const lost = (await stores.reseal.counts()).filter(({ key }) => !known.has(key));
  return lost.map(({ key, rows }) => ({
    ...server,
    kind: 'bad',
    code: 'key_missing',
    message: `${rows === 1 ? 'One secret was' : `${rows} secrets were`} sealed with the key ${key}, which no server has, so ${rows === 1 ? 'it' : 'they'} can’t be opened.`,
    fix: `Put the key ${key} back into \`keys\`. If it is lost for good, run \`oriel keys rotate --discard\`; those people must connect again.`,
  }));
};

/** What the servers themselves need. */
const serverNeeds = async (deps: AttentionDeps): Promise<readonly Attention[]> => {
  const instances = await deps.stores.instances.alive(deps.clock.now() - SILENT);
  return [
    ...refused(instances),
    ...(await unopenable(deps, instances)),
    ...differing(instances),
    ...faultyGadgetNeeds(instances),
    ...waiting(instances),
  ];
};

/** How long a gap of the audit log is reported, ms. */
const RECENT = 7 * 24 * 60 * 60_000;
/** Gaps that are counted at most. */
const GAPS = 100;

const orphaned = ({ name, createdBy }: ApiKey): Attention => ({
  kind: 'warning',
  code: 'api_key_orphaned',
  message: `The API key ${name} belongs to someone who is no longer an administrator (it was created by ${createdBy}), and still works.`,
  fix: 'The person who created it may still have it. Revoke it; if a program needs it, create another key first.',
  to: { kind: 'api-keys' },
  since: null,
});

/** API keys outlive the account of the person who created them: programs that others rely on must not stop when a person leaves. */
const keys = async ({ stores, clock }: AttentionDeps): Promise<readonly Attention[]> => {
  const here = new Set((await stores.admins.list()).map(({ id }) => id));
  return (await stores.apiKeys.list())
    .filter((key) => isGood(key, clock.now()))
    .filter(({ createdByAdmin }) => createdByAdmin !== null && !here.has(createdByAdmin))
    .map(orphaned);
};

const gap = async ({ stores, clock }: AttentionDeps): Promise<readonly Attention[]> => {
  const filter = { actions: ['audit.interrupted'], from: clock.now() - RECENT } as const;
  const gaps = await stores.audit.list(filter, { before: null, limit: GAPS });
  if (gaps.length === 0) return [];
  const lost = gaps.reduce((sum, { times }) => sum + times, 0);
  return [
    {
      kind: 'warning',
      code: 'audit_interrupted',
      message: `${lost === 1 ? 'An entry' : `${lost} entries`} of the audit log could not be written in the last week.`,
      fix: 'The database did not accept them. Why, and what they contain, is only in the server log, as `audit-not-written`: keep that log.',
      to: { kind: 'audit' },
      since: gaps.at(-1)?.at ?? null,
    },
  ];
};

/** What makes it uncertain who did something, or who still can. */
const trustNeeds = async (deps: AttentionDeps): Promise<readonly Attention[]> => [
  ...(await gap(deps)),
  ...(await keys(deps)),
];

/** Fewer calls within the hour are not conclusive. */
const FEWEST = 10;
const MANY = 0.2;
const MOST = 0.5;
const HOUR = 60 * 60_000;

interface Hour {
  readonly total: number;
  of(...outcomes: readonly string[]): number;
}

const hourOf = (rows: readonly Measured[], metric: Measured['metric'], id: string, now: number): Hour => {
  const mine = rows.filter((row) => row.metric === metric && row.of === id && row.at > now - HOUR);
  const sum = (some: readonly Measured[]): number => some.reduce((all, { count }) => all + count, 0);
  return {
    total: sum(mine),
    of: (...outcomes) => sum(mine.filter(({ outcome }) => outcomes.includes(outcome))),
  };
};

const percent = (part: number, total: number): string => `About ${Math.round((100 * part) / total)} %`;

/** How serious a share of failures is; null where it is not. */
const kindOf = (part: number, total: number): Attention['kind'] | null => {
  if (total < FEWEST || part < MANY * total) return null;
  return part < MOST * total ? 'warning' : 'bad';
};

const calls = (id: string, name: string, hour: Hour): readonly Attention[] => {
  const failed = hour.of('down', 'unusable');
  const limited = hour.of('rate-limited');
  const broken = kindOf(failed, hour.total);
  const often = kindOf(limited, hour.total);
  const to = { kind: 'provider', id } as const;
  return [
    ...(broken === null
      ? []
      : [
          {
            kind: broken,
            code: 'calls_failing',
            message: `${percent(failed, hour.total)} of the calls to ${name} in the last hour failed.`,
            fix: 'Check whether it is available, and whether its responses are what the gadgets expect: test the provider, and see the server log.',
            to,
            since: null,
          },
        ]),
    ...(often === null
      ? []
      : [
          {
            kind: 'warning' as const,
            code: 'calls_limited',
            message: `${name} responded “too many requests” to ${percent(limited, hour.total).toLowerCase()} of the calls in the last hour.`,
            fix: 'Give the requests of its gadgets a longer `ttl`, or ask the provider for a higher limit.',
            to,
            since: null,
          },
        ]),
  ];
};

const refreshes = (id: string, name: string, hour: Hour): readonly Attention[] => {
  const failed = hour.of('failed');
  const kind = kindOf(failed, hour.total);
  return kind === null
    ? []
    : [
        {
          kind,
          code: 'refreshes_failing',
          message: `${percent(failed, hour.total)} of the token refreshes at ${name} in the last hour failed.`,
          fix: 'See why under Connections. If the permissions were ended at the provider, only their owners can connect again.',
          to: { kind: 'provider', id },
          since: null,
        },
      ];
};

/** Providers with many failed calls or refreshes within the last hour. Responses that deny one person (403, 404) are no failures. */
const failing = (
  rows: readonly Measured[],
  names: ReadonlyMap<string, string>,
  now: number,
): readonly Attention[] =>
  [...new Set(rows.filter(({ metric }) => metric !== 'rendered').map((row) => row.of))]
    .toSorted()
    .flatMap((id) => {
      const name = names.get(id) ?? id;
      return [
        ...calls(id, name, hourOf(rows, 'called', id, now)),
        ...refreshes(id, name, hourOf(rows, 'refreshed', id, now)),
      ];
    });
