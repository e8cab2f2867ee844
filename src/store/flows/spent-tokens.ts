import type { SpentTokens } from '../../domain/token-purpose.js';
import type { Database } from '../engine/database.js';
import { toJson } from '../engine/rows.js';
import { sql } from '../engine/sql.js';

/** Used tokens in `database`: the insert that finds no older one is the one use there is. */
export const spentTokens = (database: Database): SpentTokens => ({
  async spend(host, jti, replayableUntil) {
    const rows = await database.write(sql`
      insert into spent_token (token, replayable_until) values (${toJson([host, jti])}, ${replayableUntil})
      on conflict (token) do nothing
      returning token`);
    return rows.length > 0;
  },

  async sweep(now) {
    await database.write(sql`delete from spent_token where replayable_until <= ${now}`);
  },
});
