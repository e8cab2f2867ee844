import { type Query, sql } from '../sql.js';

/** Which administrator a key of the API goes back to. */
export const third: readonly Query[] = [sql`alter table api_key add column created_by_admin text`];
