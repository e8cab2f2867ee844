import { z } from 'zod';
import { type ApiRoute, operation } from '../api-route.js';
import { time } from '../api-schemas.js';
import type { ApiWeb } from '../api-web.js';

const hourly = <T extends z.ZodType>(value: T) => z.array(z.object({ at: time, value }));

const outcomes = z.record(z.string(), z.int());

const counted = z
  .object({ total: z.int(), byOutcome: outcomes, hours: hourly(outcomes) })
  .meta({ id: 'Counted', description: 'How often, by outcome: in all, and hour by hour.' });

const about = z
  .object({ ms: z.int(), over: z.boolean().meta({ description: 'It took longer, nobody knows how long' }) })
  .meta({ id: 'About', description: 'A duration, estimated.' });

const timed = z
  .object({
    median: about.nullable(),
    high: about.nullable().meta({ description: 'What 95 of 100 calls did not exceed' }),
    hours: hourly(z.object({ median: about, high: about }).nullable()),
  })
  .meta({ id: 'Timed', description: 'How long calls took: in all, and hour by hour.' });

const attention = z
  .object({
    kind: z.enum(['bad', 'warning']),
    code: z.string(),
    message: z.string(),
    mend: z.string(),
    to: z.object({
      kind: z.enum(['provider', 'host', 'departure', 'connections', 'api-keys', 'audit', 'server']),
      id: z.string().optional(),
    }),
    since: time.nullable(),
  })
  .meta({ id: 'Attention', description: 'Something that only an administrator can mend.' });

const overview = z
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
  .meta({ id: 'Overview', description: 'How the last day was, of all running servers together.' });

/** How the servers are doing. */
export const overviewRoutes = ({ manage }: ApiWeb): readonly ApiRoute[] => [
  operation({
    ...{ method: 'get', path: '/overview', tag: 'server', scope: 'overview:read' },
    operationId: 'getOverview',
    summary: 'How the last day was, and what needs attention',
    answer: overview,
    handle: async () => ({ body: await manage.overview() }),
  }),
];
