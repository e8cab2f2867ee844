import { z } from 'zod';
import { named, time } from '../api-schemas.js';

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
  }),
);

export const reloadResults = z.object({
  items: z.array(
    z.object({
      server: z.string(),
      outcome: z.enum(['taken', 'refused', 'silent']),
      problem: z.string().nullable(),
      restart: z.array(z.string()),
    }),
  ),
});
