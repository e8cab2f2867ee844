import { escapeHtml, html, textOf } from '../html.js';
import { lookingThrough } from '../step-budget.js';
import { isRecord } from './lists.js';
import type { numberFilters } from './numbers.js';
import { link } from './texts.js';
import type { timeFilters } from './times.js';

/** Rows of lists and tables. They are what views have most of: written in a template, they would take several times as long. */

export interface Column {
  readonly title: string;
  readonly path: string;
  readonly end: boolean;
  /** How its values are written; empty where they are shown as they are. */
  readonly as: string;
  /** What is around each of its values, in every row but the head. */
  readonly around: readonly [before: string, after: string];
}

const HEAD_CELL = ['<th role="rowheader" scope="row">', '</th>'] as const;

/** A column as a view wrote it: its title, or a record. */
export const columnOf = (written: unknown, index: number, plain: (value: unknown) => string): Column => {
  const { title, path, end, as } = isRecord(written) ? written : { title: written };
  const shown = plain(title);
  const number = end ? ' class="oriel-number"' : '';
  const opened = `<td role="cell" data-label="${escapeHtml(shown)}"${number}><span>`;
  return {
    ...{ title: shown, path: textOf(path), end: Boolean(end), as: textOf(as) },
    around: index === 0 ? HEAD_CELL : [opened, '</span></td>'],
  };
};

type Numbers = ReturnType<typeof timeFilters> & ReturnType<typeof numberFilters>;

/** A value as a column or chart says that it is written. */
export const writtenAs = (value: unknown, as: string, filters: Numbers): unknown => {
  switch (as) {
    case 'duration':
      return filters.duration(value, 'narrow');
    case 'ms':
      return filters.duration(value, 'ms', 'narrow');
    case 'percent':
      return filters.number(value, 'percent');
    case 'bytes':
    case 'time':
    case 'age':
    case 'date':
    case 'day':
    case 'clock':
      return filters[as](value);
    default:
      return filters.number(value, 2);
  }
};

/** The steps of writing a number or time. */
export const OF_WRITING = 12;

/** What rows are made with, as the other pieces are. */
interface Made {
  /** All parts of a value as HTML; the empty string where there is nothing. */
  readonly joined: (value: unknown) => string;
  readonly partsOf: (value: unknown) => readonly unknown[];
  readonly columns: (written: unknown) => readonly Column[];
  readonly pluck: (value: unknown, path: unknown) => readonly string[];
  readonly firstAt: (item: unknown, path: string) => string;
  readonly written: (value: unknown, as: unknown) => unknown;
  readonly looked: (steps: number) => void;
}

export const rowFilters = ({ joined, partsOf, columns, pluck, firstAt, written, looked }: Made) => {
  /** What a record has at a path; most have one text there. */
  const found = (row: unknown, path: string): unknown => {
    const own = isRecord(row) && Object.hasOwn(row, path) ? row[path] : undefined;
    const isOne = typeof own === 'string' || (isRecord(own) && own['@type'] !== 'array');
    if (!isOne) return pluck(row, path);
    const text = textOf(own);
    looked(lookingThrough(text));
    return text;
  };
  const shownIn = ({ path, as }: Column, given: unknown, row: unknown): string => {
    const isGiven = given !== undefined || path === '';
    if (as === '') return joined(isGiven ? given : found(row, path));
    return joined(written(isGiven ? given : firstAt(row, path), as));
  };
  const around = (value: unknown, opened: string, closed: string): string => {
    const markup = joined(value);
    return markup === '' ? '' : opened + markup + closed;
  };
  /** The title, with what is on its line. */
  const headOf = (title: unknown, href: unknown, before: unknown, tags: unknown): string => {
    const words = joined(title);
    const named = joined(link(href, words === '' ? href : html(words)));
    const number = around(before, '<span class="oriel-before">', '</span> ');
    return `<div class="oriel-head">${number}<bdi class="oriel-name">${named}</bdi>${around(tags, ' ', '')}</div>`;
  };
  return {
    /** The cells of a table's row: `values` in turn, and what `row` has at the paths of further columns. */
    _cells(written: unknown, values: unknown, unset: unknown, row: unknown): object {
      const given: readonly unknown[] = Array.isArray(values) ? values : [values];
      let cells = '';
      for (const [index, column] of columns(written).entries()) {
        const [before, after] = column.around;
        cells += before + (shownIn(column, given[index], row) || joined(unset)) + after;
      }
      return html(cells);
    },
    /** A row of a list; its arguments are those of the piece, in another order. */
    _row(title: unknown, href: unknown, meta: unknown, ...more: readonly unknown[]): object {
      const [lead, before, tags, end, detail] = more;
      const quiet = partsOf(meta)
        .map((each) => `<span>${joined(each)}</span>`)
        .join('');
      const main = [
        headOf(title, href, before, tags),
        quiet && `<div class="oriel-meta">${quiet}</div>`,
        around(detail, '<div class="oriel-detail">', '</div>'),
      ];
      return html(
        `<li class="oriel-row">${around(lead, '<div class="oriel-lead">', '</div>')}<div class="oriel-main">${main.join('')}</div>${around(end, '<div class="oriel-end">', '</div>')}</li>\n`,
      );
    },
  };
};
