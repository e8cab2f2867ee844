import * as z from 'zod';
import { named, time } from '../api-schemas.js';

const faultyGadgets = z.array(z.object({ id: z.string(), isServed: z.boolean(), problem: z.string() })).meta({
  description: 'Gadgets with mistakes: not served, or (`isServed`) by their last version without mistakes',
});

export const server = named(
  'Server',
  'A running server, as it last reported.',
  z.object({
    id: z.string(),
    startedAt: time,
    seenAt: time,
    keys: z.array(z.string()),
    reload: z.int(),
    problem: z.string().nullable(),
    restart: z.array(z.string()).meta({ description: 'Settings that were changed and wait for a restart' }),
    gadgets: faultyGadgets,
  }),
);

/** What a restore does to what is in the database, and accepts of the backup. */
export const restoreOptions = z.object({
  replace: z.boolean().default(false).describe('Overwrite what is in the database now'),
  check: z.boolean().default(false).describe('Check the backup without changing the database'),
  keepApiKeys: z.boolean().default(false).describe('Keep the API keys in it; otherwise they are revoked'),
  unsealed: z
    .boolean()
    .default(false)
    .describe('Accept a backup of an earlier version, which nothing proves to be unchanged'),
});

export const reloadResults = z.object({
  items: z.array(
    z.object({
      server: z.string(),
      outcome: z.enum(['taken', 'refused', 'silent']),
      problem: z.string().nullable(),
      restart: z.array(z.string()),
      gadgets: faultyGadgets,
    }),
  ),
});
