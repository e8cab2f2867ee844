import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';

/** More than the patterns of all views; a view that makes patterns from data keeps no more than these. */
const MOST_KEPT = 200;

const compiled = new LRUCache<string, RE2JS>({ max: MOST_KEPT });

const flagsOf = ({ ignoreCase, multiline, dotAll }: RegExp): number =>
  (ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) | (multiline ? RE2JS.MULTILINE : 0) | (dotAll ? RE2JS.DOTALL : 0);

/**
 * A view's pattern as RE2 has it, whose time grows with the text and never faster: JavaScript's own would let a pattern that is
 * carelessly written, and a provider's text, keep everyone else waiting indefinitely. Throws where it uses what RE2 lacks.
 */
export const linearPattern = (pattern: RegExp): RE2JS => {
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
export const isMatch = (pattern: RegExp, text: string): boolean =>
  linearPattern(pattern).matcher(text).find();

/** What the first group of a pattern captures in each place where it matches; the whole of each match where there is no group. */
export const everyMatch = (pattern: RegExp, text: string): readonly string[] => {
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
