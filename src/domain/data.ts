/** Plain frozen data: null-prototype records, arrays, strings, numbers, booleans, null. */
export type Data = string | number | boolean | null | readonly Data[] | { readonly [key: string]: Data };

/** Under no name, only by a symbol: where a view compares or adds a record, which throws for one without any text, it has the empty one. */
const NOTHING = Object.freeze(Object.assign(Object.create(null), { [Symbol.toPrimitive]: () => '' }));

/**
 * An empty record that inherits nothing, so that no name in it reaches what every object inherits. Without any prototype the engine
 * would keep it as a dictionary, which takes twice the time to fill, freeze and look into.
 */
export const bareRecord = <T = Data>(): Record<string, T> => Object.create(NOTHING);

/** The same record with nothing to inherit and nothing to change. */
export const plainRecord = <T extends object>(record: T): T =>
  Object.freeze(Object.assign(bareRecord(), record));

/** The record that a value is, or null. */
export const asRecord = (data: Data | undefined): { readonly [key: string]: Data } | null =>
  typeof data === 'object' && data !== null && !Array.isArray(data)
    ? (data as { readonly [key: string]: Data })
    : null;
