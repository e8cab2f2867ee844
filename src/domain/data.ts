/** Plain frozen data: null-prototype records, arrays, strings, numbers, booleans, null. */
export type Data = string | number | boolean | null | readonly Data[] | { readonly [key: string]: Data };

const NOTHING = Object.freeze(Object.create(null));

/**
 * An empty record that inherits nothing, so that no name in it reaches what every object inherits. Without any prototype the engine
 * would keep it as a dictionary, which takes twice the time to fill, freeze and look into.
 */
export const bareRecord = <T = Data>(): Record<string, T> => Object.create(NOTHING);
