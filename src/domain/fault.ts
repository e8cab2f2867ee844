/**
 * One mistake in a file that an administrator wrote. All texts are plain sentences without their final full stop, and never hold
 * a value that may be a secret.
 */
export interface Fault {
  /** The file as it was named to us, or absolute. */
  readonly file: string;
  /** Where in it: `hosts.gocd.origins[0]`; empty for the file as a whole. */
  readonly path: string;
  /** One-based, or null where it is not known. */
  readonly line: number | null;
  /** One-based place in the line; absent or null where it is not known. */
  readonly column?: number | null;
  /** The line with a mark below the place, where it may be shown: never of a file that may hold a secret. */
  readonly excerpt?: readonly string[];
  /** What is wrong. */
  readonly problem: string;
  /** What was expected, and what to do. */
  readonly expected: string;
  /** A value that would do, or null where none helps. */
  readonly example: string | null;
}
