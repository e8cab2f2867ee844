/** Something wrong at a place in a template. Line and column are one-based. */
export interface TemplateMistake {
  readonly line: number;
  readonly column: number;
  /** How many characters it is about. */
  readonly length: number;
  readonly problem: string;
  readonly expected: string;
  readonly example: string | null;
}

/** Blocks with an end of their own, and what may stand between. */
const ENDED: ReadonlySet<string> = new Set([
  'if',
  'for',
  'macro',
  'call',
  'filter',
  'block',
  'switch',
  'set',
]);
const BETWEEN: Readonly<Record<string, readonly string[]>> = {
  else: ['if', 'for'],
  elif: ['if'],
  elseif: ['if'],
  case: ['switch'],
  default: ['switch'],
};

/** The place of a character in a text. */
export const placeIn = (
  source: string,
  offset: number,
): { readonly line: number; readonly column: number } => {
  const before = source.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - before.lastIndexOf('\n') };
};

interface Tag {
  readonly name: string;
  readonly rest: string;
  readonly offset: number;
  readonly text: string;
}

/** As long a text, on as many lines, with nothing in it. */
export const blanked = (text: string): string => text.replaceAll(/[^\n]/g, ' ');

/** The template without comments and what stands in `raw`, every character in its place. */
const withoutComments = (source: string): string =>
  source
    .replaceAll(/\{#[\s\S]*?(?:#\}|$)/g, blanked)
    .replaceAll(
      /(\{%-?\s*(?:raw|verbatim)\s*-?%\})([\s\S]*?)(\{%-?\s*end(?:raw|verbatim)\s*-?%\})/g,
      blanked,
    );

const mistake = (
  source: string,
  { offset, text }: Pick<Tag, 'offset' | 'text'>,
  problem: string,
  expected: string,
  example: string | null = null,
): TemplateMistake => ({
  ...placeIn(source, offset),
  ...{ length: text.split('\n')[0]?.length ?? 1, problem, expected, example },
});

const unclosed = (source: string, plain: string): readonly TemplateMistake[] => {
  for (const [open, close] of [
    ['{{', '}}'],
    ['{%', '%}'],
  ] as const)
    for (let at = plain.indexOf(open); at >= 0; at = plain.indexOf(open, at + 2)) {
      const end = plain.indexOf(close, at + 2);
      const next = plain.slice(at + 2).search(/\{\{|\{%/);
      if (end < 0 || (next >= 0 && at + 2 + next < end))
        return [
          mistake(
            source,
            { offset: at, text: open },
            `this ${open} is not closed`,
            `${close} where it ends`,
            `${open} … ${close}`,
          ),
        ];
    }
  return [];
};

const notEnded = (source: string, tag: Tag): TemplateMistake =>
  mistake(
    source,
    tag,
    `the block "${tag.name}" is not ended`,
    'an end for each block, after what belongs into it',
    `{% end${tag.name} %}`,
  );

/** Whether a `set` takes what stands up to its end, rather than a value. */
const opens = ({ name, rest }: Tag): boolean => ENDED.has(name) && !(name === 'set' && rest.includes('='));

/** What is wrong with the end of a block, where the blocks before it are open. */
const endMistake = (source: string, tag: Tag, open: Tag[]): TemplateMistake | null => {
  const last = open.pop();
  const ended = tag.name.slice('end'.length);
  if (last?.name === ended) return null;
  return last === undefined
    ? mistake(source, tag, `there is no block "${ended}" that this ends`, 'one end for each block')
    : notEnded(source, last);
};

const branchMistake = (source: string, tag: Tag, open: readonly Tag[]): TemplateMistake | null => {
  const of = BETWEEN[tag.name] ?? [];
  return of.includes(open.at(-1)?.name ?? '')
    ? null
    : mistake(
        source,
        tag,
        `"${tag.name}" stands outside of a block "${of.join('" or "')}"`,
        'it within its block',
      );
};

/** The first block that is not ended, or end and branch without a block: the parser names no line for some of them. */
export const blockMistakes = (source: string): readonly TemplateMistake[] => {
  const plain = withoutComments(source);
  const open: Tag[] = [];
  const tags = [...plain.matchAll(/\{%-?\s*([a-zA-Z]+)([\s\S]*?)-?%\}/g)].map(
    ({ 0: text, 1: name = '', 2: rest = '', index: offset }): Tag => ({ name, rest, text, offset }),
  );
  for (const tag of tags) {
    const isEnd = tag.name.startsWith('end') && ENDED.has(tag.name.slice('end'.length));
    const isBranch = Object.hasOwn(BETWEEN, tag.name);
    const found = isEnd ? endMistake(source, tag, open) : isBranch ? branchMistake(source, tag, open) : null;
    if (found !== null) return [found];
    if (opens(tag)) open.push(tag);
  }
  const last = open.at(-1);
  return last === undefined ? unclosed(source, plain) : [notEnded(source, last)];
};
