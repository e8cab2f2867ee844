import type { Checked } from './checked.js';
import type { Compared } from './compare.js';
import type { Profiled } from './profile.js';

/** What `--json` prints. */
export interface Report {
  readonly machine: { readonly node: string; readonly cpu: string; readonly cores: number };
  /** Servers that were started for each row against a floor, and the rounds on each of them. */
  readonly pairs: number;
  readonly rounds: number;
  readonly compared: readonly Compared[];
  readonly checked: readonly Checked[];
}

const WIDTH = 28;

const verdict = (holds: boolean): string => (holds ? 'holds' : 'FALLS SHORT');

const row = ({ name, ratio, lowest, highest, atLeast, ours, floor, holds }: Compared): string =>
  [
    name.padEnd(WIDTH),
    `${ratio.toFixed(2)} (${lowest.toFixed(2)}–${highest.toFixed(2)})`.padEnd(20),
    `≥ ${atLeast.toFixed(2)}`.padEnd(8),
    `${ours.cpu.toFixed(0)} / ${floor.cpu.toFixed(0)} µs`.padEnd(16),
    `${ours.perSecond.toFixed(0)} / ${floor.perSecond.toFixed(0)} per s`.padEnd(22),
    verdict(holds),
  ].join(' ');

/** What stands above the rows. */
export const printHead = ({ machine, pairs, rounds }: Pick<Report, 'machine' | 'pairs' | 'rounds'>): void => {
  console.log(
    `Node ${machine.node}, ${machine.cores} × ${machine.cpu}; median of ${rounds} interleaved rounds on each of ${pairs} pairs of processes`,
  );
  console.log(
    'Ratio: processor time per request, of “cold each” per answer of the provider, floor ÷ ours (lowest–highest); ours / floor.\n',
  );
};

/** One ratio, as soon as it was measured. */
export const printRow = (compared: Compared): void => console.log(row(compared));

/** What is no ratio. */
export const printChecked = ({ name, measured, promised, holds }: Checked): void =>
  console.log(`${name.padEnd(WIDTH)} ${measured}; ${promised}: ${verdict(holds)}`);

/** Where the time of a row goes. */
export const printProfile = ({ name, shares }: Profiled): void => {
  console.log(name);
  for (const { place, share } of shares)
    console.log(`  ${place.padEnd(WIDTH)} ${(share * 100).toFixed(1)} %`);
};
