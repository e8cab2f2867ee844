import { type Measurement, measure, type Scenario } from './load.js';

/** One promise about speed: ours against a floor, as a ratio of processor time per request. */
export interface Promised {
  readonly name: string;
  readonly ours: Scenario;
  readonly floor: Scenario;
  readonly atLeast: number;
  readonly requests: number;
  readonly clients: number;
}

export interface Compared {
  readonly name: string;
  readonly atLeast: number;
  /** Median over the rounds of (floor's CPU per request ÷ ours). */
  readonly ratio: number;
  readonly lowest: number;
  readonly highest: number;
  readonly ours: Measurement;
  readonly floor: Measurement;
  readonly holds: boolean;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
};

const middleOf = (all: readonly Measurement[]): Measurement => ({
  cpu: median(all.map(({ cpu }) => cpu)),
  perSecond: median(all.map(({ perSecond }) => perSecond)),
});

/** Both, measured one right after the other. */
export interface Round {
  readonly ours: Measurement;
  readonly floor: Measurement;
}

/**
 * Requests before anything counts: as long does V8 take to compile a rendering for the last time. Until then one costs half as much again,
 * ours and a floor's not at the same pace; the promises are about a server that has been running for a while.
 */
export const WARM_UP = 4000;

/**
 * Warms both up, then measures them in turn, the first of a round alternating, so that drift touches both alike. Warming up takes turns too:
 * whichever waits for seconds has its connections to the provider closed, and starts by opening them again.
 */
export const roundsOf = async (
  { ours, floor, requests, clients }: Promised,
  rounds: number,
): Promise<readonly Round[]> => {
  for (let done = 0; done < Math.max(requests, WARM_UP); done += requests)
    for (const scenario of [ours, floor]) await measure(scenario, requests, clients);
  const pairs: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const first = round % 2 === 0;
    const a = await measure(first ? ours : floor, requests, clients);
    const b = await measure(first ? floor : ours, requests, clients);
    pairs.push(first ? { ours: a, floor: b } : { ours: b, floor: a });
  }
  return pairs;
};

/** What rounds came to, whichever processes they were measured on. */
export const comparedOf = (
  promised: Pick<Promised, 'name' | 'atLeast'>,
  pairs: readonly Round[],
): Compared => {
  const ratios = pairs.map((pair) => pair.floor.cpu / pair.ours.cpu);
  const ratio = median(ratios);
  return {
    name: promised.name,
    atLeast: promised.atLeast,
    ratio,
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
    ours: middleOf(pairs.map((pair) => pair.ours)),
    floor: middleOf(pairs.map((pair) => pair.floor)),
    holds: ratio >= promised.atLeast,
  };
};

/** Compares on the processes that run. */
export const compare = async (promised: Promised, rounds: number): Promise<Compared> =>
  comparedOf(promised, await roundsOf(promised, rounds));
