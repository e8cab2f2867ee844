/** A rectangle of a chart, in the units of its view box. */
export interface Bar {
  readonly kind: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What a column of a chart is made of, from below. Counts are not negative. */
export type Column = readonly { readonly kind: string; readonly count: number }[];

/** Every chart is drawn into this box and stretched to the width there is. */
export const BOX = { width: 240, height: 60 } as const;

/** Space between columns. */
const GAP = 2;
/** What is there is seen, however little it is beside the rest. */
const LEAST = 1;

const rounded = (value: number): number => Math.round(value * 100) / 100;

const sumOf = (column: Column): number => column.reduce((sum, { count }) => sum + count, 0);

/** The largest column's sum. */
export const most = (columns: readonly Column[]): number => Math.max(0, ...columns.map(sumOf));

/** Columns side by side, each of its parts on top of the one before. A part of nothing is not drawn. */
export const stacked = (columns: readonly Column[]): readonly Bar[] => {
  const top = most(columns);
  if (top === 0) return [];
  const step = BOX.width / columns.length;
  const parts = Math.max(...columns.map(({ length }) => length));
  // Room for parts that are drawn larger than they are.
  const scale = (BOX.height - parts * LEAST) / top;
  return columns.flatMap((column, index) => {
    let y = BOX.height;
    return column
      .filter(({ count }) => count > 0)
      .map(({ kind, count }): Bar => {
        const height = Math.max(LEAST, count * scale);
        y -= height;
        return {
          kind,
          x: rounded(index * step + GAP / 2),
          y: rounded(y),
          width: rounded(step - GAP),
          height: rounded(height),
        };
      });
  });
};

/**
 * A line in steps, one for each value, as the `d` of an SVG path; where there is no value it is broken. `top` is what the upper edge
 * stands for; what is above it is drawn there.
 */
export const stepped = (values: readonly (number | null)[], top: number): string => {
  const step = BOX.width / values.length;
  const yOf = (value: number): number =>
    rounded(BOX.height - (top === 0 ? 0 : (Math.min(value, top) / top) * (BOX.height - 2 * LEAST)) - LEAST);
  let drawn = '';
  let before: number | null = null;
  for (const [index, value] of values.entries()) {
    if (value !== null) {
      const begin = before === null ? `M${rounded(index * step)} ${yOf(value)}` : `V${yOf(value)}`;
      drawn += `${begin}H${rounded((index + 1) * step)}`;
    }
    before = value;
  }
  return drawn;
};
