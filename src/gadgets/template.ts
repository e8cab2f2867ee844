import { AppError } from '../domain/errors.js';
import type { Fault } from '../domain/fault.js';
import type { Gadget, GadgetRequest, Parameter, ParameterValue, ParameterValues } from '../domain/gadget.js';
import { quoteMql } from './languages/mql.js';

/** A piece of a template: literal text, or a parameter with the text that stands before its value when there is one. */
export type Part =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'expansion'; readonly name: string; readonly before: string };

/** Where a request goes: path and query below the provider's `api`, and the path's literal beginning there. */
export interface Target {
  readonly target: string;
  readonly prefix: string;
}

const EXPANSION = /\{(?<before>(?:[^{}]*[^{}A-Za-z0-9_-])?)(?<name>[a-z][a-z0-9-]*)\}/g;

/**
 * The parts of a template. `{name}` stands for a parameter's value; what precedes the name within the braces is written only
 * when there is a value: `{, properties}`, `{ WHERE conditions}`. Undefined when a brace is not part of an expansion.
 */
export const parseTemplate = (template: string): readonly Part[] | undefined => {
  const parts: Part[] = [];
  const literal = (text: string): void => {
    if (text !== '') parts.push({ kind: 'literal', text });
  };
  let end = 0;
  for (const match of template.matchAll(EXPANSION)) {
    const { before = '', name = '' } = match.groups ?? {};
    literal(template.slice(end, match.index));
    parts.push({ kind: 'expansion', name, before });
    end = match.index + match[0].length;
  }
  literal(template.slice(end));
  const broken = parts.some((part) => part.kind === 'literal' && /[{}]/.test(part.text));
  return broken ? undefined : parts;
};

/** The path up to its first expansion: what every target of this request begins with. */
export const literalPrefix = (path: string): string => path.split('{', 1)[0] ?? '';

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

const partsOf = (template: string): readonly Part[] => {
  const parts = parseTemplate(template);
  if (parts === undefined) throw new Error(`a template that was never checked: ${template}`);
  return parts;
};

/** Whether a request is made with these values: each parameter of its `when` has one (a list: at least one item). */
export const isWanted = (request: Pick<GadgetRequest, 'when'>, values: ParameterValues): boolean =>
  request.when.every((name) => {
    const value = values[name];
    return typeof value === 'object' ? value.length > 0 : value !== undefined;
  });

type Lookup = (name: string) => { readonly parameter: Parameter; readonly value: ParameterValue | undefined };

const plain = (value: ParameterValue | undefined): string =>
  typeof value === 'object' ? value.join(',') : String(value ?? '');

const expandSegment = (segment: string, lookup: Lookup): string => {
  if (!segment.includes('{')) return segment;
  let asRead = '';
  let written = '';
  let last: Parameter | undefined;
  for (const part of partsOf(segment)) {
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

const mqlScalar = (parameter: Parameter, value: string | number | boolean): string => {
  if (typeof value === 'number' || parameter.type.kind === 'choice') return String(value);
  const quoted = quoteMql(String(value));
  if (quoted !== undefined) return quoted;
  throw invalidParameter(
    parameter,
    `${JSON.stringify(value)} cannot be written in MQL, which knows no text with both kinds of quotation marks or a backslash.`,
  );
};

/**
 * A value by its type: conditions in parentheses of their own, texts between quotation marks, lists with commas. A choice is the
 * definition's own text and written as it is.
 */
const mql = (parameter: Parameter, value: ParameterValue | undefined): string => {
  if (value === undefined) return '';
  if (typeof value === 'object') return value.map((item) => mqlScalar(parameter, item)).join(',');
  return parameter.type.kind === 'mql' ? `(${value})` : mqlScalar(parameter, value);
};

const expandQuery = (
  { template, language }: GadgetRequest['query'][number],
  lookup: Lookup,
): string | undefined => {
  let written = '';
  for (const part of partsOf(template)) {
    if (part.kind === 'literal') {
      written += part.text;
      continue;
    }
    const { parameter, value } = lookup(part.name);
    const text = language === 'mql' ? mql(parameter, value) : plain(value);
    if (text !== '') written += part.before + text;
    else if (part.before === '') return undefined;
  }
  return written;
};

/**
 * Expands a checked definition's path and query. The path keeps its segments whatever the values are; a query parameter is left
 * out when a plain `{name}` of it has no value. Throws `parameter_invalid` for a value that cannot stand where it would.
 */
export const expandRequest = (
  gadget: Pick<Gadget, 'parameters'>,
  request: Pick<GadgetRequest, 'path' | 'query'>,
  values: ParameterValues,
): Target => {
  const lookup: Lookup = (name) => {
    const parameter = gadget.parameters.find((each) => each.name === name);
    if (parameter === undefined) throw new Error(`a template that was never checked: {${name}}`);
    return { parameter, value: values[name] };
  };
  const path = request.path
    .split('/')
    .map((segment) => expandSegment(segment, lookup))
    .join('/');
  const query = new URLSearchParams();
  for (const field of request.query) {
    const value = expandQuery(field, lookup);
    if (value !== undefined) query.append(field.name, value);
  }
  const search = query.toString();
  return { target: search === '' ? path : `${path}?${search}`, prefix: literalPrefix(request.path) };
};

/**
 * The same below a provider's `api`, checked once more as the URL that will be called: its origin is the provider's, and its path
 * begins with the `api`'s and the definition's literal prefix (returned, of the whole path).
 */
export const upstreamTarget = (
  api: string,
  gadget: Pick<Gadget, 'parameters'>,
  request: Pick<GadgetRequest, 'path' | 'query'>,
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

/** What is wrong in one request; file and line are known to the reader of the definition. */
export type RequestFault = Pick<Fault, 'problem' | 'expected' | 'example'> & {
  readonly path: readonly string[];
};

type Finding = Omit<RequestFault, 'path'>;
type Known = Pick<GadgetRequest, 'when'> & { readonly parameters: readonly Parameter[] };
type Expansion = Part & { readonly kind: 'expansion' };

const EXAMPLE = '/projects/{project}/cards.xml';

const BRACES: Finding = {
  problem: 'a brace is not part of an expansion',
  expected: 'each { opens an expansion such as {name} and each } closes one',
  example: EXAMPLE,
};

const PATH: Finding = {
  problem: 'this is not a path below the API',
  expected:
    'a path that begins with /, of characters that a URL may have there, without ".", ".." or empty segments',
  example: EXAMPLE,
};

const LITERAL = /^(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*$/;

const hasOddSegment = (path: string): boolean =>
  path
    .slice(1)
    .split('/')
    .some((segment) => /^(?:|\.|\.\.|.*%(?:00|25|2e|2f|5c).*)$/i.test(segment));

const alwaysHasValue = (parameter: Parameter, { when }: Known): boolean =>
  when.includes(parameter.name) ||
  (parameter.type.kind !== 'list' && (parameter.required || parameter.default !== null));

const surely = (parameter: Parameter): Finding => ({
  problem: `the parameter "${parameter.name}" may have no value here`,
  expected:
    parameter.type.kind === 'list'
      ? 'a list is named in the request\'s "when", or written with a literal before it'
      : 'the parameter is required, has a default, or is named in the request\'s "when"',
  example: `when: [${parameter.name}]`,
});

const inPath = (parameter: Parameter, part: Expansion, known: Known): Finding | null => {
  const { kind } = parameter.type;
  if (part.before !== '') return BRACES;
  if (kind !== 'list' && kind !== 'mql') return alwaysHasValue(parameter, known) ? null : surely(parameter);
  return {
    problem: `the parameter "${parameter.name}" is of type ${kind}`,
    expected: 'a path has single values only; lists and conditions belong into the query',
    example: EXAMPLE,
  };
};

const inMql = (parameter: Parameter, part: Expansion, known: Known): Finding | null =>
  part.before !== '' || alwaysHasValue(parameter, known) ? null : surely(parameter);

const unknown = (name: string, parameters: readonly Parameter[]): Finding => ({
  problem: `the gadget has no parameter "${name}"`,
  expected:
    parameters.length === 0 ? 'its parameters are declared first' : 'one of the parameters it declares',
  example: parameters.map((parameter) => `{${parameter.name}}`).join(' ') || null,
});

const expansions = (
  template: string,
  known: Known,
  judge: (parameter: Parameter, part: Expansion) => Finding | null,
): readonly Finding[] => {
  const parts = parseTemplate(template);
  if (parts === undefined) return [BRACES];
  return parts.flatMap((part) => {
    if (part.kind === 'literal') return [];
    const parameter = known.parameters.find((each) => each.name === part.name);
    const finding = parameter === undefined ? unknown(part.name, known.parameters) : judge(parameter, part);
    return finding === null ? [] : [finding];
  });
};

const pathFindings = (path: string, known: Known): readonly Finding[] => {
  const literals = path.replace(/\{[^{}]*\}/g, 'x');
  const shaped = path.startsWith('/') && LITERAL.test(literals) && !hasOddSegment(literals);
  const found = expansions(path, known, (parameter, part) => inPath(parameter, part, known));
  return shaped || found.includes(BRACES) ? found : [PATH, ...found];
};

const queryFindings = (
  { template, language }: GadgetRequest['query'][number],
  known: Known,
): readonly Finding[] =>
  expansions(template, known, (parameter, part) =>
    language === 'mql' ? inMql(parameter, part, known) : null,
  );

/** Every fault of a request's templates, so that none is left to be found while a viewer waits. */
export const templateFaults = (
  parameters: readonly Parameter[],
  request: Pick<GadgetRequest, 'path' | 'query' | 'when'>,
): readonly RequestFault[] => {
  const known = { parameters, when: request.when };
  return [
    ...pathFindings(request.path, known).map((finding) => ({ path: ['path'], ...finding })),
    ...request.query.flatMap((field) =>
      queryFindings(field, known).map((finding) => ({ path: ['query', field.name], ...finding })),
    ),
  ];
};
