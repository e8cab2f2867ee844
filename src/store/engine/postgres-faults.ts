import pg from 'pg';
import type { DatabaseFault } from '../database-trouble.js';

/** SQLSTATE: a code, or the class that starts it (PostgreSQL, appendix A). */
const STATES: readonly (readonly [string, DatabaseFault])[] = [
  ['53100', 'full'],
  ['53', 'unreachable'],
  ['08', 'unreachable'],
  ['57P', 'unreachable'],
  ['28', 'forbidden'],
  ['42501', 'forbidden'],
  ['3D000', 'missing'],
  ['25006', 'read_only'],
  ['25P03', 'unreachable'],
  ['55P03', 'locked'],
  ['57014', 'locked'],
  ['40', 'contended'],
  ['58', 'failing'],
  ['XX001', 'damaged'],
  ['XX002', 'damaged'],
];

/** Of the system and of the resolver: no connection came about, or it broke. */
const NETWORK =
  /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|E(HOST|NET)(UNREACH|DOWN)|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ENOENT)$/;

/** The driver has no codes for these. */
const SAYINGS =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed)/;

/** What TLS says of a certificate (Node.js, `tls`), and the driver of a server without TLS. */
const UNTRUSTED =
  /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)|ERR_TLS_CERT_ALTNAME|ERR_SSL_)/;
const NO_TLS = /^The server does not support SSL/;

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

/** What an error of PostgreSQL, of its driver or of the network says about the database as a whole. */
export const postgresFault = (error: unknown): DatabaseFault | null => {
  if (!(error instanceof Error)) return null;
  const code = codeOf(error);
  if (/^[0-9A-Z]{5}$/.test(code)) {
    const state = STATES.find(([begin]) => code.startsWith(begin));
    if (state !== undefined) return state[1];
  }
  if (UNTRUSTED.test(code) || NO_TLS.test(error.message)) return 'untrusted';
  return NETWORK.test(code) || SAYINGS.test(error.message) ? 'unreachable' : null;
};

/** Nothing came of a transaction, for the sake of another one: serialization_failure, deadlock_detected. */
export const isConflict = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && (error.code === '40001' || error.code === '40P01');

/** The server is not there, or let go of the connection; it may come back by itself. */
export const isConnectionLost = (error: unknown): boolean => postgresFault(error) === 'unreachable';

/** A prepared statement was made before a migration (feature_not_supported), or is not there any more (invalid_sql_statement_name). */
export const isStalePlan = (error: unknown): boolean =>
  (codeOf(error) === '0A000' && error instanceof Error && error.message.includes('cached plan')) ||
  codeOf(error) === '26000';

/**
 * The classes of SQLSTATE by which a server refuses one statement and keeps the session as it was: cardinality, data, integrity, conflicts,
 * syntax and access, check options, state of objects, and what a function raises. A statement that was cancelled (57014) is like them.
 */
const OF_STATEMENT = /^(21|22|23|40|42|44|55|P0)...$|^57014$/;

/** Whether the server answered with an error after which its session goes on, with the transaction to be rolled back. */
export const isSessionIntact = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && OF_STATEMENT.test(error.code ?? '');
