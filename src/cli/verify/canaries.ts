/** Numbers that look random and are the same again for the same seed, so that a run can be repeated. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to `most`, which is left out. */
  below(most: number): number {
    return Math.floor(this.next() * most);
  }

  /** One of these, which are at least one. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  shuffled<T>(items: readonly T[]): readonly T[] {
    return items
      .map((item) => ({ item, at: this.next() }))
      .sort((one, other) => one.at - other.at)
      .map(({ item }) => item);
  }
}

/** One consent of a viewer at a provider. */
export interface Grant {
  /** Host and sub, as `viewerName` writes them. */
  readonly viewer: string;
  readonly provider: string;
  /** When it was known to be over, counted as `Inspector` counts; null while it is not. */
  endedAt: number | null;
}

/** What a canary stands for: an answer that was given to this consent, and to no other. */
export interface Mark {
  readonly grant: Grant;
  /** The request by gadget and name, as `gadget.request`. */
  readonly request: string;
  /** What was asked for: method, address below the provider, and body. */
  readonly target: string;
}

/** A mark as it is put into an answer: as a text, and as a whole number for where only one can stand. */
export interface Canary {
  readonly text: string;
  readonly number: number;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
/** Letters of a canary; by the first of them it is known where a view shows only the beginning of a text. */
const LONG = 10;
const KNOWN_BY = 6;
// Letters alone: digits would be found by patterns of gadgets that look for numbers.
const TEXT = /qz([a-z]{6})[a-z]{0,6}/gi;
/** What is left of one that cannot be known any more. */
const STUMP = /qz[a-z]{0,5}(?=…)/gi;
const DIGITS = 12;
/** Digits of any script, at a stretch or with what languages put between groups of them. */
const NUMBER = /\p{Nd}{12,}|\p{Nd}{1,3}(?:[\u0020\u00a0\u202f.,'’٬]\p{Nd}{2,3})+/gu;

const zeros = [0x30, 0x660, 0x6f0, 0x966];
const asciiDigit = (digit: string): string => {
  const code = digit.codePointAt(0) ?? 0;
  const zero = zeros.find((each) => code >= each && code < each + 10) ?? 0x30;
  return String(code - zero);
};
const plainNumber = (written: string): string =>
  written.replaceAll(/[^\p{Nd}]/gu, '').replaceAll(/\p{Nd}/gu, asciiDigit);

/** Every canary of a run, and what each stands for. */
export class Canaries {
  readonly #random: SeededRandom;
  /** A number for each consent: two servers of a run may give the same one. */
  readonly #grants = new Map<Grant, number>();
  readonly #byMark = new Map<string, Canary>();
  readonly #marks = new Map<string, Mark>();

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** The canary of a mark; the same for the same one. */
  of(mark: Mark): Canary {
    const { grant, request, target } = mark;
    const of = this.#grants.get(grant) ?? this.#grants.size;
    this.#grants.set(grant, of);
    const key = JSON.stringify([of, request, target]);
    const known = this.#byMark.get(key);
    if (known !== undefined) return known;
    let letters = '';
    do letters = Array.from({ length: LONG }, () => LETTERS[this.#random.below(LETTERS.length)]).join('');
    while (this.#marks.has(letters.slice(0, KNOWN_BY)));
    const digits = Array.from({ length: DIGITS - 1 }, () => this.#random.below(10)).join('');
    const canary = { text: `qz${letters}zq`, number: Number(`${1 + this.#random.below(9)}${digits}`) };
    this.#byMark.set(key, canary);
    this.#marks.set(letters.slice(0, KNOWN_BY), mark);
    this.#marks.set(String(canary.number), mark);
    return canary;
  }

  /** Everything that canaries in a text stand for, each once, however it is written: in another case, with signs between its digits. */
  marksIn(text: string): readonly Mark[] {
    const found = new Set<Mark>();
    this.#replaced(text, (mark) => {
      found.add(mark);
      return '';
    });
    return [...found];
  }

  /** The text with what its canaries stand for in their place, whosoever they are: equal for what two viewers were shown alike. */
  anonymous(text: string): string {
    const nameOf = ({ request, target }: Mark): string => `«${request} ${this.anonymous(target)}»`;
    return this.#replaced(text, nameOf).replaceAll(STUMP, '');
  }

  #replaced(text: string, replace: (mark: Mark) => string): string {
    const named = (written: string, key: string): string => {
      const mark = this.#marks.get(key);
      return mark === undefined ? written : replace(mark);
    };
    return text
      .replaceAll(TEXT, (written: string, letters: string) => named(written, letters.toLowerCase()))
      .replaceAll(NUMBER, (written) => named(written, plainNumber(written)));
  }
}
