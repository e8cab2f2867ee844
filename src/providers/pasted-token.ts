import * as z from 'zod';
import { urlProblem } from '../domain/url-problems.js';
import { described, label, text } from '../domain/zod-types.js';

const page = text((value) =>
  value.startsWith('/')
    ? /^\/[\x21-\x7e]*$/.test(value)
      ? null
      : 'this holds characters that no path has'
    : urlProblem(value),
);

/** Keys joined by dots, to where an answer says when the token ends. */
const path = z
  .string()
  .max(200)
  .regex(/^[^.\s]+(\.[^.\s]+)*$/, 'this is no path of keys joined by dots');

/** How people come by a token that they paste, as a provider's record says it. */
export const pastedTokenSchema = z.strictObject({
  page: described(
    page,
    'Where people create a token: an address, or a path below the provider’s `url`',
    '/access_tokens',
  ).exactOptional(),
  permissions: described(
    z.array(label(200)).min(1).max(10),
    'The least that a token must allow, in the words of that page',
    ['Read access to builds'],
  ).exactOptional(),
  expires: described(
    z.enum(['asked', 'never']),
    'Whether the person may type when their token ends: asked, or never, where no token does',
    'asked',
  ).exactOptional(),
  expiresAt: described(
    path,
    'Where the answer to the account request says when the token ends, keys joined by dots; then no one is asked',
    'expires_at',
  ).exactOptional(),
});

/** How people come by the token of a provider that they paste it for, and what is known of its end. */
export interface PastedToken {
  /** An address; null where the record names none. */
  readonly page: string | null;
  /** The least that it must allow, in the words of that page. */
  readonly permissions: readonly string[];
  /** Whether its owner may type when it ends. */
  readonly asksExpiry: boolean;
  /** Where the account's answer says that; null where it does not. */
  readonly expiresAt: string | null;
  /** Whether an account name is typed beside it, since it is sent with one. */
  readonly asksAccount: boolean;
}

/** How the `Authorization` header of a record sends an account name along (RFC 7617). */
const WITH_ACCOUNT = '{account}:{token}';

export const asksAccount = (header: string): boolean => header.includes(WITH_ACCOUNT);

/** What is wrong with an `Authorization` header of a record; null where nothing is. */
export const headerProblem = (value: string): string | null => {
  if (value.split('{token}').length !== 2 || !/^[\x20-\x7e]{1,200}$/.test(value))
    return 'this does not hold {token} exactly once';
  return value.includes('{account}') && value !== `Basic ${WITH_ACCOUNT}`
    ? 'an account name is sent as `Basic {account}:{token}` alone'
    : null;
};

/**
 * The `Authorization` header that a record describes, for one token. A pair behind `Basic` is encoded as RFC 7617 §2 has it; where an account name is
 * sent along, what is kept as the token holds both.
 */
export const authorizationOf = (header: string, token: string): string => {
  const filled = header.replace(WITH_ACCOUNT, '{token}').replaceAll('{token}', () => token);
  return /^Basic [^ ]*:/.test(header)
    ? `Basic ${Buffer.from(filled.slice('Basic '.length)).toString('base64')}`
    : filled;
};

const DAY = 24 * 60 * 60_000;
/** So long before its end the owner of a token is reminded, milliseconds. */
const SOON = 7 * DAY;

/** When a day, `YYYY-MM-DD`, is over in UTC, epoch milliseconds; null for what is no day. */
export const endOfDay = (date: string): number | null => {
  const start = /^\d{4}-\d{2}-\d{2}$/.test(date) ? writtenTime(`${date}T00:00:00Z`) : null;
  return start !== null && new Date(start).toISOString().startsWith(date) ? start + DAY - 1 : null;
};

/** A time that an answer writes as text, epoch milliseconds; null where it is none. */
export const writtenTime = (text: string | null): number | null => {
  const time = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? null : time;
};

/** The day on which a token ends, in UTC; null where it ends at no time that is known. */
export const lastDay = (endsAt: number | null): string | null =>
  endsAt === null ? null : new Date(endsAt).toISOString().slice(0, 10);

/** Whether it is time to create a new one. */
export const endsSoon = (endsAt: number | null, now: number): boolean =>
  endsAt !== null && endsAt - now <= SOON;
