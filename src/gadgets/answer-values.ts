import type { Data } from '../domain/data.js';
import type { ParameterValue } from '../domain/gadget.js';

/** What was kept of a list, in the provider's spelling, and what the provider does not know, in the page's. */
export interface Narrowed {
  readonly known: readonly string[];
  readonly unknown: readonly string[];
}

const isRecord = (data: Data | undefined): data is { readonly [key: string]: Data } =>
  typeof data === 'object' && data !== null && !Array.isArray(data);

const step = (data: Data, key: string): readonly Data[] => {
  if (Array.isArray(data)) return data.flatMap((each: Data) => step(each, key));
  const found = isRecord(data) && Object.hasOwn(data, key) ? data[key] : undefined;
  return found === undefined ? [] : [found];
};

const texts = (data: Data): readonly string[] => {
  if (typeof data === 'string') return [data];
  if (typeof data === 'number') return [String(data)];
  if (Array.isArray(data)) return data.flatMap((each: Data) => texts(each));
  return isRecord(data) && typeof data['#text'] === 'string' ? [data['#text']] : [];
};

/** Every text at a path of keys joined by dots, through lists on the way and with or without XML attributes at its end. */
export const textsAt = (data: Data, path: string): readonly string[] =>
  path
    .split('.')
    .reduce<readonly Data[]>((found, key) => found.flatMap((each) => step(each, key)), [data])
    .flatMap(texts);

/** Splits a list by what an answer knows at `path`, without regard to case; each known item once. */
export const narrow = (items: ParameterValue | undefined, data: Data, path: string): Narrowed => {
  const spelling = new Map(textsAt(data, path).map((text) => [text.toLowerCase(), text] as const));
  const known = new Set<string>();
  const unknown: string[] = [];
  for (const item of typeof items === 'object' ? items.map(String) : []) {
    const text = spelling.get(item.toLowerCase());
    if (text === undefined) unknown.push(item);
    else known.add(text);
  }
  return { known: [...known], unknown };
};
