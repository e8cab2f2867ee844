import { type Query, sql } from '../sql.js';

/**
 * What became of the permissions that many ends at once were about, told apart: asked to revoke, and nothing left to revoke. What a
 * viewer has is counted at each insert. Which account a consent has just given up, so that its return can be noticed.
 */
export const endingsAndLimits: readonly Query[] = [
  sql`alter table departure add column asked bigint not null default 0`,
  sql`alter table departure add column none_left bigint not null default 0`,
  sql`create index ticket_viewer on ticket (viewer, expires_at)`,
  sql`create index frame_lease_viewer on frame_lease (viewer, expires_at)`,
  sql`alter table flow add column declined_account text`,
];
