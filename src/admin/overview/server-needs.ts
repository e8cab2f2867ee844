import type { Instance } from '../../store/setup-stores.js';
import type { Attention, AttentionPorts } from './attention.js';

/** A server that said nothing for this long is no longer there. */
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
    message: `${servers(count)} kept the last good configuration, since the present one is wrong: ${problem}`,
    mend: 'Correct the file (`oriel check` names every mistake), and reload.',
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
      message: `What was changed of ${settings.join(', ')} is not in force yet.`,
      mend: 'These settings are read at the start alone: restart the servers.',
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
      message: 'The running servers have different key rings: one may be unable to open what another seals.',
      mend: 'Give every server the same `keys`, the new one first, and reload or restart them.',
    },
  ];
};

const unopenable = async (
  { stores }: AttentionPorts,
  instances: readonly Instance[],
): Promise<readonly Attention[]> => {
  const known = new Set([...stores.reseal.ring(), ...instances.flatMap(({ keys }) => keys)]);
  const lost = (await stores.reseal.counts()).filter(({ key }) => !known.has(key));
  return lost.map(({ key, rows }) => ({
    ...server,
    kind: 'bad',
    code: 'key_missing',
    message: `${rows === 1 ? 'One secret was' : `${rows} secrets were`} sealed with the key ${key}, which no server has: nothing opens ${rows === 1 ? 'it' : 'them'}.`,
    mend: `Put the key ${key} back into \`keys\`. Where it is lost for good, \`oriel keys rotate --discard\` lets those people connect anew.`,
  }));
};

/** What the servers themselves need. */
export const serverNeeds = async (ports: AttentionPorts): Promise<readonly Attention[]> => {
  const instances = await ports.stores.instances.alive(ports.clock.now() - SILENT);
  return [
    ...refused(instances),
    ...(await unopenable(ports, instances)),
    ...differing(instances),
    ...waiting(instances),
  ];
};
