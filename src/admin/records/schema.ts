import * as z from 'zod';
import type { Entry } from '../../domain/setup-record.js';
import { fault, named, time } from '../api-schemas.js';
import type { MaskedEntry } from './masking.js';

/**
 * The document says what an entry holds, by the configuration's own schemas; the use cases check all of it. As it is sent it has no narrower
 * type: secrets may be masks or `${NAME}`, and what is wrong with it is reported with its place.
 */
const entry = () => z.record(z.string(), z.json()) as z.ZodType as z.ZodType<Entry>;

/** What the configuration file would hold under an id, by kind. */
export const entries = {
  provider: named(
    'ProviderEntry',
    'What the configuration file would hold under the id of a provider.',
    entry(),
  ),
  host: named('HostEntry', 'What the configuration file would hold under the id of a host.', entry()),
} as const;

/** How an entry is given on the command line: `file` takes its place, then `set` and `unset` change single keys of it. */
export const entryOptions = z.object({
  file: z
    .string()
    .exactOptional()
    .describe('The entry as in oriel.yaml, YAML or JSON; - reads standard input'),
  set: z.array(z.string()).exactOptional().describe('Set one key: --set name=Wiki --set client.id=oriel'),
  unset: z.array(z.string()).exactOptional().describe('Remove a key'),
});

/** The version that a change was made from, on the command line. */
export const versionOptions = z.object({
  from: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, '--from takes the version of a record, a number.')
    .exactOptional()
    .describe('Only if it still has this version'),
});

/** For a host that does not bring its key. */
export const newSecretOptions = z.object({
  newSecret: z.boolean().exactOptional().describe('Generate the secret that it signs with, and show it once'),
});

/** A secret as it is shown; sent back unchanged it means: keep it. */
export const maskedSecret = named(
  'MaskedSecret',
  'A secret in a response. Sent back unchanged, the secret is kept.',
  z.object({
    set: z.literal(true),
    ends: z.string(),
    fingerprint: z.string(),
    setAt: time.optional(),
  }),
);

export const record = named(
  'Record',
  'A provider or a host.',
  z.object({
    kind: z.enum(['provider', 'host']),
    id: z.string(),
    name: z.string(),
    origin: z.enum(['file', 'store']),
    version: z.int().nullable(),
    entry: (z.union([entries.provider, entries.host]) as z.ZodType as z.ZodType<MaskedEntry>).nullable(),
    updatedAt: time.nullable(),
    updatedBy: z.string().nullable(),
    leavingAt: time.nullable(),
    faults: z.array(fault).meta({ description: 'Why it is not in use although it is not being removed' }),
  }),
);
