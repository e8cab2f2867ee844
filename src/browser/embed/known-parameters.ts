import { isParameter } from './attributes.js';

/** No parameter has a longer value; frameworks put whole scripts into attributes. */
const LONGEST_VALUE = 16_384;
/** All of them together, encoded: a launch has room for this next to its token. */
const LONGEST_SUM = 20_000;

const encodedLength = ([name, value]: readonly [string, string]): number =>
  new URLSearchParams([[name, value]]).toString().length;

/** Leaves out the longest until the others fit: a truncated value would be another value. */
const fitting = (given: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] => {
  const kept = given.filter(([, value]) => value.length <= LONGEST_VALUE);
  kept.sort((one, other) => encodedLength(one) - encodedLength(other));
  while (kept.reduce((sum, each) => sum + encodedLength(each), 0) > LONGEST_SUM) kept.pop();
  return kept;
};

const keyOf = (element: Element): string =>
  JSON.stringify([element.getAttribute('host'), element.getAttribute('gadget')]);

/**
 * The parameters of each gadget of this page, as reported by its frames. Until then every attribute that can be a parameter counts as one;
 * afterward, the attributes of frameworks and browser extensions are ignored.
 */
export class KnownParameters {
  readonly #names = new Map<string, ReadonlySet<string>>();
  readonly #warned = new Set<string>();

  /** Whether this attribute is a parameter of the element's gadget; null if that is not known yet. */
  has(element: Element, name: string): boolean | null {
    if (!isParameter(name)) return false;
    return this.#names.get(keyOf(element))?.has(name) ?? null;
  }

  /** The parameters that the page has set on the element. */
  of(element: Element): Readonly<Record<string, string>> {
    const given = Array.from(element.attributes, ({ name, value }) => [name, value] as const);
    const taken = given.filter(([name]) => this.has(element, name) ?? true);
    return Object.fromEntries(this.#names.has(keyOf(element)) ? taken : fitting(taken));
  }

  learn(element: Element, names: readonly string[]): void {
    this.#names.set(keyOf(element), new Set(names));
    for (const { name } of Array.from(element.attributes)) this.warn(element, name);
  }

  /** Reports an ignored attribute once in the browser's console: it may be a misspelled parameter. */
  warn(element: Element, name: string): void {
    const names = this.#names.get(keyOf(element));
    if (names === undefined || !isParameter(name) || names.has(name)) return;
    const gadget = element.getAttribute('gadget') ?? '';
    const mark = JSON.stringify([gadget, name]);
    if (this.#warned.has(mark)) return;
    this.#warned.add(mark);
    const has =
      names.size === 0
        ? 'The gadget has no parameters.'
        : `The gadget’s parameters: ${[...names].join(', ')}.`;
    // biome-ignore lint/suspicious/noConsole: the page's developer looks there for what the element ignores.
    console.warn(
      `<oriel-gadget>: “${name}” is ignored because it isn’t a parameter of the gadget “${gadget}”. ${has}`,
    );
  }
}
