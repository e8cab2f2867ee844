import type { Template, TemplatePart } from '../domain/gadget.js';

/** Values that every template may have, read-only; those of time may be moved by whole days. */
export const COMPUTED = [
  'now',
  'today.start',
  'today.end',
  'week.start',
  'time-zone',
  'locale',
  'account.id',
] as const;

export type ComputedName = (typeof COMPUTED)[number] | `facts.${string}`;

export const isComputed = (name: string): name is ComputedName =>
  (COMPUTED as readonly string[]).includes(name) || /^facts\.[a-z][a-z0-9_-]{0,31}$/.test(name);

/** Those that a number of days may be added to. */
export const isMoment = (name: string): boolean => /^(?:now|today\.start|today\.end|week\.start)$/.test(name);

/** Before the first dot of these, a dot leads into a value; before that of any other it is text. */
const ROOTS = ['today', 'week', 'account', 'facts'];

const EXPANSION = /\{([^{}]*)\}/g;
const AS = /\s+as\s+(path|segment)$/;
const DAYS = /\s*([+-])\s*(\d{1,4})\s*days?$/;
const NAME = /^((?:[^{}]*[^{}A-Za-z0-9_-])?)([a-z][a-z0-9-]*)$/;
const DOTTED = /^((?:[^{}]*[^{}A-Za-z0-9_.@-])?)([a-z][a-z0-9-]*)\.([^{}\s]+)$/;

/** What stands between two braces; undefined where it is no expansion. */
const expansionOf = (inner: string, roots: readonly string[]): TemplatePart | undefined => {
  const as = AS.exec(inner)?.[1] as 'path' | 'segment' | undefined;
  const named = as === undefined ? inner : inner.replace(AS, '');
  const [, sign, count] = as === undefined ? (DAYS.exec(named) ?? []) : [];
  const part = namedPart(count === undefined ? named : named.replace(DAYS, ''), roots);
  if (count !== undefined && (part === undefined || !isMoment(part.name))) return namedPart(named, roots);
  if (part === undefined) return undefined;
  return {
    ...part,
    ...(as !== undefined && { as }),
    ...(count !== undefined && { days: Number(`${sign}${count}`) }),
  };
};

type ValuePart = TemplatePart & { readonly kind: 'value' };

const namedPart = (text: string, roots: readonly string[]): ValuePart | undefined => {
  const [, before = '', root = '', path = ''] = DOTTED.exec(text) ?? [];
  if (ROOTS.includes(root)) return { kind: 'value', name: `${root}.${path}`, before };
  if (roots.includes(root)) return { kind: 'value', name: root, before, path };
  const [, leading = '', name] = NAME.exec(text) ?? [];
  return name === undefined ? undefined : { kind: 'value', name, before: leading };
};

/**
 * The parts of a template. `{name}` stands for a value; what precedes the name within the braces is written only when there is a value:
 * `{, properties}`, `{ WHERE conditions}`. `{name as path}` keeps its slashes, `{now - 7 days}` is another day, and `{item.key}` leads into
 * an item, for the names in `roots`. Undefined when a brace is not part of an expansion.
 */
export const parseTemplate = (
  template: string,
  roots: readonly string[] = [],
): readonly TemplatePart[] | undefined => {
  const parts: TemplatePart[] = [];
  const literal = (text: string): void => {
    if (text !== '') parts.push({ kind: 'literal', text });
  };
  let end = 0;
  for (const match of template.matchAll(EXPANSION)) {
    const part = expansionOf(match[1] ?? '', roots);
    if (part === undefined) return undefined;
    literal(template.slice(end, match.index));
    parts.push(part);
    end = match.index + match[0].length;
  }
  literal(template.slice(end));
  const broken = parts.some((part) => part.kind === 'literal' && /[{}]/.test(part.text));
  return broken ? undefined : parts;
};

/** A template of a text; without parts where the text is none, which the check of the definition finds. */
export const templateOf = (text: string, roots: readonly string[] = []): Template => ({
  text,
  parts: parseTemplate(text, roots) ?? [],
});
