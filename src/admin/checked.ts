import type { z } from 'zod';
import { AppError } from '../domain/errors.js';

/** What is wrong with a value: where, and in a sentence. */
interface Misfit {
  readonly place: string;
  readonly message: string;
}

/** The first thing that keeps a value from fitting its schema; null where it fits. */
export const misfitOf = (schema: z.ZodType, value: unknown): Misfit | null => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return null;
  const [issue] = parsed.error.issues;
  return { place: issue?.path.join('.') ?? '', message: issue?.message ?? 'it has another shape' };
};

/** The value as its schema has it. Throws `body_invalid` with a sentence that names the place; `what`: the body, the query. */
export const fitting = <T>(schema: z.ZodType<T>, value: unknown, what: string): T => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { place, message } = misfitOf(schema, value) ?? { place: '', message: '' };
  throw new AppError(
    'body_invalid',
    `The ${what} does not fit${place === '' ? '' : ` at “${place.slice(0, 100)}”`}: ${message.replace(/\.$/, '')}.`,
  );
};
