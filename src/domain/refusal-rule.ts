type Plain = string | number | boolean | null;

/** What stands at a path: one of these values, anything but these, or anything at all (`present`). */
export type Expected =
  | Plain
  | readonly Plain[]
  | { readonly not: Plain | readonly Plain[] }
  | { readonly present: boolean };

/** How an API says no within a 200. Paths are keys joined by dots; a number is a place in a list. */
export interface RefusalRule {
  /** The answer is a refusal when all of these hold. */
  readonly when: Readonly<Record<string, Expected>>;
  /** Where it says why, or null. */
  readonly code: string | null;
  /** Codes that mean that the access token is no longer good. */
  readonly expired: readonly string[];
}
