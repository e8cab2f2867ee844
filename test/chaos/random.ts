/** Numbers that look random and are the same for the same seed (mulberry32, public domain): a run can be made again. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  pick<T>(all: readonly [T, ...T[]]): T {
    return all[this.below(all.length)] ?? all[0];
  }
}

/** Draws each of a few kinds once, in an order by chance, before any comes again; the first time with `first` before all others. */
export class Bag<T> {
  readonly #random: Random;
  readonly #kinds: readonly T[];
  #left: T[];

  constructor(random: Random, kinds: readonly T[], first: T) {
    this.#random = random;
    this.#kinds = kinds;
    this.#left = [first, ...this.#shuffled().filter((kind) => kind !== first)];
  }

  draw(): T {
    if (this.#left.length === 0) this.#left = this.#shuffled();
    return this.#left.shift() as T;
  }

  #shuffled(): T[] {
    const left = [...this.#kinds];
    return this.#kinds.flatMap(() => left.splice(this.#random.below(left.length), 1));
  }
}
