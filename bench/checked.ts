/** A promise that is no ratio of processor times, and what was measured. */
export interface Checked {
  readonly name: string;
  readonly measured: string;
  readonly promised: string;
  readonly holds: boolean;
  /** The numbers themselves, for charts and to compare runs. */
  readonly figures: Readonly<Record<string, number>>;
}

/** A number that may be as large as `limit`, written with its unit. */
export const atMost = (
  name: string,
  value: number,
  limit: number,
  write: (value: number) => string,
  figures: Readonly<Record<string, number>> = {},
): Checked => ({
  name,
  measured: write(value),
  promised: `≤ ${write(limit)}`,
  holds: value <= limit,
  figures: { value, limit, ...figures },
});

export const MEGABYTE = 1024 * 1024;

export const megabytes = (value: number): string => `${value.toFixed(0)} MB`;

export const milliseconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
