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

export const keyRotation = named(
  'KeyRotation',
  'How far everything sealed is sealed again with the first key, and what each key sealed by now.',
  z.object({
    running: z.boolean().describe('False once it is over, and where none was started'),
    done: z.int().describe('Values that are done; 0 where none runs'),
    lost: z.int().describe('Values that no key opens; 0 where none runs'),
    total: z.int().describe('Values that there were to do; 0 where none runs'),
    keys: z.array(key),
  }),
);
