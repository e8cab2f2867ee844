/** A mistake at a place, before file and line are known. */
export interface Mistake {
  readonly path: Path;
  readonly problem: string;
  readonly expected: string;
  readonly example: string | null;
  /** The file names something that it does not declare; what is declared elsewhere may supply it. */
  readonly elsewhere?: true;
}
/** Where a value sits in a document: keys and indexes from the top. */
export type Path = readonly (string | number)[];

const plain = /^[A-Za-z_][A-Za-z0-9_-]*$/;

const step = (key: string | number): string => {
  if (typeof key === 'number') return `[${key}]`;
  return plain.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
};

/** `hosts.gocd.origins[0]`; a key that is no plain word is quoted. */
export const pathText = (path: Path): string => path.map(step).join('').replace(/^\./, '');

/** Whether `path` is `ancestor` or lies below it. */
export const isWithin = (path: Path, ancestor: Path): boolean =>
  ancestor.length <= path.length && ancestor.every((key, index) => path[index] === key);
