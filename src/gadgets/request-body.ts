import type { BodyValue, ParameterValue, TemplatePart } from '../domain/gadget.js';
import { isLanguage } from './languages/registry.js';
import { parseTemplate, templateOf } from './template-parts.js';

const isRecord = (written: unknown): written is Readonly<Record<string, unknown>> =>
  typeof written === 'object' && written !== null && !Array.isArray(written);

type ValuePart = TemplatePart & { readonly kind: 'value' };

/** The value that a text stands for as a whole: `{name}`. */
const partOf = (text: string, roots: readonly string[]): ValuePart | null => {
  const parts = /^\{[^{}]+\}$/.test(text) ? parseTemplate(text, roots) : undefined;
  const [part] = parts ?? [];
  return part?.kind === 'value' && part.before === '' ? part : null;
};

const inLanguage = (written: Readonly<Record<string, unknown>>): readonly [string, string] | null => {
  const [[language, text] = ['', null], ...rest] = Object.entries(written);
  return rest.length === 0 && isLanguage(language) && typeof text === 'string' ? [language, text] : null;
};

/**
 * A body as written, ready to be filled in. A text that is `{name}` becomes the value itself, with its type; an object whose only key is
 * a query language is a text in it; everything else stays as it is. The body itself is never taken for a text.
 */
export const bodyOf = (written: unknown, roots: readonly string[], isWhole = true): BodyValue => {
  if (Array.isArray(written))
    return { kind: 'list', items: written.map((each) => bodyOf(each, roots, false)) };
  if (isRecord(written)) {
    const [language, text] = (isWhole ? null : inLanguage(written)) ?? [];
    if (language !== undefined && text !== undefined)
      return { kind: 'text', language, template: templateOf(text, roots) };
    return {
      kind: 'record',
      entries: Object.entries(written).map(([name, each]) => [name, bodyOf(each, roots, false)] as const),
    };
  }
  const part = typeof written === 'string' ? partOf(written, roots) : null;
  if (part !== null) return { kind: 'value', part };
  return { kind: 'plain', value: (written ?? null) as string | number | boolean | null };
};

/** Everything in a body with its place in it. */
export const bodyLeaves = (
  body: BodyValue,
  path: readonly (string | number)[] = [],
): readonly { readonly path: readonly (string | number)[]; readonly value: BodyValue }[] => {
  if (body.kind === 'list') return body.items.flatMap((each, index) => bodyLeaves(each, [...path, index]));
  if (body.kind === 'record')
    return body.entries.flatMap(([name, each]) => bodyLeaves(each, [...path, name]));
  return [{ path, value: body }];
};

/** How a body is filled in: with values as they are, and texts in a language; undefined leaves the place out. */
export interface Filling {
  value(part: ValuePart): ParameterValue | undefined;
  text(language: string, body: BodyValue & { readonly kind: 'text' }): string | undefined;
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** A body as JSON data. What has no value is left out, of a list too. */
const filled = (body: BodyValue, filling: Filling): Json | undefined => {
  switch (body.kind) {
    case 'plain':
      return body.value;
    case 'value':
      return filling.value(body.part);
    case 'text':
      return filling.text(body.language, body);
    case 'list':
      return body.items.map((each) => filled(each, filling)).filter((each) => each !== undefined);
    case 'record': {
      const entries = body.entries.map(([name, each]) => [name, filled(each, filling)] as const);
      return Object.fromEntries(entries.filter((entry): entry is [string, Json] => entry[1] !== undefined));
    }
  }
};

/** The text of a body. Values are JSON values, so that none can be more than itself. */
export const bodyText = (body: BodyValue, filling: Filling): string => JSON.stringify(filled(body, filling));
