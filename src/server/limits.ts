import { totalmem } from 'node:os';
import { SOCKET_LIMITS, type SocketLimits } from '../net/sockets.js';
import { IMAGE_LIMITS, type ImageLimits } from '../render/frame-images.js';
import { RENDER_LIMITS, type RenderLimits } from '../render/render-limits.js';
import type { DatabaseLimits } from '../store/engine/database-limits.js';
import { REMEMBERED_LIMITS, type RememberedLimits } from '../store/remembered.js';
import { VIEWER_LIMITS, type ViewerLimits } from '../store/viewer-limits.js';
import { CACHE_LIMITS, type CacheLimits } from '../upstream/cache.js';
import type { ReaderLimits } from '../upstream/readers/answer-reader.js';

/** Every bound on what a server holds of people in memory, in one place, so that a test can make each of them small. */
export interface Limits {
  readonly caches: CacheLimits;
  readonly sockets: SocketLimits;
  readonly remembered: RememberedLimits;
  /** How large answers are read. */
  readonly reading: Partial<ReaderLimits>;
  readonly database: DatabaseLimits;
  /** Finished renderings that no frame has come for yet. */
  readonly renderings: number;
  /** What one rendering may ask of providers. */
  readonly rendering: RenderLimits;
  /** Pictures of gadgets. */
  readonly images: ImageLimits;
  /** Records whose guards and connectors are kept. */
  readonly records: number;
  /** How much is kept of what is the same for everyone, and of what was noted lately, so that it is not noted again right away. */
  readonly kept: {
    readonly locales: number;
    readonly pageShells: number;
    readonly notes: number;
    readonly uses: number;
  };
  /** API keys, and addresses that come with none, whose requests are counted. */
  readonly apiNames: number;
  /** Counts of the last days that the store has not taken yet. */
  readonly unreported: number;
  /** What one viewer may have at the same time. */
  readonly viewer: ViewerLimits;
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

/** Bytes that each of so many workers may use of a `memoryBudget` of so many megabytes; 0 takes the default. */
export const budgetOf = (megabytes: number, workers = 1): number =>
  Math.floor((megabytes === 0 ? defaultBudget() : megabytes * MEGABYTE) / workers);

/** The bounds of each of so many workers that a budget of so many megabytes comes to; 0 takes the default. */
export const limitsFor = (megabytes: number, workers = 1): Limits => {
  const budget = budgetOf(megabytes, workers);
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
    reading: {},
    database: {},
    renderings: 5000,
    rendering: RENDER_LIMITS,
    images: IMAGE_LIMITS,
    records: 100,
    kept: { locales: 200, pageShells: 1000, notes: 1000, uses: 50_000 },
    apiNames: 10_000,
    unreported: 10_000,
    viewer: VIEWER_LIMITS,
  };
};
