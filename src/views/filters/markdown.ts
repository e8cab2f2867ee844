import { escapeHtml, html, textOf } from '../html.js';
import { frameOf } from './images.js';
import { link } from './texts.js';

/** What is longer is cut off: no one reads more in a gadget. */
const LONGEST = 20_000;
/** Lists and quotes inside each other, and marks inside marks. */
const DEEPEST = 5;

/** A mark for which no end was found is not looked for again in the same text, so that the work grows with its length alone. */
type Missing = Set<string>;

const MARKS = [
  ['**', 'strong'],
  ['__', 'strong'],
  ['~~', 'del'],
  ['*', 'em'],
  ['_', 'em'],
] as const;

const ESCAPABLE = /[!-/:-@[-`{-~]/;
const WORD = /[\p{L}\p{N}]/u;
const PLAIN = /[^\\`*_~![<h&\n]+/y;
const LINK =
  /!?\[([^[\]\n]{0,500})\]\(\s{0,9}<?([^\s()<>]{1,2000}(?:\([^\s()<>]{0,200}\)[^\s()<>]{0,200})?)>?(?:\s{1,9}(?:"[^"\n]{0,300}"|'[^'\n]{0,300}'))?\s{0,9}\)/y;
const BRACKETED = /<(https?:\/\/[^\s<>]{1,2000})>/y;
const ADDRESS = /https?:\/\/[^\s<>"'`]{0,2000}[^\s<>"'`.,;:!?)\]*_~]/y;

const at = (pattern: RegExp, text: string, from: number): RegExpExecArray | null => {
  pattern.lastIndex = from;
  return pattern.exec(text);
};

/** Where a mark ends that starts at `from`: not after a space, and an underscore not inside a word. */
const endOf = (mark: string, text: string, from: number, missing: Missing): number => {
  if (missing.has(mark)) return -1;
  let end = text.indexOf(mark, from);
  while (end !== -1) {
    // Of three stars the last two end what two started.
    if (mark.length === 2 && text[end + 2] === mark[0]) end += 1;
    const [before = ' ', after = ' '] = [text[end - 1], text[end + mark.length]];
    const isLonger = mark.length === 1 && (after === mark || before === mark);
    const isInWord = mark.startsWith('_') && WORD.test(after);
    if (end > from && !/\s/.test(before) && !isLonger && !isInWord) return end;
    end = text.indexOf(mark, end + (isLonger ? 2 : 1));
  }
  missing.add(mark);
  return -1;
};

/** A link holds no other link. `imageAt` gives the address of a picture that may be shown, and nothing for any other. */
interface Within {
  readonly depth: number;
  readonly isInLink: boolean;
  readonly imageAt: ImageAt;
}

type ImageAt = (address: string) => string;

/** Pictures in texts have this much space, whatever their size, so that nothing moves when they come. */
const IMAGE = { width: 320, height: 180 };

interface Piece {
  readonly html: string;
  readonly next: number;
}

const code = (text: string, from: number, missing: Missing): Piece | null => {
  const [ticks = ''] = at(/`+/y, text, from) ?? [];
  if (missing.has(ticks)) return null;
  const end = text.indexOf(ticks, from + ticks.length);
  if (end === -1) {
    missing.add(ticks);
    return null;
  }
  const inside = text.slice(from + ticks.length, end).replaceAll('\n', ' ');
  return { html: `<code>${escapeHtml(inside.trim() || inside)}</code>`, next: end + ticks.length };
};

const marked = (text: string, from: number, within: Within, missing: Missing): Piece | null => {
  const mark = MARKS.find(([each]) => text.startsWith(each, from));
  if (mark === undefined || within.depth >= DEEPEST) return null;
  const [sign, element] = mark;
  const start = from + sign.length;
  if (/\s/.test(text[start] ?? ' ')) return null;
  if (sign.startsWith('_') && WORD.test(text[from - 1] ?? ' ')) return null;
  const end = endOf(sign, text, start, missing);
  if (end === -1) return null;
  const inside = inline(text.slice(start, end), { ...within, depth: within.depth + 1 });
  return { html: `<${element}>${inside}</${element}>`, next: end + sign.length };
};

const linked = (text: string, from: number, { depth, imageAt }: Within): Piece | null => {
  const found = at(LINK, text, from) ?? at(BRACKETED, text, from);
  if (found !== null) {
    const [whole, first = '', address] = found;
    const image = whole.startsWith('!') && address !== undefined ? imageAt(address) : '';
    if (image !== '') {
      const shown = frameOf(image, first, IMAGE.width, IMAGE.height);
      return { html: String(shown), next: from + whole.length };
    }
    const label =
      address === undefined
        ? escapeHtml(first)
        : inline(first, { depth, isInLink: true, imageAt }) || escapeHtml(address);
    return { html: String(link(address ?? first, html(label))), next: from + whole.length };
  }
  const [bare] = at(ADDRESS, text, from) ?? [];
  return bare === undefined ? null : { html: String(link(bare)), next: from + bare.length };
};

const pieceAt = (text: string, from: number, within: Within, missing: Missing): Piece => {
  const character = text[from] ?? '';
  const after = text[from + 1] ?? '';
  if (character === '\\') {
    if (after === '\n') return { html: '<br>', next: from + 2 };
    if (ESCAPABLE.test(after)) return { html: escapeHtml(after), next: from + 2 };
  }
  const special = ((): Piece | null => {
    if (character === '`') return code(text, from, missing);
    if ('*_~'.includes(character)) return marked(text, from, within, missing);
    if ('![<h'.includes(character) && !within.isInLink) return linked(text, from, within);
    if (character === '\n')
      return { html: / {2}$/.test(text.slice(from - 2, from)) ? '<br>' : '\n', next: from + 1 };
    return null;
  })();
  if (special !== null) return special;
  // A mark that marks nothing is shown whole: of `**` the second star starts nothing either.
  const length = '*_~`'.includes(character) ? (at(/[*_~`]+/y, text, from)?.[0].length ?? 1) : 1;
  return { html: escapeHtml(text.slice(from, from + length)), next: from + length };
};

/** One paragraph's text, with its marks and links. */
const inline = (text: string, within: Within): string => {
  const missing: Missing = new Set();
  let made = '';
  for (let from = 0; from < text.length; ) {
    const [plain] = at(PLAIN, text, from) ?? [];
    const piece = plain === undefined ? pieceAt(text, from, within, missing) : null;
    made += piece?.html ?? escapeHtml(plain ?? '');
    from = piece?.next ?? from + (plain?.length ?? 1);
  }
  return made;
};

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const HEADING = /^ {0,3}#{1,6}(?: +(.*?))?(?: +#+)? *$/;
const RULE = /^ {0,3}(?:(?:\* *){3,}|(?:- *){3,}|(?:_ *){3,})$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( *)([-*+]|\d{1,9}[.)])( +)(?:\[([ xX])\] )?(.*)$/;
const BLANK = /^\s*$/;

const indentOf = (line: string): number => line.length - line.trimStart().length;

interface Taken {
  readonly html: string;
  readonly next: number;
}

const fenced = (lines: readonly string[], from: number, fence: string): Taken => {
  const found = lines.findIndex((line, index) => index > from && line.trim().startsWith(fence));
  const end = found === -1 ? lines.length : found;
  return {
    html: `<pre tabindex="0">${escapeHtml(lines.slice(from + 1, end).join('\n'))}</pre>`,
    next: end + 1,
  };
};

const quoted = (lines: readonly string[], from: number, depth: number, imageAt: ImageAt): Taken => {
  let end = from;
  while (end < lines.length && QUOTE.test(lines[end] ?? '')) end += 1;
  const inside = lines.slice(from, end).map((line) => line.replace(QUOTE, ''));
  return { html: `<blockquote>${blocks(inside, imageAt, depth + 1)}</blockquote>`, next: end };
};

const box = (mark: string | undefined): string => (mark === undefined ? '' : mark === ' ' ? '☐ ' : '☑ ');

interface Item {
  readonly lines: readonly string[];
  readonly mark: string | undefined;
  readonly next: number;
}

/** The next line that is not blank; what is indented further than `indent` still belongs to the item. */
const belongs = (lines: readonly string[], at: number, indent: number): boolean => {
  const line = BLANK.test(lines[at] ?? '') ? lines[at + 1] : lines[at];
  return line !== undefined && !BLANK.test(line) && indentOf(line) > indent;
};

/** The item that starts here, if it is one of a list that is indented so far, numbered or not. */
const itemAt = (lines: readonly string[], from: number, indent: number, isOrdered: boolean): Item | null => {
  const line = lines[from] ?? '';
  const [, , sign = '', space = '', mark, text] = ITEM.exec(line) ?? [];
  if (text === undefined || indentOf(line) !== indent || /\d/.test(sign) !== isOrdered) return null;
  const width = indent + sign.length + space.length;
  const inside = [text];
  let next = from + 1;
  for (; next < lines.length && belongs(lines, next, indent); next += 1) {
    const each = lines[next] ?? '';
    inside.push(each.slice(Math.min(width, indentOf(each))));
  }
  const isFollowed = BLANK.test(lines[next] ?? '') && ITEM.test(lines[next + 1] ?? '');
  return { lines: inside, mark, next: isFollowed ? next + 1 : next };
};

const listed = (lines: readonly string[], from: number, depth: number, imageAt: ImageAt): Taken => {
  const [, , first = '-'] = ITEM.exec(lines[from] ?? '') ?? [];
  const isOrdered = /\d/.test(first);
  const indent = indentOf(lines[from] ?? '');
  let items = '';
  let next = from;
  for (let item = itemAt(lines, next, indent, isOrdered); item !== null; ) {
    items += `<li>${box(item.mark)}${blocks(item.lines, imageAt, depth + 1, true)}</li>`;
    next = item.next;
    item = itemAt(lines, next, indent, isOrdered);
  }
  const number = Number.parseInt(first, 10);
  const start = isOrdered && number !== 1 ? ` start="${number}"` : '';
  return { html: isOrdered ? `<ol${start}>${items}</ol>` : `<ul>${items}</ul>`, next };
};

const startsBlock = (line: string): boolean =>
  BLANK.test(line) || [FENCE, HEADING, RULE, QUOTE, ITEM].some((pattern) => pattern.test(line));

const paragraph = (lines: readonly string[], from: number, isTight: boolean, imageAt: ImageAt): Taken => {
  let next = from + 1;
  while (next < lines.length && !startsBlock(lines[next] ?? '')) next += 1;
  const text = inline(
    lines
      .slice(from, next)
      .map((line) => line.trimStart())
      .join('\n')
      .trimEnd(),
    { depth: 0, isInLink: false, imageAt },
  );
  return { html: isTight ? text : `<p>${text}</p>`, next };
};

const blockAt = (
  lines: readonly string[],
  from: number,
  depth: number,
  isTight: boolean,
  imageAt: ImageAt,
): Taken => {
  const line = lines[from] ?? '';
  if (BLANK.test(line)) return { html: '', next: from + 1 };
  const [, fence] = FENCE.exec(line) ?? [];
  if (fence !== undefined) return fenced(lines, from, fence);
  const heading = HEADING.exec(line);
  if (heading !== null)
    return {
      html: `<p><strong>${inline(heading[1] ?? '', { depth: 0, isInLink: false, imageAt })}</strong></p>`,
      next: from + 1,
    };
  if (RULE.test(line)) return { html: '<hr>', next: from + 1 };
  if (depth < DEEPEST && QUOTE.test(line)) return quoted(lines, from, depth, imageAt);
  if (depth < DEEPEST && ITEM.test(line)) return listed(lines, from, depth, imageAt);
  return paragraph(lines, from, isTight, imageAt);
};

/** `isTight`: the first paragraph of a list's item is none. */
const blocks = (lines: readonly string[], imageAt: ImageAt, depth = 0, isTight = false): string => {
  let made = '';
  for (let from = 0; from < lines.length; ) {
    const taken = blockAt(lines, from, depth, isTight && from === 0, imageAt);
    made += taken.html;
    from = taken.next;
  }
  return made;
};

/** Templates for issues are full of comments to who fills them in. */
const withoutComments = (text: string): string => {
  const [first = '', ...rest] = text.split('<!--');
  const after = rest.map((each) => {
    const end = each.indexOf('-->');
    return end === -1 ? `<!--${each}` : each.slice(end + 3);
  });
  return [first, ...after].join('');
};

/**
 * A safe part of Markdown as HTML: paragraphs, headings (as bold lines), lists, quotes, code, emphasis, links to web addresses, and images
 * that may be shown; others are links to them. HTML in it is shown as the text it is, its comments are left out, and what is longer than 20,000 characters is cut off.
 */
export const markdown = (value: unknown, imageAt: ImageAt = () => ''): object => {
  const text = textOf(value);
  if (text.trim() === '') return html('');
  const shown = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  const lines = withoutComments(shown).replaceAll('\r\n', '\n').replaceAll('\t', '    ').split('\n');
  return html(`<div class="oriel-markdown" dir="auto">${blocks(lines, imageAt)}</div>`);
};
