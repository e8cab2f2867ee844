import * as z from 'zod';
import {
  addressRange,
  credential,
  defaulted,
  described,
  flag,
  origin,
  recordId,
  text,
  url,
  whole,
} from '../domain/zod-types.js';
import { hostSchema } from '../hosts/host-schema.js';
import { providerSchema, providersExample } from '../providers/provider-schema.js';
import { adminSchema } from './admin-schema.js';
import { databaseSchema } from './database-settings.js';
import { readRingKey } from './key-ring.js';
import { listenSchema, PORTS } from './listen-schema.js';
import { outgoingProxySchema } from './proxy-settings.js';

const ringKey = text((value) =>
  readRingKey(value) === null ? 'this is not `id:` followed by 32 bytes as base64url' : null,
);

const folder = text((value) => (/^[^\0]+$/.test(value) ? null : 'this is no folder'));

/** The whole of `oriel.yaml`. What one value cannot know of another is checked in `cross-checks.ts`. */
export const configSchema = z.strictObject({
  gadgetOrigin: described(
    origin,
    'The origin that everything framed is served from: scheme, host and port only; https, or http on loopback',
    'https://gadgets.example.com',
  ),
  siteOrigin: described(
    origin,
    'The origin of the pages people visit, another than gadgetOrigin: scheme, host and port only; https, or http on loopback',
    'https://oriel.example.com',
  ),
  listen: defaulted(
    listenSchema(PORTS.server),
    'Where the server listens; one port serves both origins',
    {},
    { host: '127.0.0.1', port: 3000 },
  ),
  trustedProxies: defaulted(
    z.array(addressRange),
    'Address ranges (CIDR) of the proxies whose X-Forwarded-For is believed; none unless named',
    [],
    ['10.0.0.0/8'],
  ),
  outgoing: described(
    z.strictObject({
      allow: described(
        z.array(addressRange),
        'Loopback or private address ranges (CIDR) that the `allowAddresses` of providers and the `jwks` of hosts must stay within, wherever these are written; [] allows public addresses only',
        ['10.20.0.0/16'],
      ),
    }),
    'The outer bound of what this server calls; unless set, what the providers of this file allow, and loopback where both origins are loopback',
    { allow: ['10.20.0.0/16'] },
  ).exactOptional(),
  outgoingProxy: described(
    outgoingProxySchema,
    'The proxy that providers and other https servers are reached through, as its URL or as `url` and `except`; none for none. Unless set, what HTTPS_PROXY and NO_PROXY say',
    { url: 'http://proxy.example.com:3128', except: ['.intra.example'] },
  ).exactOptional(),
  database: defaulted(
    databaseSchema,
    '`sqlite:` and a file, relative to this one; or PostgreSQL, as `postgres://…` or as `url` with what belongs to it',
    'sqlite:./oriel.db',
  ),
  keys: described(
    z.array(ringKey).min(1, 'the key ring is empty').max(20, 'these are more than 20'),
    'The key ring that seals tokens: each entry `id:` and 32 bytes as base64url; the first seals, all open. Run `oriel keys new` to make one',
    [`\${ORIEL_KEY}`],
  ),
  gadgets: defaulted(
    z.array(folder),
    'Folders with gadgets of your own, relative to this file, beside the built-in ones',
    [],
    ['./gadgets'],
  ),
  logLevel: defaulted(
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    'The least severity that is logged: trace, debug, info, warn, error, fatal or silent',
    'info',
  ),
  unusedConnectionDays: defaulted(
    whole(1, 3650),
    'Days after which an unused Connection is revoked and deleted, 1 to 3650',
    90,
  ),
  maxStale: defaulted(
    whole(0, 86_400),
    'Seconds an answer may be shown while its provider is down, 0 to 86400; 0 shows none',
    300,
  ),
  renderBudget: defaulted(
    whole(1, 30_000),
    'Milliseconds a launch waits for content before it shows a skeleton, 1 to 30000',
    1500,
  ),
  memoryBudget: defaulted(
    whole(0, 65_536),
    'Megabytes for what is remembered of answers, renderings, connections and frames, 0 to 65536; 0 takes a quarter of the memory that this process may use, from 64 to 1024',
    0,
  ),
  metrics: described(
    z.strictObject({
      listen: defaulted(
        listenSchema(PORTS.metrics),
        'Where Prometheus reads /metrics: a port of its own, on loopback unless said otherwise',
        {},
        { host: '127.0.0.1', port: 9464 },
      ),
    }),
    'Metrics for Prometheus; none unless this is here',
    { listen: { port: 9464 } },
  ).exactOptional(),
  workers: defaulted(
    z.union([z.enum(['cores']), whole(1, 64)], 'this is neither a whole number from 1 to 64 nor cores'),
    'Processes that serve, 1 to 64; `cores` takes as many as this machine has. They share the port, the database and `memoryBudget`',
    1,
    4,
  ),
  traces: described(
    z.strictObject({
      endpoint: described(
        url,
        'Where traces are sent to, as OTLP over HTTP: the collector’s address, below which /v1/traces is added where no path stands',
        'http://127.0.0.1:4318',
      ),
      sample: defaulted(
        z
          .number('this is not a number from 0 to 1')
          .min(0, 'this is not a number from 0 to 1')
          .max(1, 'this is not a number from 0 to 1'),
        'The share of requests that is traced, 0 to 1',
        1,
        0.05,
      ),
      continueFromProxy: defaulted(
        flag,
        'Whether the trace goes on that a proxy of `trustedProxies` names in `traceparent`; such a proxy must set that header itself, or remove what its clients send',
        false,
      ),
      headers: defaulted(
        z.record(z.string().regex(/^[A-Za-z0-9-]{1,100}$/, 'this is no name of a header'), credential),
        'Headers that the collector wants, such as a key',
        {},
        { authorization: `\${COLLECTOR_KEY}` },
      ),
    }),
    'Traces for OpenTelemetry; none unless this is here, or OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set',
    { endpoint: 'http://127.0.0.1:4318' },
  ).exactOptional(),
  admin: defaulted(adminSchema, 'The administration console', {}, { enabled: true }),
  hosts: defaulted(
    z.record(recordId, hostSchema),
    'The applications that frame gadgets, by id; the id is the `iss` of their tokens',
    {},
    {
      gocd: {
        origins: ['https://gocd.example.com'],
        key: { algorithm: 'HS256', secret: `\${GOCD_HOST_SECRET}` },
      },
    },
  ),
  providers: defaulted(
    z.record(recordId, providerSchema),
    'The remote applications, by id',
    {},
    providersExample,
  ),
});

export type ConfigEntry = z.output<typeof configSchema>;
