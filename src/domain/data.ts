/** Plain frozen data: null-prototype records, arrays, strings, numbers, booleans, null. */
export type Data = string | number | boolean | null | readonly Data[] | { readonly [key: string]: Data };
