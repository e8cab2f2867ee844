import { expect, it } from 'vitest';
import { ChangeFeed } from '../../src/store/change-memory.js';
import { migrate } from '../../src/store/engine/migrate.js';
import { openDatabase } from '../../src/store/engine/open-database.js';
import { sql } from '../../src/store/engine/sql.js';
import { TestClock } from '../support/test-clock.js';

it('A check that started too long ago does not answer a later question', async () => {
  const clock = new TestClock();
  const database = await openDatabase('sqlite::memory:', { create: true });
  await migrate(database);
  let hold = false;
  const held: (() => void)[] = [];
  const heard: string[] = [];
  const feed = new ChangeFeed(
    {
      write: database.write,
      async read(query) {
        const rows = await database.read(query);
        if (hold) await new Promise<void>((resolve) => held.push(resolve));
        return rows;
      },
    },
    clock,
    { onChange: ({ subject }) => void heard.push(subject), forgetAll: () => undefined },
  );
  await feed.look();
  hold = true;
  const slow = feed.look();
  while (held.length === 0) await new Promise((resolve) => setImmediate(resolve));
  clock.pass(2000);
  await database.write(sql`insert into change (kind, subject, at) values ('connection', 'ended since', 0)`);
  const later = feed.look();
  hold = false;
  for (const answer of held) answer();
  await slow;
  await later;
  expect(heard).toEqual(['ended since']);
  await database.close();
});
