import { bareRecord } from '../../domain/data.js';
import { escapeHtml, html, isHtml, textOf } from '../html.js';
import type { listFilters } from './lists.js';
import { isRecord } from './lists.js';
import type { numberFilters } from './numbers.js';
import { type Column, columnOf, OF_WRITING, rowFilters, writtenAs } from './piece-rows.js';
import { plainName, unescaped } from './texts.js';
import type { timeFilters } from './times.js';

/** What `templates/oriel.njk` computes. Their names begin with `_`: views use the pieces, not these. */

const KINDS = ['good', 'bad', 'busy', 'warning', 'neutral'] as const;
type Kind = (typeof KINDS)[number];

/** How servers call what we draw as one of five kinds. */
const WORDS: Readonly<Record<Exclude<Kind, 'neutral'>, string>> = {
  good: 'success successful succeeded passed pass ok green healthy up done completed complete resolved merged approved fixed',
  bad: 'failure failed fail error errored broken red critical down blocked rejected timed_out timeout blocker fatal',
  busy: 'running in_progress building active started deploying pending_approval processing inprogress preparing',
  warning:
    'unstable partial degraded yellow minor action_required changes_requested stale paused waiting flaky partially_succeeded',
};

const KIND_OF: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ...KINDS.map((kind): [string, Kind] => [kind, kind]),
  ...Object.entries(WORDS).flatMap(([kind, words]) =>
    words.split(' ').map((word): [string, Kind] => [word, kind as Kind]),
  ),
]);

const kindOf = (value: unknown, otherwise: Kind = 'neutral'): Kind => {
  if (value === undefined) return otherwise;
  const word = textOf(value).trim().slice(0, 40).toLowerCase();
  return KIND_OF.get(word.replace(/[\s-]+/g, '_')) ?? otherwise;
};

/** What is printed of a value or list of them: HTML that a filter or macro made, and texts; nothing that is empty or has no text. */
const partsIn = (value: unknown, looked: (steps: number) => void): readonly unknown[] => {
  if (Array.isArray(value)) {
    // Lists may hold the same list many times over.
    looked(value.length);
    return value.flatMap((each) => partsIn(each, looked));
  }
  if (isHtml(value)) return String(value).trim() === '' ? [] : [value];
  if (typeof value === 'boolean') return [];
  const text = textOf(value);
  return text.trim() === '' ? [] : [text];
};

const markupOf = (parts: readonly unknown[]): string =>
  parts.map((part) => (isHtml(part) ? String(part) : escapeHtml(String(part)))).join(' ');

/** Parts as text for an attribute: tags gone, entities undone. It is escaped again where it is printed. */
const plainOf = (parts: readonly unknown[]): string =>
  parts
    .map((part) => (isHtml(part) ? unescaped(String(part).replace(/<[^<>]*>/g, '')) : String(part)))
    .join(' ')
    .trim();

const BASIC: Readonly<Record<string, string>> = {
  ...{ black: '000000', silver: 'c0c0c0', gray: '808080', white: 'ffffff', maroon: '800000', red: 'ff0000' },
  ...{
    purple: '800080',
    fuchsia: 'ff00ff',
    green: '008000',
    lime: '00ff00',
    olive: '808000',
    yellow: 'ffff00',
  },
  ...{ navy: '000080', blue: '0000ff', teal: '008080', aqua: '00ffff', grey: '808080', orange: 'ffa500' },
};

/** Relative luminance, WCAG 2.2. */
const luminance = (hex: string): number => {
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((from) => {
    const share = Number.parseInt(hex.slice(from, from + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

/** Up to here white text has a contrast of 4.5 (WCAG 2.2, 1.4.3), and from here black text has more. */
const MIDDLE = 0.1833;

/** A color, and whether it is dark, so that white text can be read on it, or light, so that black text can. Null for what is no color. */
const inkOn = (value: unknown): { readonly fill: string; readonly ground: 'dark' | 'light' } | null => {
  const text = textOf(value).trim().toLowerCase();
  const [, digits] = /^#?([0-9a-f]{6}|[0-9a-f]{3})$/.exec(text) ?? [];
  const hex = Object.hasOwn(BASIC, text) ? BASIC[text] : digits;
  if (hex === undefined) return null;
  const full = hex.length === 3 ? [...hex].map((digit) => digit + digit).join('') : hex;
  return { fill: `#${full}`, ground: luminance(full) <= MIDDLE ? 'dark' : 'light' };
};

const initials = (name: string): string => {
  const words = plainName(name).match(/[\p{L}\p{N}]+/gu) ?? [];
  const picked = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return (
    picked
      .map((word) => [...(word ?? '')][0] ?? '')
      .join('')
      .toUpperCase() || '?'
  );
};

const TONES = 6;

/** The same person has the same color everywhere. */
const tone = (name: string): number => {
  const sum = [...name.slice(0, 80)].reduce((before, each) => {
    return (before * 31 + (each.codePointAt(0) ?? 0)) % 1_000_003;
  }, 7);
  return 1 + (sum % TONES);
};

const NUMBER = /^-?\d{1,15}(\.\d{1,20})?(e[+-]?\d{1,2})?$/i;

const numberIn = (value: unknown): number | null => {
  const text = textOf(value).trim();
  return NUMBER.test(text) ? Number(text) : null;
};

/** A part of a whole, between 0 and 1. */
const share = (value: unknown, whole: unknown): number => {
  const [part, all] = [numberIn(value) ?? 0, numberIn(whole) ?? 100];
  return all > 0 ? Math.round(Math.min(1, Math.max(0, part / all)) * 10_000) / 10_000 : 0;
};

/** Points of a chart, at most. */
const MOST_POINTS = 200;
const BOX = { width: 100, height: 30 };

const rounded = (number: number): number => Math.round(number * 100) / 100;

interface Point {
  readonly x: string;
  readonly y: number;
}

/** A line through numbers in a box of 100 by 30, as SVG paths, from 0 or the lowest number to the highest. */
const plotOf = (rows: readonly Point[]) => {
  const numbers = rows.map(({ y }) => y);
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const bottom = Math.min(0, low);
  const top = high === bottom ? bottom + 1 : high;
  const yOf = (y: number): number => rounded(1 + (BOX.height - 2) * (1 - (y - bottom) / (top - bottom)));
  const xOf = (index: number): number => rounded((BOX.width * index) / Math.max(1, rows.length - 1));
  const points = rows.map(({ y }, index) => `${xOf(index)} ${yOf(y)}`);
  // One number is a line of its own.
  if (points.length === 1) points.push(`${BOX.width} ${yOf(high)}`);
  const line = `M${points.join('L')}`;
  return {
    ...{ line, area: `${line}V${BOX.height}H0Z`, low, high, top, count: rows.length, rows },
    ...{ first: numbers[0], last: numbers.at(-1), end: rows.at(-1)?.x ?? '' },
  };
};

/** Several things as their parts, as HTML and as plain text. */
const joining = (looked: (steps: number) => void) => {
  const partsOf = (value: unknown): readonly unknown[] => partsIn(value, looked);
  const plain = (value: unknown): string => plainOf(partsOf(value));
  const joinedList = (values: readonly unknown[]): string => {
    looked(values.length);
    let all = '';
    for (const each of values) {
      const markup = joined(each);
      if (markup !== '') all += all === '' ? markup : ` ${markup}`;
    }
    return all;
  };
  /** All parts of a value as HTML. Most values are one text or one piece, and views show thousands. */
  const joined = (value: unknown): string => {
    if (Array.isArray(value)) return joinedList(value);
    const isMarkup = isHtml(value);
    if (!isMarkup && typeof value !== 'string') return markupOf(partsOf(value));
    const text = String(value);
    if (text.trim() === '') return '';
    return isMarkup ? text : escapeHtml(text);
  };
  return { partsOf, plain, joined };
};

type Lists = Pick<ReturnType<typeof listFilters>, 'list' | 'pluck'>;
type Numbers = ReturnType<typeof timeFilters> & ReturnType<typeof numberFilters>;

/** The filters behind the pieces; `lists` and `numbers` are those of views, `looked` is called with the steps of what they go through. */
export const macroFilters = ({ list, pluck }: Lists, numbers: Numbers, looked: (steps: number) => void) => {
  const { partsOf, plain, joined } = joining(looked);
  const written = (value: unknown, as: unknown): unknown => {
    looked(OF_WRITING);
    return writtenAs(value, textOf(as), numbers);
  };
  const known = new WeakMap<object, readonly Column[]>();
  const columns = (written: unknown): readonly Column[] => {
    const before = isRecord(written) || Array.isArray(written) ? known.get(written) : undefined;
    const made = before ?? list(written).map((each, index) => columnOf(each, index, plain));
    if (before === undefined && Array.isArray(written)) known.set(written, made);
    return made;
  };
  /** The text at a path; what a macro or filter made is there as HTML. */
  const firstAt = (item: unknown, path: string): string => {
    const own = isRecord(item) && Object.hasOwn(item, path) ? item[path] : undefined;
    return isHtml(own) ? plain(own) : (pluck(item, path)[0] ?? '');
  };
  /** Records as they are, and lists as records that have these names in turn. */
  const named = (items: unknown, names: readonly string[]): readonly unknown[] =>
    list(items).map((item) => {
      if (!Array.isArray(item)) return item;
      const entries = names.map((name, index) => [name, item[index]] as const);
      return Object.assign(bareRecord<unknown>(), Object.fromEntries(entries));
    });

  return {
    _parts: partsOf,
    _joined: (value: unknown): object => html(joined(value)),
    _plain: plain,
    _written: written,
    _kind: kindOf,
    _ink: inkOn,
    _initials: (value: unknown): string => initials(plain(value)),
    _tone: (value: unknown): number => tone(plain(value)),
    _share: share,
    _columns: columns,
    /** Whether there is more than what is shown; without a count there is. */
    _isLess: (shown: unknown, count: unknown): boolean =>
      partsOf(count).length === 0 || (numberIn(shown) ?? 0) < (numberIn(count) ?? 0),
    _values: (item: unknown, written: unknown): readonly unknown[] =>
      Array.isArray(item)
        ? item
        : columns(written).map(({ path, as }) => (as === '' ? pluck(item, path) : firstAt(item, path))),
    ...rowFilters({ joined, partsOf, columns, pluck, firstAt, written, looked }),
    _pairs(value: unknown): readonly (readonly [string, unknown])[] {
      const pairs = Array.isArray(value) ? value : isRecord(value) ? Object.entries(value) : [];
      return pairs.flatMap((pair) => {
        if (!Array.isArray(pair) || partsOf(pair[1]).length === 0) return [];
        return [[plain(pair[0]), pair[1]] as const];
      });
    },
    /** Of each stage its texts; a list is taken as title, kind, href and text. */
    _stages: (stages: unknown) =>
      named(stages, ['title', 'kind', 'href', 'text']).map((stage) => ({
        title: firstAt(stage, 'title'),
        kind: firstAt(stage, 'kind'),
        href: firstAt(stage, 'href'),
        text: firstAt(stage, 'text'),
      })),
    _bars(items: unknown, value: string, title: string, href: string, kind: string) {
      const found = named(items, [title, value, href, kind, 'text']).flatMap((item) => {
        const number = numberIn(firstAt(item, value));
        if (number === null) return [];
        return [
          {
            value: number,
            title: firstAt(item, title),
            href: firstAt(item, href),
            kind: firstAt(item, kind),
            text: firstAt(item, 'text'),
          },
        ];
      });
      const most = found.reduce((highest, each) => Math.max(highest, Math.abs(each.value)), 0);
      return found.map((each) => ({
        ...each,
        share: most === 0 ? 0 : rounded((100 * Math.abs(each.value)) / most),
      }));
    },
    _plot(items: unknown, y?: unknown, x?: unknown) {
      const points = list(items).flatMap((item): readonly Point[] => {
        const number = numberIn(typeof y === 'string' ? firstAt(item, y) : item);
        return number === null ? [] : [{ x: typeof x === 'string' ? firstAt(item, x) : '', y: number }];
      });
      return points.length === 0 ? null : plotOf(points.slice(-MOST_POINTS));
    },
  };
};
