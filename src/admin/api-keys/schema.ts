import * as z from 'zod';
import { API_SCOPES } from '../../domain/administrator.js';
import { named, time } from '../api-schemas.js';

/** For how many days an API key works by default, and at most. */
export const API_KEY_DAYS = { usual: 90, most: 365 } as const;

const NAME = /^[^\p{C}\p{Z}]([^\p{C}\p{Zl}\p{Zp}]{0,78}[^\p{C}\p{Z}])?$/u;

/** What a new key is made of, for form, command and API alike. */
export const newApiKey = z.strictObject({
  name: z
    .string()
    .regex(NAME, 'Enter a name of 1 to 80 characters that says what the key is for.')
    .describe('What the key is for'),
  scopes: z
    .array(z.enum(API_SCOPES, `A scope is one of: ${API_SCOPES.join(', ')}.`))
    .min(1, 'Choose at least one scope.')
    .describe(`What it can do: ${API_SCOPES.join(' ')}`),
  days: z
    .int(`Enter a whole number from 1 to ${API_KEY_DAYS.most}.`)
    .min(1, `Enter a whole number from 1 to ${API_KEY_DAYS.most}.`)
    .max(API_KEY_DAYS.most, `Enter a whole number from 1 to ${API_KEY_DAYS.most}.`)
    .default(API_KEY_DAYS.usual)
    .describe(`How many days it works, at most ${API_KEY_DAYS.most}`),
});

export const apiKey = named(
  'ApiKey',
  'A key of this API, without its secret.',
  z.object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.enum(API_SCOPES)),
    createdAt: time,
    createdBy: z.string(),
    createdByAdmin: z
      .string()
      .nullable()
      .meta({ description: 'Id of the administrator behind it; null if a command created it' }),
    expiresAt: time,
    lastUsedAt: time.nullable(),
    revokedAt: time.nullable(),
  }),
);
