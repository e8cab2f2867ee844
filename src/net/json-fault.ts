const VALUE =
  /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const KEY = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"[ \t\n\r]*:/y;
const SPACE = /[ \t\n\r]*/y;

class Scanner {
  readonly #text: string;
  /** What closes the lists and objects that are open. */
  readonly #open: string[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  fault(): number {
    while (this.#value());
    return this.#at;
  }

  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found !== undefined;
  }

  #next(): string | undefined {
    this.#match(SPACE);
    return this.#text[this.#at];
  }

  #take(character: string): boolean {
    if (this.#next() !== character) return false;
    this.#at += 1;
    return true;
  }

  #key(): boolean {
    this.#match(SPACE);
    return this.#match(KEY);
  }

  /** Reads a value, or the beginning of a list or object; whether another must follow. */
  #value(): boolean {
    if (this.#take('{')) {
      this.#open.push('}');
      return this.#next() === '}' ? this.#goesOn() : this.#key();
    }
    if (this.#take('[')) {
      this.#open.push(']');
      return this.#next() === ']' ? this.#goesOn() : true;
    }
    this.#match(SPACE);
    return this.#match(VALUE) && this.#goesOn();
  }

  /** Behind a value: closes what is closed there; whether another value must follow. */
  #goesOn(): boolean {
    for (let closer = this.#open.at(-1); closer !== undefined; closer = this.#open.at(-1)) {
      if (this.#take(',')) return closer === ']' || this.#key();
      if (!this.#take(closer)) return false;
      this.#open.pop();
    }
    this.#match(SPACE);
    return false;
  }
}

/**
 * Where a text stops being JSON (RFC 8259), counted in characters from 0; its length where it ends too early. The platform's own messages
 * name the place in some versions only, and quote the text.
 */
export const jsonFaultAt = (text: string): number => new Scanner(text).fault();
