import * as z from 'zod';
import { named, time } from '../api-schemas.js';

export const administrator = named(
  'Administrator',
  'An administrator of this server.',
  z.object({
    id: z.string(),
    name: z.string(),
    hasPassword: z.boolean(),
    subject: z.string().nullable(),
    createdAt: time,
    lastSignInAt: time.nullable(),
    version: z.int(),
  }),
);

/** A link that works once, and until when. */
export const invitation = z.object({ link: z.url(), expiresAt: time });
