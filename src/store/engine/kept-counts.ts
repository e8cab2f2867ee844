import type { Database } from './database.js';
import { integer, text } from './rows.js';
import { sql } from './sql.js';

/** So many rows of changes are added up when they are looked at; more are added up for good first. */
const FEW = 500;

/** Name → how many, of one kind of kept counts; none that is zero. */
export const keptCounts = async (
  database: Pick<Database, 'browse'>,
  kind: 'connection' | 'sealed',
): Promise<ReadonlyMap<string, number>> => {
  const rows = await database.browse(sql`
    select name, cast(sum(delta) as bigint) as count from kept_count where kind = ${kind}
    group by name having sum(delta) <> 0 order by name`);
  return new Map(rows.map((row) => [text(row, 'name'), integer(row, 'count')]));
};

/** Adds up what changed, so that looking stays cheap. What changes in the meantime is left for the next time. */
export const addUpCounts = async (database: Database): Promise<void> => {
  const [found] = await database.browse(sql`select count(*) as rows from kept_count`);
  if (found === undefined || integer(found, 'rows') <= FEW) return;
  await database.exclusive('counts', async (run) => {
    const gone = await run(sql`delete from kept_count returning kind, name, delta`);
    const sums = new Map<string, number>();
    for (const row of gone) {
      const key = JSON.stringify([text(row, 'kind'), text(row, 'name')]);
      sums.set(key, (sums.get(key) ?? 0) + integer(row, 'delta'));
    }
    for (const [key, sum] of sums) {
      const [kind, name] = JSON.parse(key) as [string, string];
      if (sum !== 0)
        await run(sql`insert into kept_count (kind, name, delta) values (${kind}, ${name}, ${sum})`);
    }
  });
};
