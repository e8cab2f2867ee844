import { totalmem } from 'node:os';
import { REMEMBERED_LIMITS, type RememberedLimits } from '../store/remembered.js';
import { CACHE_LIMITS, type CacheLimits } from '../upstream/cache.js';
import { SOCKET_LIMITS, type SocketLimits } from '../upstream/sockets.js';

/** Every bound on what a server holds of people in memory, in one place, so that a test can make each of them small. */
export interface Limits {
  readonly caches: CacheLimits;
  readonly sockets: SocketLimits;
  readonly remembered: RememberedLimits;
  /** Finished renderings that nobody has come for yet. */
  readonly renderings: number;
}

const MEGABYTE = 1024 * 1024;
const LEAST = 64 * MEGABYTE;
const MOST = 1024 * MEGABYTE;

/** Of the budget for answers and what is made of them; the rest is for Connections and sessions. */
const CACHED = 0.7;
/** What one remembered Connection and one session take together; measured, in bytes. */
const REMEMBERED_PAIR = 3500;

/** Memory this process may use: a container's limit where there is one, else the machine's; bytes. */
const memory = (): number => {
  const constrained = process.constrainedMemory?.() ?? 0;
  // Where nothing limits it, some systems answer with 0 and others with a number beyond all memory.
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
};

/** What is remembered at most, by default: a quarter of the memory, not less than 64 MB and not more than 1 GB; bytes. */
export const defaultBudget = (available = memory()): number =>
  Math.min(MOST, Math.max(LEAST, Math.floor(available / 4)));

/** The bounds that a budget of so many megabytes comes to; 0 takes the default. */
export const limitsFor = (megabytes: number): Limits => {
  const budget = megabytes === 0 ? defaultBudget() : megabytes * MEGABYTE;
  const bytes = Math.floor(budget * CACHED);
  const pairs = Math.max(100, Math.floor((budget - bytes) / REMEMBERED_PAIR));
  return {
    caches: {
      ...CACHE_LIMITS,
      bytes,
      bytesPerConnection: Math.min(CACHE_LIMITS.bytesPerConnection, Math.floor(bytes / 4)),
    },
    sockets: SOCKET_LIMITS,
    remembered: { ...REMEMBERED_LIMITS, connections: pairs, sessions: pairs },
    renderings: 5000,
  };
};
