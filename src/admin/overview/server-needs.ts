import { type ApiKey, isGood } from '../../domain/administrator.js';
import type { Instance } from '../../store/setup-stores.js';
import type { Attention, AttentionDeps } from './attention.js';

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
export const serverNeeds = async (deps: AttentionDeps): Promise<readonly Attention[]> => {
  const instances = await deps.stores.instances.alive(deps.clock.now() - SILENT);
  return [
    ...refused(instances),
    ...(await unopenable(deps, instances)),
    ...differing(instances),
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
  fix: 'Whoever created it may still have it. Revoke it; if a program needs it, create another key first.',
  to: { kind: 'api-keys' },
  since: null,
});

/** API keys outlive whoever created them: programs that others rely on must not stop when a person leaves. */
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
      fix: 'The database did not accept them: check its disk. What they contain is only in the server log, as `audit-not-written`: keep that log.',
      to: { kind: 'audit' },
      since: gaps.at(-1)?.at ?? null,
    },
  ];
};

/** What makes it uncertain who did something, or who still can. */
export const trustNeeds = async (deps: AttentionDeps): Promise<readonly Attention[]> => [
  ...(await gap(deps)),
  ...(await keys(deps)),
];
