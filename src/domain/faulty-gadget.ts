/** A gadget whose files have mistakes, as servers report it. */
export interface FaultyGadget {
  readonly id: string;
  /** Whether viewers still see its last version without mistakes; otherwise it is not served. */
  readonly isServed: boolean;
  /** What is wrong, where, and what was expected. */
  readonly problem: string;
}
