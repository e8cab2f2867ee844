import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';

/** More than the patterns of all views; a view that makes patterns from data keeps no more than these. */
const MOST_KEPT = 200;

const compiled = new LRUCache<string, RE2JS>({ max: MOST_KEPT });

const flagsOf = ({ ignoreCase, multiline, dotAll }: RegExp): number =>
  (ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) | (multiline ? RE2JS.MULTILINE : 0) | (dotAll ? RE2JS.DOTALL : 0);

/** A pattern that a text holds, in RE2's own syntax as in requests. One that cannot be used finds nothing. */
export class TextPattern {
  readonly text: string;

  constructor(text: string) {
    this.text = patternFault(text) === null ? text : NEVER;
  }
}

/** What a view looks for. */
export type Pattern = RegExp | TextPattern;

export const isPattern = (value: unknown): value is Pattern =>
  value instanceof RegExp || value instanceof TextPattern;

/** After the end of a text there is nothing more. */
const NEVER = '\\z.';

/**
 * A view's pattern as RE2 has it, whose time grows with the text and never faster: JavaScript's own would let a pattern that is
 * carelessly written, and a provider's text, keep everyone else waiting indefinitely. Throws where it uses what RE2 lacks.
 */
export const linearPattern = (pattern: Pattern): RE2JS => {
  if (pattern instanceof TextPattern) return compile(pattern.text);
  const key = String(pattern);
  const known = compiled.get(key);
  if (known !== undefined) return known;
  try {
    const made = RE2JS.compile(RE2JS.translateRegExp(pattern), flagsOf(pattern));
    compiled.set(key, made);
    return made;
  } catch (error) {
    throw new Error(
      `the pattern ${key} cannot be used: ${error instanceof Error ? error.message : 'it is not understood'}. Look-around and back references are not available.`,
    );
  }
};

/** What the first group of a pattern captures in a text; undefined where it does not match, or has no such group. */
export const firstGroup = (pattern: RegExp, text: string): string | undefined => {
  const matcher = linearPattern(pattern).matcher(text);
  return matcher.find() && matcher.groupCount() > 0 ? (matcher.group(1) ?? undefined) : undefined;
};

/** Whether a pattern matches anywhere in a text. */
export const isMatch = (pattern: Pattern, text: string): boolean =>
  linearPattern(pattern).matcher(text).find();

/** What the first group of a pattern captures in each place where it matches; the whole of each match where there is no group. */
export const everyMatch = (pattern: Pattern, text: string): readonly string[] => {
  const matcher = linearPattern(pattern).matcher(text);
  const group = matcher.groupCount() > 0 ? 1 : 0;
  const found: string[] = [];
  while (matcher.find()) found.push(matcher.group(group) ?? '');
  return found.filter((each) => each !== '');
};

/** As `String.prototype.replace`. */
export const replaced = (text: string, pattern: RegExp, by: string): string => {
  const matcher = linearPattern(pattern).matcher(text);
  return pattern.global ? matcher.replaceAll(by) : matcher.replaceFirst(by);
};

/** Characters of one text that a pattern of a definition is looked for in. */
const MOST_OF_TEXT = 10_000;

/** Characters that patterns may still be looked for in; what is left goes down. */
export interface TextAllowance {
  left: number;
}

/** As many as keep a rendering's patterns within some tenths of a second, however they are written. */
export const MOST_SEARCHED = 5_000_000;

/** The patterns of a gadget's requests had more to look at than a rendering may. */
export class PatternTooSlow extends Error {}

const compile = (pattern: string): RE2JS => {
  const key = `text ${pattern}`;
  const known = compiled.get(key) ?? RE2JS.compile(pattern);
  compiled.set(key, known);
  return known;
};

/** What is wrong with a pattern (RE2), as a sentence without its full stop; null for one that can be used. */
export const patternFault = (pattern: string): string | null => {
  try {
    compile(pattern);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/\.$/, '') : 'it is not understood';
  }
};

const heldBy = (matcher: ReturnType<RE2JS['matcher']>): string | null | undefined =>
  matcher.groupCount() > 0 ? matcher.group(1) : matcher.group();

/** What a pattern's first group holds, or all of it where it has none, at each of its places in these texts. Throws `PatternTooSlow`. */
export const textsMatched = (
  pattern: string,
  texts: readonly string[],
  allowance: TextAllowance,
): readonly string[] => {
  const re = compile(pattern);
  const found: string[] = [];
  const look = (text: string): void => {
    const matcher = re.matcher(text);
    for (let from = 0; ; from = matcher.end()) {
      // Each search may look at all that is left of the text.
      allowance.left -= text.length - from;
      if (allowance.left < 0) throw new PatternTooSlow();
      if (!matcher.find()) return;
      const held = heldBy(matcher);
      if (typeof held === 'string') found.push(held);
    }
  };
  for (const text of texts) look(text.slice(0, MOST_OF_TEXT));
  return found;
};
