import type { Fault } from '../domain/fault.js';
import type { GadgetRequest, Parameter } from '../domain/gadget.js';
import { type Part, parseTemplate } from './template.js';

/** What is wrong in one request; file and line are known to whoever reads the definition. */
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
