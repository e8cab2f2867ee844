import type { z } from 'zod';
import type { Path } from '../domain/document-path.js';

/** A text that is one `${…}` and nothing else. */
const ALONE = /^\s*\$\{[^{}]*\}\s*$/;

const valueAt = (data: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Readonly<Record<PropertyKey, unknown>>)[key]
        : undefined,
    data,
  );

/** The items of a list that was written as one text: JSON, or words with commas between them. Null where it is meant as JSON and is none. */
const itemsOf = (text: string): readonly unknown[] | null => {
  const trimmed = text.trim();
  if (!trimmed.startsWith('['))
    return trimmed
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  try {
    return JSON.parse(trimmed) as readonly unknown[];
  } catch {
    return null;
  }
};

const replacedAt = (data: unknown, [key, ...rest]: readonly PropertyKey[], value: unknown): unknown => {
  if (key === undefined) return value;
  if (Array.isArray(data)) return data.map((item, at) => (at === key ? replacedAt(item, rest, value) : item));
  return Object.fromEntries(
    Object.entries(data as object).map(([name, item]) => [
      name,
      name === key ? replacedAt(item, rest, value) : item,
    ]),
  );
};

/**
 * The data with lists where `schema` wants one and `written` has a single `${…}`: a variable or file is a text, and holds a list as JSON or
 * with commas. Costs nothing where no list is written so.
 */
export const fillLists = (schema: z.ZodType, written: unknown, data: unknown): unknown => {
  const parsed = schema.safeParse(data);
  if (parsed.success) return data;
  return parsed.error.issues.reduce<unknown>((filled, issue) => {
    if (issue.code !== 'invalid_type' || issue.expected !== 'array') return filled;
    const text = valueAt(filled, issue.path);
    const source = valueAt(written, issue.path);
    if (typeof text !== 'string' || typeof source !== 'string' || !ALONE.test(source)) return filled;
    const items = itemsOf(text);
    return items === null ? filled : replacedAt(filled, issue.path as Path, items);
  }, data);
};
