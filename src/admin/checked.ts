import type { z } from 'zod';
import { AppError } from '../domain/errors.js';

/** One thing that is wrong with a value: where, and in a sentence. */
interface Misfit {
  readonly place: string;
  readonly message: string;
}

/** Everything that keeps a value from fitting its schema; empty where it fits. */
export const misfitsOf = (schema: z.ZodType, value: unknown): readonly Misfit[] =>
  (schema.safeParse(value).error?.issues ?? []).map(({ path, message }) => ({
    place: path.join('.'),
    message,
  }));

/** The value as its schema has it. Throws `body_invalid` with a sentence that names the place; `what`: the body, the query. */
export const fitting = <T>(schema: z.ZodType<T>, value: unknown, what: string): T => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [{ place, message } = { place: '', message: '' }] = misfitsOf(schema, value);
  throw new AppError(
    'body_invalid',
    `The ${what} does not fit${place === '' ? '' : ` at “${place.slice(0, 100)}”`}: ${message.replace(/\.$/, '')}.`,
  );
};
