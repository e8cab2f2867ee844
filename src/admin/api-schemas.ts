import type { Readable } from 'node:stream';
import * as z from 'zod';

/* What the shapes of several nouns are made of. A named shape can be referred to by the OpenAPI document. */

export const named = <T extends z.ZodType>(id: string, description: string, schema: T): T =>
  schema.meta({ id, description });

/** Epoch milliseconds in a handler's answer; `timesAsIso` writes them as ISO 8601. */
export const time = z.iso
  .datetime()
  .meta({ description: 'ISO 8601, in UTC, to the millisecond' }) as z.ZodType as z.ZodType<number>;

/** A body that is not JSON, of the operation's `type`. */
export const stream = (about: { readonly description?: string; readonly format?: string }) =>
  z.string().meta(about) as z.ZodType as z.ZodType<Readable>;

/** Where the next page starts; null on the last one. */
export const next = z
  .string()
  .nullable()
  .meta({ description: 'For `cursor` of the next page; null on the last one' });

export const cursor = z.string().exactOptional().meta({ description: '`next` of the previous page' });

export const fault = named(
  'Fault',
  'One mistake: where it is and what was expected.',
  z.object({
    file: z.string(),
    path: z.string(),
    line: z.int().nullable(),
    problem: z.string(),
    expected: z.string(),
    example: z.string().nullable(),
  }),
);

export const problem = named(
  'Problem',
  'An error (RFC 9457). `code` is stable; `type` links to a page about it.',
  z.object({
    type: z.url(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    requestId: z.string(),
    reason: z.string().optional(),
    faults: z.array(fault).optional(),
  }),
);
