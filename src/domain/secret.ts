/**
 * A value that must never be printed: a token, a code, a ticket, a client secret.
 * Serialising or inspecting it yields `[secret]`; only `reveal()` gives the text, at the place that sends or seals it.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]';
  }
}
