import * as z from 'zod';
import { time } from '../api-schemas.js';

const hourly = <T extends z.ZodType>(value: T) => z.array(z.object({ at: time, value }));

const outcomes = z.record(z.string(), z.int());

const counted = z
  .object({ total: z.int(), byOutcome: outcomes, hours: hourly(outcomes) })
  .meta({ id: 'Counted', description: 'Counts by outcome: in total, and by hour.' });

const about = z
  .object({ ms: z.int(), over: z.boolean().meta({ description: 'It took longer; how long is not known' }) })
  .meta({ id: 'About', description: 'A duration, estimated.' });

const timed = z
  .object({
    median: about.nullable(),
    high: about.nullable().meta({ description: '95th percentile' }),
    hours: hourly(z.object({ median: about, high: about }).nullable()),
  })
  .meta({ id: 'Timed', description: 'How long calls took: in total, and by hour.' });

const attention = z
  .object({
    kind: z.enum(['bad', 'warning']),
    code: z.string(),
    message: z.string(),
    fix: z.string(),
    to: z.object({
      kind: z.enum(['provider', 'host', 'bulk-disconnect', 'connections', 'api-keys', 'audit', 'server']),
      id: z.string().optional(),
    }),
    since: time.nullable(),
  })
  .meta({ id: 'Attention', description: 'Something that only an administrator can fix.' });

export const overview = z
  .object({
    from: time,
    to: time,
    attention: z.array(attention).meta({ description: 'The worst first' }),
    renders: counted,
    refreshes: counted,
    providers: z.array(
      z.object({
        provider: z.object({ id: z.string(), name: z.string() }),
        calls: counted,
        latency: timed,
        refreshes: counted,
      }),
    ),
    connections: z.object({ active: z.int(), reconnect: z.int(), revoking: z.int() }),
  })
  .meta({ id: 'Overview', description: 'The last day of all running servers together.' });
