import type { Data } from '../domain/data.js';
import { AppError } from '../domain/errors.js';
import type {
  Gadget,
  Parameter,
  ParameterType,
  ParameterValue,
  ParameterValues,
  QueryField,
  RequestPlan,
  Template,
  TemplatePart,
} from '../domain/gadget.js';
import { baseIn } from '../domain/parse-url.js';
import { allAt } from './answer-values.js';
import { computedValue, type Facts } from './computed-values.js';
import { languageNamed } from './languages/registry.js';
import { bodyText } from './request-body.js';
import { isComputed } from './template-parts.js';
import { MAX_VALUE_LENGTH, readScalar } from './value-types.js';

/** Where a request goes: path and query below the provider's `api`, and the path's literal beginning there. */
export interface Target {
  readonly target: string;
  readonly prefix: string;
  /** What a POST sends; absent for a GET. */
  readonly body?: string;
}

/** What templates may name beside parameters and the values taken from answers. */
export interface Context {
  /** The item of another answer that the request is made for. */
  readonly item?: Data;
  readonly facts?: Facts;
  /** Whether words stand in for what only a rendering knows, to try the parameters. */
  readonly standIns?: boolean;
}

/** A value out of an answer, or a computed one, that cannot be used where a request has it. Its message names what cannot be used. */
export class UnusableValue extends Error {}

/** The refusal of a parameter's value; `fault` ends a sentence that starts with the parameter's title. */
export const invalidParameter = (parameter: Pick<Parameter, 'name' | 'title'>, fault: string): AppError =>
  new AppError('parameter_invalid', `${parameter.title}: ${fault} (Parameter "${parameter.name}".)`);

/** A value of a template, and how its faults are reported. */
interface Looked {
  readonly type: ParameterType;
  readonly value: ParameterValue | undefined;
  /** Whether it came from another application: then who reads the message did not make the mistake. */
  readonly isData: boolean;
  refuse(fault: string): Error;
}

type ValuePart = TemplatePart & { readonly kind: 'value' };
type Lookup = (part: ValuePart) => Looked;
type Expanded = Pick<RequestPlan, 'path' | 'query' | 'inputs' | 'body'>;

const TEXT = { kind: 'text', maxLength: MAX_VALUE_LENGTH } as const;
const STAND_IN = 'x';

const dataLooked = (name: string, type: ParameterType, value: ParameterValue | undefined): Looked => ({
  type,
  value,
  isData: true,
  refuse: (fault) => new UnusableValue(`{${name}} ${fault}`),
});

/** A value of an item, typed as it is: numbers and truth values are themselves, all else is text on one line. */
const itemValue = (name: string, item: Data, path: string): Looked => {
  const [found] = allAt(item, path);
  const data = typeof found === 'object' && found !== null && '#text' in found ? found['#text'] : found;
  if (typeof data === 'number') return dataLooked(name, { kind: 'integer', min: data, max: data }, data);
  if (typeof data === 'boolean') return dataLooked(name, { kind: 'boolean' }, data);
  const reading = typeof data === 'string' && data !== '' ? readScalar(TEXT, data) : undefined;
  if (reading !== undefined && 'fault' in reading) throw new UnusableValue(`{${name}} ${reading.fault}`);
  return dataLooked(name, TEXT, reading?.value);
};

/** What only a rendering knows: an item's value, one taken from another answer; undefined for a name that is neither. */
const takenValue = (
  { name, path = '' }: ValuePart,
  { inputs }: Pick<RequestPlan, 'inputs'>,
  values: ParameterValues,
  { item = null, standIns = false }: Context,
): Looked | undefined => {
  const isItem = inputs.each?.as === name;
  const given = isItem ? undefined : inputs.given.find((each) => each.name === name);
  const shown = path === '' ? name : `${name}.${path}`;
  if (standIns && (isItem || given !== undefined)) return dataLooked(shown, TEXT, STAND_IN);
  if (isItem) return itemValue(shown, item, path);
  return given && dataLooked(name, given.type, values[name]);
};

const lookupIn =
  (
    { parameters }: Pick<Gadget, 'parameters'>,
    request: Pick<RequestPlan, 'inputs'>,
    values: ParameterValues,
    context: Context,
  ): Lookup =>
  (part) => {
    const taken = takenValue(part, request, values, context);
    if (taken !== undefined) return taken;
    const { name, days = 0 } = part;
    const parameter = parameters.find((each) => each.name === name);
    if (parameter !== undefined)
      return {
        type: parameter.type,
        value: values[name],
        isData: false,
        refuse: (fault) => invalidParameter(parameter, fault),
      };
    if (!isComputed(name)) throw new Error(`a template that was never checked: {${name}}`);
    const { facts } = context;
    return dataLooked(name, TEXT, facts === undefined ? STAND_IN : computedValue(name, days, facts));
  };

const plain = (value: ParameterValue | undefined): string =>
  typeof value === 'object' ? value.join(',') : String(value ?? '');

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

const cannotStand = (text: string, slashes: boolean): string => {
  if (text === '') return 'is empty, and an address needs it.';
  if (slashes) return 'cannot be used in an address: one of its parts is empty, "." or "..", or hides one.';
  const [odd] = /[/\\]/.exec(text) ?? [];
  if (odd === undefined) return 'cannot be used in an address.';
  const way = odd === '/' ? ' The gadget may allow slashes with “as path” or “as segment”.' : '';
  return `cannot be used in an address, since it has the character "${odd}".${way}`;
};

const expandSegment = ({ text: template, parts }: Template, lookup: Lookup): string => {
  if (!template.includes('{')) return template;
  let asRead = '';
  let written = '';
  let last: Looked | undefined;
  for (const part of parts) {
    if (part.kind === 'literal') {
      asRead += decoded(part.text);
      written += part.text;
      continue;
    }
    const looked = lookup(part);
    const text = plain(looked.value);
    const pieces = part.as === undefined ? [text] : text.split('/');
    if (pieces.some(leavesItsPlace)) throw looked.refuse(cannotStand(text, part.as !== undefined));
    // Slashes are judged piece by piece; beside literals of the same segment they are one reading.
    asRead += pieces.join('-');
    written += pieces.map(encodeURIComponent).join(part.as === 'path' ? '/' : '%2F');
    last = looked;
  }
  if (last !== undefined && leavesItsPlace(asRead)) throw last.refuse('cannot be used in an address.');
  return written;
};

/**
 * A value as a query language needs it: lists with commas, everything else by its type. Of a list out of an answer what the language
 * cannot write is left out.
 */
const inLanguage = (name: string, { type, value, isData, refuse }: Looked): string => {
  if (value === undefined) return '';
  const language = languageNamed(name);
  const scalar = type.kind === 'list' ? type.of : type;
  const items = typeof value === 'object' ? value : [value];
  const texts: string[] = [];
  for (const item of items) {
    const written = language.write(item, scalar);
    if (written !== undefined) texts.push(written);
    else if (!isData || type.kind !== 'list') throw refuse(`${JSON.stringify(item)} ${language.unwritable}`);
  }
  if (texts.length === 0 && items.length > 0) throw refuse(language.unwritable);
  return texts.join(',');
};

/** A template's text with its values; undefined when a value without text before it is missing. */
const expandText = (template: Template, language: string | null, lookup: Lookup): string | undefined => {
  let written = '';
  for (const part of template.parts) {
    if (part.kind === 'literal') {
      written += part.text;
      continue;
    }
    const looked = lookup(part);
    const text = language === null ? plain(looked.value) : inLanguage(language, looked);
    if (text !== '') written += part.before + text;
    else if (part.before === '') return undefined;
  }
  return written;
};

const expandQuery = ({ template, language }: QueryField, lookup: Lookup): string | undefined =>
  expandText(template, language, lookup);

/** A text with places for parameters and computed values, as `where` has them; undefined when one has no value. */
export const expandCompared = (
  gadget: Pick<Gadget, 'parameters'>,
  template: Template,
  values: ParameterValues,
  facts: Facts,
): string | undefined => {
  const none = { inputs: { given: [], each: null, when: [], narrow: [], needs: [] } };
  return expandText(template, null, lookupIn(gadget, none, values, { facts }));
};

/**
 * Expands a checked plan's path and query. The path keeps its segments whatever the values are; a query parameter is left out when a plain
 * `{name}` of it has no value. Throws `parameter_invalid` for a parameter that cannot stand where it would, and `UnusableValue` for a value
 * of another answer.
 */
export const expandRequest = (
  gadget: Pick<Gadget, 'parameters'>,
  request: Expanded,
  values: ParameterValues,
  context: Context = {},
): Target => {
  const lookup = lookupIn(gadget, request, values, context);
  const path = request.path.segments.map((segment) => expandSegment(segment, lookup)).join('/');
  const query = new URLSearchParams();
  for (const field of request.query) {
    const value = expandQuery(field, lookup);
    if (value !== undefined) query.append(field.name, value);
  }
  const search = query.toString();
  const target = search === '' ? path : `${path}?${search}`;
  if (request.body === null) return { target, prefix: request.path.prefix };
  const body = bodyText(request.body, {
    value: (part) => lookup(part).value,
    text: (language, { template }) => expandText(template, language, lookup),
  });
  return { target, prefix: request.path.prefix, body };
};

/**
 * The same below a provider's `api`, checked once more as the URL that will be called: its origin is the provider's, and its path
 * starts with the `api`'s and the definition's literal prefix (returned, of the whole path).
 */
export const resolveTarget = (
  api: string,
  gadget: Pick<Gadget, 'parameters'>,
  request: Expanded,
  values: ParameterValues,
  context: Context = {},
): Target => {
  const { target, prefix, body } = expandRequest(gadget, request, values, context);
  const base = baseIn(api);
  const wholePrefix = base.pathname.replace(/\/$/, '') + prefix;
  const url = new URL(api.replace(/\/$/, '') + target);
  if (url.origin !== base.origin || !url.pathname.startsWith(wholePrefix)) {
    throw new AppError('parameter_invalid', 'The parameters lead to an address outside the gadget’s own.');
  }
  return { target, prefix: wholePrefix, ...(body !== undefined && { body }) };
};
