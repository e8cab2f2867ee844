import * as z from 'zod';
import { named } from '../api-schemas.js';

export const key = named(
  'Key',
  'A key of the ring, and how many values it sealed.',
  z.object({ id: z.string(), role: z.enum(['seals', 'opens', 'missing']), rows: z.int() }),
);

export const rotationOptions = z.strictObject({
  discard: z
    .boolean()
    .default(false)
    .describe('Give up what no key of the ring opens; its viewers must connect again'),
});

export const rotationResult = z.object({
  done: z.int(),
  lost: z.int(),
  total: z.int(),
  keys: z.array(key),
});
