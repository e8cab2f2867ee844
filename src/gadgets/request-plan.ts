import { AppError } from '../domain/errors.js';
import type {
  Format,
  Gadget,
  Parameter,
  ParameterValue,
  ParameterValues,
  QueryField,
  RequestInputs,
  RequestPlan,
  Template,
  TemplatePart,
} from '../domain/gadget.js';
import { languageNamed } from './languages/registry.js';
import type { RequestManifest } from './manifest.js';

/*
 * A request is planned when its definition is loaded and resolved with the values of each rendering. What a plan may hold is in
 * `domain/gadget.ts`, what a definition may say in `manifest.ts`, how a language writes values in `languages/`.
 */

/** Where a request goes: path and query below the provider's `api`, and the path's literal beginning there. */
export interface Target {
  readonly target: string;
  readonly prefix: string;
}

const ACCEPT: Readonly<Record<Format, string>> = {
  json: 'application/json',
  xml: 'application/xml, text/xml;q=0.9',
  atom: 'application/atom+xml, application/rss+xml;q=0.9, application/xml;q=0.8',
  feed: 'application/atom+xml, application/rss+xml;q=0.9, application/xml;q=0.8',
  text: 'text/plain',
};

const EXPANSION = /\{(?<before>(?:[^{}]*[^{}A-Za-z0-9_-])?)(?<name>[a-z][a-z0-9-]*)\}/g;

/**
 * The parts of a template. `{name}` stands for a parameter's value; what precedes the name within the braces is written only
 * when there is a value: `{, properties}`, `{ WHERE conditions}`. Undefined when a brace is not part of an expansion.
 */
export const parseTemplate = (template: string): readonly TemplatePart[] | undefined => {
  const parts: TemplatePart[] = [];
  const literal = (text: string): void => {
    if (text !== '') parts.push({ kind: 'literal', text });
  };
  let end = 0;
  for (const match of template.matchAll(EXPANSION)) {
    const { before = '', name = '' } = match.groups ?? {};
    literal(template.slice(end, match.index));
    parts.push({ kind: 'value', name, before });
    end = match.index + match[0].length;
  }
  literal(template.slice(end));
  const broken = parts.some((part) => part.kind === 'literal' && /[{}]/.test(part.text));
  return broken ? undefined : parts;
};

/** A template of a text; without parts where the text is none, which the check of the definition finds. */
const templateOf = (text: string): Template => ({ text, parts: parseTemplate(text) ?? [] });

const queryFieldOf = (name: string, written: RequestManifest['query'][string]): QueryField => {
  if (typeof written === 'string') return { name, language: null, template: templateOf(written) };
  const [[language, text] = ['', '']] = Object.entries(written);
  return { name, language, template: templateOf(text) };
};

/** The plan of a request, from its definition. */
export function planRequest(name: string, written: RequestManifest): RequestPlan {
  const { provider, path, query, format, refused, accept, ttl, required, when, narrow, follow } = written;
  return {
    name,
    provider,
    effect: 'read',
    method: 'GET',
    path: { text: path, prefix: path.split('{', 1)[0] ?? '', segments: path.split('/').map(templateOf) },
    query: Object.entries(query).map(([field, value]) => queryFieldOf(field, value)),
    headers: { accept: accept ?? ACCEPT[format] },
    body: null,
    inputs: {
      when,
      narrow: Object.entries(narrow).map(([parameter, source]) => ({ parameter, ...source })),
    },
    answer: {
      format,
      refused: refused === undefined ? null : { ...refused, code: refused.code ?? null },
      follow: follow ?? null,
    },
    ttl,
    required,
  };
}

/** The refusal of a parameter's value; `fault` ends a sentence that begins with the parameter's title. */
export const invalidParameter = (parameter: Pick<Parameter, 'name' | 'title'>, fault: string): AppError =>
  new AppError('parameter_invalid', `${parameter.title}: ${fault} (Parameter "${parameter.name}".)`);

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/%([0-7][0-9a-f])/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
};

/** Whether some reader of this segment, having decoded it once or twice, would see another path than we mean. */
const leavesItsPlace = (segment: string): boolean => {
  const once = decoded(segment);
  return [segment, once, decoded(once)].some(
    (reading) => reading === '' || reading === '.' || reading === '..' || /[/\\\p{Cc}\p{Cs}]/u.test(reading),
  );
};

/** Whether a request is made with these values: each parameter of its `when` has one (a list: at least one item). */
export const isWanted = ({ when }: Pick<RequestInputs, 'when'>, values: ParameterValues): boolean =>
  when.every((name) => {
    const value = values[name];
    return typeof value === 'object' ? value.length > 0 : value !== undefined;
  });

type Lookup = (name: string) => { readonly parameter: Parameter; readonly value: ParameterValue | undefined };

const plain = (value: ParameterValue | undefined): string =>
  typeof value === 'object' ? value.join(',') : String(value ?? '');

const expandSegment = ({ text: template, parts }: Template, lookup: Lookup): string => {
  if (!template.includes('{')) return template;
  let asRead = '';
  let written = '';
  let last: Parameter | undefined;
  for (const part of parts) {
    if (part.kind === 'literal') {
      asRead += decoded(part.text);
      written += part.text;
      continue;
    }
    const { parameter, value } = lookup(part.name);
    const text = plain(value);
    if (leavesItsPlace(text)) throw invalidParameter(parameter, 'cannot be used in an address.');
    asRead += text;
    written += encodeURIComponent(text);
    last = parameter;
  }
  if (last !== undefined && leavesItsPlace(asRead))
    throw invalidParameter(last, 'cannot be used in an address.');
  return written;
};

/** A value as a query language needs it: lists with commas, everything else by its type. */
const inLanguage = (name: string, parameter: Parameter, value: ParameterValue | undefined): string => {
  if (value === undefined) return '';
  const language = languageNamed(name);
  const { type } = parameter;
  const scalar = type.kind === 'list' ? type.of : type;
  return (typeof value === 'object' ? value : [value])
    .map((item) => {
      const written = language.write(item, scalar);
      if (written !== undefined) return written;
      throw invalidParameter(parameter, `${JSON.stringify(item)} ${language.unwritable}`);
    })
    .join(',');
};

const expandQuery = ({ template, language }: QueryField, lookup: Lookup): string | undefined => {
  let written = '';
  for (const part of template.parts) {
    if (part.kind === 'literal') {
      written += part.text;
      continue;
    }
    const { parameter, value } = lookup(part.name);
    const text = language === null ? plain(value) : inLanguage(language, parameter, value);
    if (text !== '') written += part.before + text;
    else if (part.before === '') return undefined;
  }
  return written;
};

/**
 * Expands a checked plan's path and query. The path keeps its segments whatever the values are; a query parameter is left
 * out when a plain `{name}` of it has no value. Throws `parameter_invalid` for a value that cannot stand where it would.
 */
export const expandRequest = (
  gadget: Pick<Gadget, 'parameters'>,
  request: Pick<RequestPlan, 'path' | 'query'>,
  values: ParameterValues,
): Target => {
  const lookup: Lookup = (name) => {
    const parameter = gadget.parameters.find((each) => each.name === name);
    if (parameter === undefined) throw new Error(`a template that was never checked: {${name}}`);
    return { parameter, value: values[name] };
  };
  const path = request.path.segments.map((segment) => expandSegment(segment, lookup)).join('/');
  const query = new URLSearchParams();
  for (const field of request.query) {
    const value = expandQuery(field, lookup);
    if (value !== undefined) query.append(field.name, value);
  }
  const search = query.toString();
  return { target: search === '' ? path : `${path}?${search}`, prefix: request.path.prefix };
};

/**
 * The same below a provider's `api`, checked once more as the URL that will be called: its origin is the provider's, and its path
 * begins with the `api`'s and the definition's literal prefix (returned, of the whole path).
 */
export const resolveTarget = (
  api: string,
  gadget: Pick<Gadget, 'parameters'>,
  request: Pick<RequestPlan, 'path' | 'query'>,
  values: ParameterValues,
): Target => {
  const { target, prefix } = expandRequest(gadget, request, values);
  const base = new URL(api);
  const wholePrefix = base.pathname.replace(/\/$/, '') + prefix;
  const url = new URL(api.replace(/\/$/, '') + target);
  if (url.origin !== base.origin || !url.pathname.startsWith(wholePrefix)) {
    throw new AppError('parameter_invalid', 'The parameters lead to an address outside the gadget’s own.');
  }
  return { target, prefix: wholePrefix };
};
