import type { Compared } from './compare.js';

interface Report {
  readonly machine: { readonly node: string; readonly cpu: string; readonly cores: number };
  readonly rounds: number;
  readonly compared: readonly Compared[];
  readonly start: { readonly ms: number; readonly atMost: number; readonly holds: boolean };
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

/** The table for people, or one JSON document. */
export const printReport = (report: Report, json: boolean): void => {
  if (json) {
    console.log(JSON.stringify(report));
    return;
  }
  const { machine, rounds, compared, start, idle } = report;
  console.log(
    `Node ${machine.node}, ${machine.cores} × ${machine.cpu}; median of ${rounds} interleaved rounds`,
  );
  console.log('Ratio: processor time per request, floor ÷ ours (lowest–highest); ours / floor.\n');
  for (const each of compared) console.log(row(each));
  console.log(
    `${'start to ready'.padEnd(20)} ${start.ms.toFixed(0)} ms, ≤ ${start.atMost} ms: ${verdict(start.holds)}`,
  );
  console.log(
    `${'idle resident'.padEnd(20)} ${idle.mb.toFixed(0)} MB, ≤ ${idle.atMost} MB: ${verdict(idle.holds)}`,
  );
};
