import type { Compared } from './compare.js';
import { BUDGETS } from './setting.js';
import type { StoredReport } from './stored.js';

export interface Report {
  readonly machine: { readonly node: string; readonly cpu: string; readonly cores: number };
  readonly rounds: number;
  readonly compared: readonly Compared[];
  readonly start: { readonly ms: number; readonly atMost: number; readonly holds: boolean };
  /** Resident megabytes after a crowd, and what the same work takes that keeps next to nothing; null where no crowd was gathered. */
  readonly memory: {
    readonly mb: number;
    readonly base: number;
    readonly atMost: number;
    readonly holds: boolean;
  } | null;
  /** Null where it was not asked for. */
  readonly stored: StoredReport | null;
  readonly idle: { readonly mb: number; readonly atMost: number; readonly holds: boolean };
}

const verdict = (holds: boolean): string => (holds ? 'holds' : 'FALLS SHORT');

const row = ({ name, ratio, lowest, highest, atLeast, ours, floor, holds }: Compared): string =>
  [
    name.padEnd(20),
    `${ratio.toFixed(2)} (${lowest.toFixed(2)}–${highest.toFixed(2)})`.padEnd(20),
    `≥ ${atLeast.toFixed(2)}`.padEnd(8),
    `${ours.cpu.toFixed(0)} / ${floor.cpu.toFixed(0)} µs`.padEnd(16),
    `${ours.perSecond.toFixed(0)} / ${floor.perSecond.toFixed(0)} per s`.padEnd(22),
    verdict(holds),
  ].join(' ');

/** What stands above the rows. */
export const printHead = ({ machine, rounds }: Pick<Report, 'machine' | 'rounds'>): void => {
  console.log(
    `Node ${machine.node}, ${machine.cores} × ${machine.cpu}; median of ${rounds} interleaved rounds`,
  );
  console.log(
    'Ratio: processor time per request, of “cold each” per answer of the provider, floor ÷ ours (lowest–highest); ours / floor.\n',
  );
};

/** One promise, as soon as it was measured. */
export const printRow = (compared: Compared): void => console.log(row(compared));

/** What is no ratio. */
export const printRest = ({
  start,
  idle,
  memory,
  stored,
}: Pick<Report, 'start' | 'idle' | 'memory' | 'stored'>): void => {
  console.log(
    `${'start to ready'.padEnd(20)} ${start.ms.toFixed(0)} ms, ≤ ${start.atMost} ms: ${verdict(start.holds)}`,
  );
  console.log(
    `${'idle resident'.padEnd(20)} ${idle.mb.toFixed(0)} MB, ≤ ${idle.atMost} MB: ${verdict(idle.holds)}`,
  );
  for (const { connections, p99, residentMb } of stored?.rows ?? [])
    console.log(
      `${`${connections} stored`.padEnd(20)} lookup p99 ${p99.toFixed(3)} ms, server ${residentMb.toFixed(0)} MB`,
    );
  if (stored !== null)
    console.log(
      `${'stored connections'.padEnd(20)} p99 ≤ ${stored.atMost} × that of an empty store, no memory for them: ${verdict(stored.holds)}`,
    );
  if (memory !== null)
    console.log(
      `${`crowd in ${BUDGETS.filled} MB`.padEnd(20)} ${memory.mb.toFixed(0)} MB (${memory.base.toFixed(0)} MB in ${BUDGETS.little}), ≤ ${memory.atMost.toFixed(0)} MB: ${verdict(memory.holds)}`,
    );
};
