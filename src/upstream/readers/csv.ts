import type { Data } from '../../domain/data.js';
import { NodeCount, record, Unreadable } from './frozen.js';

const QUOTE = '"';

/** What separates the cells: whichever of these the first line has most of, outside of quotation marks. */
const separatorOf = (text: string): string => {
  const line = (/^(?:"(?:[^"]|"")*"|[^"\r\n])*/.exec(text)?.[0] ?? '').replace(/"(?:[^"]|"")*"/g, '');
  const count = (separator: string): number => line.split(separator).length;
  return [';', '\t'].reduce((best, each) => (count(each) > count(best) ? each : best), ',');
};

/** A quoted cell that starts here, and where it ends. */
const quotedCell = (text: string, start: number): { readonly cell: string; readonly end: number } => {
  let cell = '';
  for (let from = start + 1; ; ) {
    const end = text.indexOf(QUOTE, from);
    if (end < 0) throw new Unreadable('csv-syntax');
    cell += text.slice(from, end);
    if (text[end + 1] !== QUOTE) return { cell, end: end + 1 };
    cell += QUOTE;
    from = end + 2;
  }
};

/** The rows of a text (RFC 4180); lines end as they do anywhere, and empty ones are none. */
const rowsOf = (text: string): readonly (readonly string[])[] => {
  const separator = separatorOf(text);
  const bare = new RegExp(`[^${separator}\\r\\n]*`, 'y');
  const count = new NodeCount();
  const rows: string[][] = [];
  let row: string[] = [];
  for (let at = 0; at <= text.length; ) {
    count.add();
    bare.lastIndex = at;
    const { cell, end } =
      text[at] === QUOTE ? quotedCell(text, at) : { cell: bare.exec(text)?.[0] ?? '', end: bare.lastIndex };
    row.push(cell);
    const after = text[end];
    if (after !== undefined && after !== separator && after !== '\r' && after !== '\n')
      throw new Unreadable('csv-syntax');
    at = after === '\r' && text[end + 1] === '\n' ? end + 2 : end + 1;
    if (after === separator) continue;
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  }
  return rows;
};

/** Reads comma-separated values, or those with semicolons or tabs, as a list of records named by the first row. Throws `Unreadable`. */
export const readCsv = (text: string): Data => {
  const [head = [], ...rows] = rowsOf(text);
  const names = head.map((name, index) => name.trim() || String(index + 1));
  return Object.freeze(
    rows.map((row) => record(names.map((name, index) => [name, row[index] ?? ''] as const))),
  );
};
