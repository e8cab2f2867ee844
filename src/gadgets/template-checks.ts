import type {
  BodyValue,
  Given,
  Parameter,
  ParameterType,
  QueryField,
  RequestPlan,
  TemplatePart,
} from '../domain/gadget.js';
import { languageNamed, languageOfField } from './languages/registry.js';
import type { Mistake } from './manifest.js';
import { bodyLeaves } from './request-body.js';
import { COMPUTED, isComputed, parseTemplate } from './template-parts.js';
import { typeName } from './value-types.js';

type Finding = Omit<Mistake, 'path'>;
type Expansion = TemplatePart & { readonly kind: 'value' };

/** A value that templates may name: a parameter, or one taken from an answer, an item's or a computed one. */
interface KnownValue {
  readonly type: ParameterType | null;
  /** Whether it has a value whenever the request is made. */
  readonly surely: boolean;
  /** What it may be, where that is known. */
  readonly values: readonly string[];
  readonly of: Parameter | Given | null;
}

interface Known {
  readonly parameters: readonly Parameter[];
  readonly inputs: RequestPlan['inputs'];
}

const EXAMPLE = '/projects/{project}/cards.xml';

const BRACES: Finding = {
  problem: 'a brace is not part of an expansion',
  expected: 'each { opens an expansion such as {name} and each } closes one',
  example: EXAMPLE,
};

const PATH: Finding = {
  problem: 'this is not a path below the API',
  expected:
    'a path that starts with /, of characters that a URL may have there, without ".", ".." or empty segments',
  example: EXAMPLE,
};

const LITERAL = /^(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*$/;

const hasOddSegment = (path: string): boolean =>
  path
    .slice(1)
    // Some APIs want a slash at the end.
    .replace(/(?<=[^/])\/$/, '')
    .split('/')
    .some((segment) => /^(?:|\.|\.\.|.*%(?:00|25|2e|2f|5c).*)$/i.test(segment));

const valuesOf = ({ type, default: fallback }: Parameter): readonly string[] => {
  const scalar = type.kind === 'list' ? type.of : type;
  if (scalar.kind === 'choice') return scalar.values;
  return typeof fallback === 'string' ? [fallback] : [];
};

const knownParameter = (parameter: Parameter, when: readonly string[]): KnownValue => ({
  type: parameter.type,
  surely:
    when.includes(parameter.name) ||
    (parameter.type.kind !== 'list' && (parameter.required || parameter.default !== null)),
  values: valuesOf(parameter),
  of: parameter,
});

/** What a name stands for; undefined for one that is known nowhere. */
const valueNamed = (name: string, { parameters, inputs }: Known): KnownValue | undefined => {
  if (inputs.each?.as === name) return { type: null, surely: true, values: [], of: null };
  const given = inputs.given.find((each) => each.name === name);
  if (given !== undefined) return { type: given.type, surely: given.required, values: [], of: given };
  const parameter = parameters.find((each) => each.name === name);
  if (parameter !== undefined) return knownParameter(parameter, inputs.when);
  return isComputed(name) ? { type: null, surely: true, values: [], of: null } : undefined;
};

const nounOf = ({ of }: KnownValue): string =>
  of === null ? 'this value' : `the ${'title' in of ? 'parameter' : 'value'} "${of.name}"`;

const surely = (value: KnownValue, name: string): Finding => ({
  problem: `${nounOf(value)} may have no value here`,
  expected:
    value.of !== null && !('title' in value.of)
      ? 'a value that is required, or a literal written before it'
      : value.type?.kind === 'list'
        ? 'a list is named in the request\'s "when", or written with a literal before it'
        : 'the parameter is required, has a default, or is named in the request\'s "when"',
  example: value.of !== null && !('title' in value.of) ? 'required: true' : `when: [${name}]`,
});

const slashed = (value: KnownValue, name: string): Finding => ({
  problem: `${nounOf(value)} may hold the character "/", which ends a segment of a path`,
  expected:
    'a value without slashes, or one that says what becomes of them: kept (path) or encoded (segment)',
  example: `{${name} as path}`,
});

const inPath = (value: KnownValue, part: Expansion, segment: readonly TemplatePart[]): Finding | null => {
  const { type } = value;
  if (part.before !== '') return BRACES;
  if (type?.kind === 'list' || type?.kind === 'conditions')
    return {
      problem: `${nounOf(value)} is of type ${typeName(type)}`,
      expected: 'a path has single values only; lists and conditions belong into the query',
      example: EXAMPLE,
    };
  if (part.as === 'path' && segment.length > 1)
    return {
      problem: `{${part.name} as path} stands beside other text in its segment`,
      expected: 'a value that holds slashes between two slashes of its own',
      example: `/files/{${part.name} as path}/raw`,
    };
  if (part.as === undefined && value.values.some((each) => /[/\\]/.test(each)))
    return slashed(value, part.name);
  return value.surely ? null : surely(value, part.name);
};

const inQuery = (value: KnownValue, part: Expansion, language: string | null): Finding | null => {
  if (part.as !== undefined)
    return {
      problem: `"as ${part.as}" does nothing outside a path`,
      expected: 'the name alone: a query encodes every value',
      example: `{${part.name}}`,
    };
  return language === null || part.before !== '' || value.surely ? null : surely(value, part.name);
};

const unknown = ({ name, before }: Expansion, { parameters, inputs }: Known): Finding => {
  const [root = ''] = name.includes('.') ? name.split('.') : (/[a-z][a-z0-9-]*(?=\.$)/.exec(before) ?? []);
  if (root !== '')
    return {
      problem: `nothing that has parts is called "${root}" here`,
      expected: 'the name that "each" gives to its items, or a computed value',
      example: [...COMPUTED, 'facts.cloud'].map((each) => `{${each}}`).join(' '),
    };
  const known = [
    ...parameters.map((each) => each.name),
    ...inputs.given.map((each) => each.name),
    ...(inputs.each === null ? [] : [`${inputs.each.as}.…`]),
  ];
  return {
    problem: `the gadget has no parameter "${name}"`,
    expected: known.length === 0 ? 'its parameters are declared first' : 'one of the parameters it declares',
    example: known.map((each) => `{${each}}`).join(' ') || null,
  };
};

const expansions = (
  parts: readonly TemplatePart[] | undefined,
  known: Known,
  judge: (value: KnownValue, part: Expansion) => Finding | null,
): readonly Finding[] => {
  if (parts === undefined) return [BRACES];
  return parts.flatMap((part) => {
    if (part.kind === 'literal') return [];
    const value = valueNamed(part.name, known);
    const finding = value === undefined ? unknown(part, known) : judge(value, part);
    return finding === null ? [] : [finding];
  });
};

const rootsOf = ({ inputs }: Known): readonly string[] => (inputs.each === null ? [] : [inputs.each.as]);

const pathFindings = (path: string, known: Known): readonly Finding[] => {
  const literals = path.replace(/\{[^{}]*\}/g, 'x');
  const shaped = path.startsWith('/') && LITERAL.test(literals) && !hasOddSegment(literals);
  const found =
    parseTemplate(path, rootsOf(known)) === undefined
      ? [BRACES]
      : path.split('/').flatMap((segment) => {
          const parts = parseTemplate(segment, rootsOf(known));
          return expansions(parts, known, (value, part) => inPath(value, part, parts ?? []));
        });
  return shaped || found.includes(BRACES) ? found : [PATH, ...found];
};

const CLOSED = new Set(['integer', 'boolean', 'identifier', 'date', 'choice']);

/** A value that stands unquoted beside other text, in a field that is known to be read as a query: it could widen what the rest narrows. */
const unquotedFindings = (
  { name, template, language }: QueryField,
  path: string,
  known: Known,
): readonly Finding[] => {
  const expected = language === null ? languageOfField(name, path) : null;
  const parts = parseTemplate(template.text, rootsOf(known)) ?? [];
  if (expected === null || parts.length < 2) return [];
  return parts.flatMap((part) => {
    if (part.kind === 'literal') return [];
    const type = valueNamed(part.name, known)?.type ?? null;
    const kind = type?.kind === 'list' ? type.of.kind : (type?.kind ?? 'text');
    if (CLOSED.has(kind) || (type === null && isComputed(part.name))) return [];
    return [
      {
        problem: `{${part.name}} stands unquoted in a query in ${languageNamed(expected).title}`,
        expected:
          'the query in its language, which quotes each value: a text such as x" OR y must not widen it',
        example: `${name}: { ${expected}: … }`,
      },
    ];
  });
};

const queryFindings = ({ template, language }: QueryField, known: Known): readonly Finding[] =>
  expansions(parseTemplate(template.text, rootsOf(known)), known, (value, part) =>
    inQuery(value, part, language),
  );

const inBody = (value: KnownValue): Finding | null =>
  value.type?.kind === 'conditions'
    ? {
        problem: `${nounOf(value)} is of type ${typeName(value.type)}`,
        expected: 'conditions stand in a text in their language',
        example: `{ ${typeName(value.type)}: "…" }`,
      }
    : null;

/** A text of a body that pastes values into other text, which is then read by who knows what rules. */
const pastedFindings = (text: string, known: Known): readonly Finding[] =>
  [...text.matchAll(/\{[^{}]+\}/g)].flatMap(([expansion]) => {
    const [part] = parseTemplate(expansion, rootsOf(known)) ?? [];
    return part?.kind === 'value' && valueNamed(part.name, known) !== undefined
      ? [
          {
            problem: `${expansion} is pasted into a text`,
            expected: 'the value alone, or a text in a query language, which quotes it',
            example: `"${expansion}"`,
          },
        ]
      : [];
  });

const bodyFindings = (value: BodyValue, known: Known): readonly Finding[] => {
  if (value.kind === 'value') return expansions([value.part], known, inBody);
  if (value.kind === 'text') return queryFindings({ name: '', ...value }, known);
  return value.kind === 'plain' && typeof value.value === 'string' ? pastedFindings(value.value, known) : [];
};

/** What is wrong with a text that is compared with an answer's value. */
export const comparedFindings = (text: string, parameters: readonly Parameter[]): readonly Finding[] => {
  const known = { parameters, inputs: { when: [], narrow: [], given: [], each: null, needs: [] } };
  return expansions(parseTemplate(text), known, (value, part) => inQuery(value, part, null));
};

/** Every fault of a request's templates, so that none is left to be found while a viewer waits. */
export const templateFaults = (
  parameters: readonly Parameter[],
  request: Pick<RequestPlan, 'path' | 'query' | 'inputs' | 'body' | 'isGraphql'>,
): readonly Mistake[] => {
  const known = { parameters, inputs: request.inputs };
  return [
    ...pathFindings(request.path.text, known).map((finding) => ({ path: ['path'], ...finding })),
    ...request.query.flatMap((field) =>
      [...queryFindings(field, known), ...unquotedFindings(field, request.path.text, known)].map(
        (finding) => ({
          path: ['query', field.name],
          ...finding,
        }),
      ),
    ),
    ...(request.body === null
      ? []
      : bodyLeaves(request.body)
          // A GraphQL query is full of braces, and has no values in it.
          .filter(({ path }) => !request.isGraphql || path[0] === 'variables')
          .flatMap(({ path, value }) =>
            bodyFindings(value, known).map((finding) => ({
              path: request.isGraphql ? path : ['body', ...path],
              ...finding,
            })),
          )),
  ];
};
