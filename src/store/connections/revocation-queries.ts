import type { Connection, ConnectionId } from '../../domain/connection.js';
import { SKEW } from '../../domain/system.js';
import { type Query, sql } from '../engine/sql.js';

/** Who asks the provider to revoke a Connection's tokens. */
export interface RevocationLease {
  /** A name that no other lease has. */
  readonly holder: string;
  /** By the clock of who writes it: before, no one else needs to look. It ends no lease. */
  readonly until: number;
  /** Whose lease on it is over, if there is one: this one takes its place. */
  readonly over?: string | null;
}

/** No one waits longer than this with asking again, ms: what seems to wait longer does so by a clock that has been set back. */
const FURTHEST = 60 * 60_000 + SKEW;

/** Those being revoked that are due, the longest due first. */
export const dueRevocations = (now: number, limit: number): Query => sql`
  select * from connection
  where status = 'revoking' and (coalesce(lease_until, 0) <= ${now} or lease_until > ${now + FURTHEST})
  order by coalesce(lease_until, 0), id limit ${limit}`;

/** Gives one that is due to this holder, where it is as it was found, and no one else has it. */
export const takeRevocation = (
  due: Connection,
  { holder, until, over = null }: RevocationLease,
): Query => sql`
  update connection set lease_owner = ${holder}, lease_until = ${until}
  where id = ${due.id} and status = 'revoking' and coalesce(lease_until, 0) = ${due.leaseUntil ?? 0}
    and (lease_owner is null or lease_owner = ${over})
  returning *`;

/** Leaves one that someone else has to be looked at again, where it is as it was found. */
export const postponeRevocation = (due: Connection, until: number): Query => sql`
  update connection set lease_until = ${until}
  where id = ${due.id} and status = 'revoking' and coalesce(lease_until, 0) = ${due.leaseUntil ?? 0}
    and lease_owner = ${due.leaseOwner}`;

/** Ends a holder's lease; `until`: when the provider is to be asked again. */
export const leaveRevocation = (id: ConnectionId, holder: string, until: number): Query => sql`
  update connection set lease_owner = null, lease_until = ${until}
  where id = ${id} and status = 'revoking' and lease_owner = ${holder}`;
