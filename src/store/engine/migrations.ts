import { changes } from './schema/changes.js';
import { endingsAndLimits } from './schema/endings-and-limits.js';
import { first } from './schema/first.js';
import { keptCounts } from './schema/kept-count-tables.js';
import { refreshSetbacks } from './schema/refresh-setbacks.js';
import { second } from './schema/second.js';
import { third } from './schema/third.js';
import type { Step } from './sql.js';

/*
 * Forward only: a migration that was released is never edited, the next one is appended. Columns are `text` and `bigint` (epoch
 * milliseconds), which mean the same to every engine. `viewer` is a ViewerId; lists, profiles and foreign text are JSON.
 */

/** Index n takes the schema from version n to n + 1. */
export const migrations: readonly (readonly Step[])[] = [
  first,
  second,
  third,
  refreshSetbacks,
  endingsAndLimits,
  changes,
  keptCounts,
];
