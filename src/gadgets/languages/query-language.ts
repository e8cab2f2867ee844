import type { ScalarType } from '../../domain/gadget.js';

/** A language that a gadget's query may be written in, as `{ mql: SELECT … }`. */
export interface QueryLanguage {
  /** As people call it. */
  readonly title: string;
  /** What editors say of a query in it, and an example of one. */
  readonly query: { readonly description: string; readonly example: string };
  /**
   * A single value as it stands in a query, so that it stays this one value whatever is in it; undefined where the language cannot
   * write it.
   */
  write(value: string | number | boolean, type: ScalarType): string | undefined;
  /** Why it cannot write a value; ends a sentence that starts with the value. */
  readonly unwritable: string;
  /** Parameters that hold conditions in this language, where it has such. */
  readonly conditions: {
    readonly example: string;
    /**
     * What is wrong with these conditions, as the end of a sentence that starts with the parameter's title; null for conditions that
     * stay what they are wherever a query has them.
     */
    fault(conditions: string): string | null;
  } | null;
}
