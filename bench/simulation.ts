import { Random } from '../test/chaos/random.js';
import type { Population, Rates } from './model.js';

const MINUTES = 24 * 60;
const NINE = 9 * 60;
/** A working day, in which the other visits are spread evenly. */
const DAY = { from: 8 * 60, to: 18 * 60 } as const;
/** A visible frame asks so often in a minute whether what it shows may stay: every 5.5 to 7 seconds. */
const LOOKS_PER_MINUTE = 9.6;
/** A frame that stays visible renews its session after so many minutes, and asks for its content again. */
const RENEWED_AFTER = 12;
/** So many viewers are played; what they do stands for all. */
const PLAYED = 40_000;

/** What happened in each minute of a working day, as rates per second of the whole population. */
export interface SimulatedDay {
  readonly minutes: readonly Rates[];
  /** The minute in which most happened, by the processor time that it takes. */
  readonly peakMinute: number;
  readonly peak: Rates;
  /** What happened on the whole day. */
  readonly total: Readonly<Record<'launches' | 'looks' | 'renderings' | 'refreshes', number>>;
}

/** A number from a normal distribution (Box and Muller). */
const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

/** When one active viewer visits, minutes of the day in order. */
const visitsOf = (random: Random, { visitsPerDay, atNine, aroundNine }: Population): readonly number[] => {
  const anywhere = (): number => DAY.from + random.next() * (DAY.to - DAY.from);
  const first = random.next() < atNine ? NINE + normal(random) * aroundNine : anywhere();
  const others = Array.from({ length: Math.max(0, visitsPerDay - 1) }, anywhere);
  return [first, ...others].map((at) => Math.min(MINUTES - 1, Math.max(0, at))).sort((a, b) => a - b);
};

type Minute = { -readonly [Key in keyof Rates]: number };

const nothing = (): Minute => ({ launches: 0, looks: 0, renderings: 0, refreshes: 0, visible: 0 });

/** One viewer's day: what they have, and what they make happen in each minute. */
class Viewer {
  readonly #population: Population;
  readonly #minutes: readonly Minute[];
  #tokenUntil: number;
  #freshUntil = Number.NEGATIVE_INFINITY;

  constructor(population: Population, minutes: readonly Minute[], tokenUntil: number) {
    this.#population = population;
    this.#minutes = minutes;
    this.#tokenUntil = tokenUntil;
  }

  visit(at: number): void {
    const { framesPerPage, visibleMinutes } = this.#population;
    for (let minute = 0; minute < visibleMinutes; minute += 1) {
      const there = this.#minutes[Math.floor(at + minute)];
      if (there === undefined) return;
      const share = Math.min(1, visibleMinutes - minute);
      there.visible += share;
      there.looks += LOOKS_PER_MINUTE * framesPerPage * share;
      if (minute % RENEWED_AFTER === 0) this.#launch(at + minute, there);
    }
  }

  #launch(now: number, there: Minute): void {
    const { framesPerPage, freshMinutes, tokenMinutes } = this.#population;
    there.launches += framesPerPage;
    if (now < this.#freshUntil) return;
    // All frames of a page are of one provider: one refresh serves them.
    if (now >= this.#tokenUntil) {
      there.refreshes += 1;
      this.#tokenUntil = now + tokenMinutes;
    }
    there.renderings += framesPerPage;
    this.#freshUntil = now + freshMinutes;
  }
}

/** Plays one working day. The same seed gives the same day; `weigh` says how much a second's work is. */
export const simulateDay = (
  population: Population,
  seed: number,
  weigh: (rates: Rates) => number,
): SimulatedDay => {
  const random = new Random(seed);
  const { viewers, active, tokenMinutes } = population;
  const played = Math.min(PLAYED, Math.max(1, Math.round(viewers * active)));
  const counts = Array.from({ length: MINUTES }, nothing);
  for (let turn = 0; turn < played; turn += 1) {
    // Good at the end of the last day for any part of its life: one that lives no longer than a night has run out by the morning.
    const tokenUntil = DAY.to - MINUTES + random.next() * tokenMinutes;
    const viewer = new Viewer(population, counts, tokenUntil);
    for (const visit of visitsOf(random, population)) viewer.visit(visit);
  }
  // One viewer who is played stands for so many.
  const scale = (viewers * active) / played;
  const minutes = counts.map(
    ({ launches, looks, renderings, refreshes, visible }): Rates => ({
      launches: (launches * scale) / 60,
      looks: (looks * scale) / 60,
      renderings: (renderings * scale) / 60,
      refreshes: (refreshes * scale) / 60,
      visible: visible * scale,
    }),
  );
  const sum = (what: 'launches' | 'looks' | 'renderings' | 'refreshes'): number =>
    counts.reduce((all, each) => all + each[what], 0) * scale;
  const peak = minutes.reduce((most, rates) => (weigh(rates) > weigh(most) ? rates : most), nothing());
  const total = {
    ...{ launches: sum('launches'), looks: sum('looks') },
    ...{ renderings: sum('renderings'), refreshes: sum('refreshes') },
  };
  return { minutes, peakMinute: minutes.indexOf(peak), peak, total };
};
