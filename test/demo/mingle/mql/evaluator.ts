import type { Card, Project } from '../model.js';
import { answerName, type Column, columnsOf } from './columns.js';
import { MqlError } from './lexer.js';
import { type Condition, type Operator, parseConditions, parseQuery, type Value } from './parser.js';

/** One card of an answer: column name → text, null when not set. */
export type Row = Readonly<Record<string, string | null>>;

type Test = (card: Card) => boolean;

const numeric = (text: string): boolean => /^-?\d+(\.\d+)?$/.test(text.trim());

/** Brings a value to what its column compares: a number, a place in the list, or lower-case text. */
const comparable = (column: Column, text: string, ordered: boolean): number | string => {
  if (column.kind === 'number') {
    if (numeric(text)) return Number(text);
    throw new MqlError(
      `Property ${column.name} is numeric, and value ${text} is not numeric. ` +
        `Only numeric values can be compared with ${column.name}.`,
    );
  }
  if (column.kind === 'list' && ordered) {
    const place = column.values.findIndex((value) => value.toLowerCase() === text.toLowerCase());
    if (place < 0) throw new MqlError(`Property ${column.name} does not have the value ${text}.`);
    return place;
  }
  return text.toLowerCase();
};

const holds: Readonly<Record<Operator, (one: number | string, other: number | string) => boolean>> = {
  '=': (one, other) => one === other,
  '!=': (one, other) => one !== other,
  '<': (one, other) => one < other,
  '<=': (one, other) => one <= other,
  '>': (one, other) => one > other,
  '>=': (one, other) => one >= other,
};

const comparison = (column: Column, operator: Operator, value: Value, viewer: string): Test => {
  const text = value === 'current user' ? viewer : value?.text;
  if (text === undefined) {
    if (operator === '=') return (card) => column.of(card) === null;
    if (operator === '!=') return (card) => column.of(card) !== null;
    throw new MqlError(`NULL can only be compared with = and != (property ${column.name}).`);
  }
  const ordered = operator !== '=' && operator !== '!=';
  const wanted = comparable(column, text, ordered);
  return (card) => {
    const own = column.of(card);
    return own === null ? operator === '!=' : holds[operator](comparable(column, own, ordered), wanted);
  };
};

/** Turns conditions into a test, so that a wrong name is found even where no card would be looked at. */
const testOf = (condition: Condition, column: (name: string) => Column, viewer: string): Test => {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const left = testOf(condition.left, column, viewer);
      const right = testOf(condition.right, column, viewer);
      return condition.kind === 'and'
        ? (card) => left(card) && right(card)
        : (card) => left(card) || right(card);
    }
    case 'not': {
      const inner = testOf(condition.of, column, viewer);
      return (card) => !inner(card);
    }
    case 'in': {
      const target = column(condition.column);
      const tests = condition.values.map((value) => comparison(target, '=', value, viewer));
      return (card) => tests.some((test) => test(card));
    }
    case 'compare':
      return comparison(column(condition.column), condition.operator, condition.value, viewer);
  }
};

interface Sorting {
  readonly column: Column;
  readonly descending: boolean;
}

const compareBy = ({ column, descending }: Sorting, one: Card, other: Card): number => {
  const [left, right] = [column.of(one), column.of(other)];
  if (left === right) return 0;
  if (left === null) return 1;
  if (right === null) return -1;
  const [first, second] = [comparable(column, left, true), comparable(column, right, true)];
  const order = first < second ? -1 : first > second ? 1 : 0;
  return descending ? -order : order;
};

/** Sorted by each column in turn, cards without a value last; then the newest card first. */
const sorted = (cards: readonly Card[], sortings: readonly Sorting[]): readonly Card[] =>
  cards.toSorted((one, other) => {
    for (const sorting of sortings) {
      const order = compareBy(sorting, one, other);
      if (order !== 0) return order;
    }
    return other.number - one.number;
  });

/** Answers a whole query for a viewer. Throws MqlError with Mingle's sentence. */
export const executeMql = (project: Project, mql: string, viewer: string): readonly Row[] => {
  const column = columnsOf(project);
  const query = parseQuery(mql);
  const names =
    query.columns.length > 0
      ? query.columns
      : ['Number', 'Name', 'Type', ...project.properties.map(({ name }) => name)];
  const columns = names.map(column);
  const test = query.where ? testOf(query.where, column, viewer) : () => true;
  const sortings = query.orderBy.map((order) => ({
    column: column(order.column),
    descending: order.descending,
  }));
  return sorted(project.cards.filter(test), sortings).map((card) =>
    Object.fromEntries(columns.map((one) => [answerName(one), one.of(card)])),
  );
};

/** The cards that meet conditions, newest first unless sorted by a column. Throws MqlError. */
export const filterCards = (
  project: Project,
  conditions: string,
  viewer: string,
  sort: { readonly column: string; readonly descending: boolean } | null,
): readonly Card[] => {
  const column = columnsOf(project);
  const condition = parseConditions(conditions);
  const test = condition ? testOf(condition, column, viewer) : () => true;
  return sorted(project.cards.filter(test), sort ? [{ ...sort, column: column(sort.column) }] : []);
};
