/** What a column holds: `text`, `bigint` (here a safe integer), or nothing. */
export type Value = string | number | null;

/** SQL text cut where its values belong. Text and values never meet: each engine writes its own marks. */
export interface Query {
  readonly texts: readonly string[];
  readonly values: readonly Value[];
  /** What PostgreSQL runs in its place, where the engines have no words in common. */
  readonly postgres?: Query;
}

const isQuery = (part: Value | Query): part is Query => typeof part === 'object' && part !== null;

/** A query whose values are kept apart; a query within a query becomes part of it. */
export const sql = (texts: TemplateStringsArray, ...parts: readonly (Value | Query)[]): Query => {
  const all = [texts[0] ?? ''];
  const values: Value[] = [];
  const append = (text: string): void => {
    all.push((all.pop() ?? '') + text);
  };
  parts.forEach((part, index) => {
    if (isQuery(part)) {
      append(part.texts[0] ?? '');
      all.push(...part.texts.slice(1));
      values.push(...part.values);
      append(texts[index + 1] ?? '');
    } else {
      values.push(part);
      all.push(texts[index + 1] ?? '');
    }
  });
  return { texts: all, values };
};

/** One statement for each engine, where they have no words in common. */
export const engines = (sqlite: Query, postgres: Query): Query => ({ ...sqlite, postgres });

/** Text of our own, such as a table's name; never a value. */
export const raw = (text: string): Query => ({ texts: [text], values: [] });

/** Parts with commas between them. */
export const joined = (parts: readonly Query[]): Query =>
  parts.reduce((all, part, index) => (index === 0 ? part : sql`${all}, ${part}`));

/** The values of `in (…)`; no value at all is `null`, which nothing equals. */
export const list = (values: readonly Value[]): Query =>
  values.length === 0
    ? sql`null`
    : { texts: ['', ...values.slice(1).map(() => ', '), ''], values: [...values] };

/** The text for an engine; `mark` writes the placeholder of the nth value, counted from 1. */
export const textOf = (query: Query, mark: (n: number) => string): string =>
  query.texts.reduce((text, next, index) => text + mark(index) + next);

/** The text of statements without values, one after another. */
export const scriptOf = (queries: readonly Query[]): string =>
  queries
    .map((query) =>
      textOf(query, () => {
        throw new Error('a script holds no values');
      }),
    )
    .join(';\n');

/** One statement of a migration, the same for every engine or one for each. */
export type Step = Query | { readonly sqlite: Query; readonly postgres: Query };
