import { type Query, raw, type Step, sql } from '../sql.js';

/*
 * Counts that are looked at often are kept beside what they count, by the database itself and in the same transaction: right for every
 * process, and after a kill. Each change adds a row and touches none that another transaction might touch; now and then they are added up.
 */

/** What a Connection counts as: words without spaces, and last its host. */
const connectionName = (row: string): Query =>
  raw(`${row}.provider || ' ' || ${row}.status || ' ' || coalesce(${row}.reason, '-') || ' ' || ${row}.host`);

interface Counted {
  readonly table: string;
  readonly column: string;
}

/** Every column that holds sealed texts, as `SEALED` has them. */
const SEALED_COLUMNS: readonly Counted[] = [
  { table: 'connection', column: 'tokens' },
  { table: 'flow', column: 'tokens' },
  { table: 'flow', column: 'verifier' },
  { table: 'setup_record', column: 'entry' },
  { table: 'audit_person', column: 'key' },
];

/** The id of the key that sealed a text: what stands before the first dot. */
const keyId = (text: string, dialect: 'sqlite' | 'postgres'): Query =>
  raw(dialect === 'sqlite' ? `substr(${text}, 1, instr(${text}, '.') - 1)` : `split_part(${text}, '.', 1)`);

const perEngine = (make: (dialect: 'sqlite' | 'postgres') => Query): Step => ({
  sqlite: make('sqlite'),
  postgres: make('postgres'),
});

/** Keeps count of a table: `name` says what a row counts as, `counts` whether it does; both of `old` and `new`. */
const keeping = (
  id: string,
  { table, columns }: { readonly table: string; readonly columns: string },
  kind: string,
  name: (row: 'old' | 'new', dialect: 'sqlite' | 'postgres') => Query,
  counts: (row: 'old' | 'new') => Query,
): readonly Step[] => {
  const add = (row: 'old' | 'new', dialect: 'sqlite' | 'postgres'): Query => sql`
    insert into kept_count (kind, name, delta)
    select ${raw(`'${kind}'`)}, ${name(row, dialect)}, ${raw(row === 'old' ? '-1' : '1')} where ${counts(row)};`;
  const isOther = (dialect: 'sqlite' | 'postgres'): Query => {
    const both = [name('old', dialect), name('new', dialect)] as const;
    return dialect === 'sqlite'
      ? sql`${both[0]} is not ${both[1]}`
      : sql`${both[0]} is distinct from ${both[1]}`;
  };
  const trigger = (event: 'insert' | 'delete' | 'update', parts: readonly ('old' | 'new')[]): Step => {
    const called = `${id}_${event}`;
    const when = (dialect: 'sqlite' | 'postgres'): Query =>
      event === 'update' ? sql`when (${isOther(dialect)})` : sql``;
    const on = raw(event === 'update' ? `update of ${columns}` : event);
    return {
      sqlite: sql`
        create trigger ${raw(called)} after ${on} on ${raw(table)} ${when('sqlite')} begin
          ${parts.map((row) => add(row, 'sqlite')).reduce((all, each) => sql`${all} ${each}`)}
        end`,
      postgres: sql`
        create trigger ${raw(called)} after ${on} on ${raw(table)} for each row ${when('postgres')}
        execute function ${raw(called)}()`,
    };
  };
  /** PostgreSQL's triggers call a function; elsewhere there is nothing to do. */
  const fn = (event: 'insert' | 'delete' | 'update', parts: readonly ('old' | 'new')[]): Step => ({
    sqlite: sql`select 1`,
    postgres: sql`
      create or replace function ${raw(`${id}_${event}`)}() returns trigger language plpgsql as $counting$
      begin
        ${parts.map((row) => add(row, 'postgres')).reduce((all, each) => sql`${all} ${each}`)}
        return null;
      end $counting$`,
  });
  return (
    [
      ['insert', ['new']],
      ['delete', ['old']],
      ['update', ['old', 'new']],
    ] as const
  ).flatMap(([event, parts]) => [fn(event, parts), trigger(event, parts)]);
};

const sealedBy = ({ table, column }: Counted): readonly Step[] => [
  ...keeping(
    `sealed_${table}_${column}`,
    { table, columns: column },
    'sealed',
    (row, dialect) => keyId(`${row}.${column}`, dialect),
    (row) => raw(`${row}.${column} is not null`),
  ),
  perEngine(
    (dialect) => sql`
      insert into kept_count (kind, name, delta)
      select 'sealed', ${keyId(column, dialect)}, count(*) from ${raw(table)}
      where ${raw(column)} is not null group by 2`,
  ),
];

/** How many Connections there are by provider, host, status and reason, and how much each key sealed. */
export const keptCounts: readonly Step[] = [
  sql`create table kept_count (kind text not null, name text not null, delta bigint not null)`,
  ...keeping(
    'connection_kept',
    { table: 'connection', columns: 'provider, host, status, reason' },
    'connection',
    connectionName,
    () => raw('1 = 1'),
  ),
  sql`
    insert into kept_count (kind, name, delta)
    select 'connection', ${connectionName('connection')}, count(*) from connection group by 2`,
  ...SEALED_COLUMNS.flatMap(sealedBy),
];
