import type { DatabaseFault } from '../database-trouble.js';

/** Where a database is: host, port and name of its URL, and nothing that is secret. */
export const postgresName = (url: string): string => {
  try {
    const { hostname, port, pathname, searchParams } = new URL(url);
    const host = hostname === '' ? (searchParams.get('host') ?? 'localhost') : hostname;
    return `postgres://${host}${port === '' ? '' : `:${port}`}${pathname}`;
  } catch {
    return 'in PostgreSQL';
  }
};

/** SQLSTATE: a code, or the class that begins it (PostgreSQL, appendix A). */
const STATES: readonly (readonly [string, DatabaseFault])[] = [
  ['53100', 'full'],
  ['53', 'unreachable'],
  ['08', 'unreachable'],
  ['57P', 'unreachable'],
  ['28', 'forbidden'],
  ['42501', 'forbidden'],
  ['3D000', 'missing'],
  ['25006', 'read_only'],
  ['55P03', 'locked'],
  ['57014', 'locked'],
  ['58', 'failing'],
  ['XX001', 'damaged'],
  ['XX002', 'damaged'],
];

/** Of the system and of the resolver: no connection came about, or it broke. */
const NETWORK =
  /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|E(HOST|NET)(UNREACH|DOWN)|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ENOENT)$/;

/** The driver has no codes for these. */
const SAYINGS =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|The server does not support SSL|Client was closed)/;

/** What an error of PostgreSQL, of its driver or of the network says about the database as a whole. */
export const postgresFault = (error: unknown): DatabaseFault | null => {
  if (!(error instanceof Error)) return null;
  const code = 'code' in error ? String(error.code) : '';
  if (/^[0-9A-Z]{5}$/.test(code)) {
    const state = STATES.find(([begin]) => code.startsWith(begin));
    if (state !== undefined) return state[1];
  }
  return NETWORK.test(code) || SAYINGS.test(error.message) ? 'unreachable' : null;
};
