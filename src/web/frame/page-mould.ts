/** A page whose form is made once and whose few varying places are filled for each answer. */
export type PageMould = (filling: Readonly<Record<string, Uint8Array | string>>) => Buffer;

/** A template that writes a value as JSON puts quotes around the mark; they go with it. */
const MARK = /"@@oriel:([a-z-]+-json)@@"|@@oriel:([a-z-]+)@@/g;

/** What to give a template in place of a value that varies; a place for JSON has a name that ends in `-json`. */
export const varying = (place: string): string => `@@oriel:${place}@@`;

/** Cuts a page at its varying places. What is filled in must already be HTML. */
export const pageMould = (page: string): PageMould => {
  const parts: (Buffer | string)[] = [];
  let end = 0;
  for (const found of page.matchAll(MARK)) {
    parts.push(Buffer.from(page.slice(end, found.index)), found[1] ?? found[2] ?? '');
    end = found.index + found[0].length;
  }
  parts.push(Buffer.from(page.slice(end)));
  return (filling) =>
    Buffer.concat(
      parts.map((part) => {
        if (typeof part !== 'string') return part;
        const content = filling[part] ?? '';
        return typeof content === 'string' ? Buffer.from(content) : content;
      }),
    );
};

const UNSAFE = /[<\u2028\u2029]/g;

/** Data for a script, in a JSON data block of a page: nothing in it can end the block. */
export const dataBlock = (data: object): string =>
  JSON.stringify(data).replace(UNSAFE, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
