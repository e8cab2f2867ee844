import type { Gadget, Parameter, QueryField, RequestPlan, TemplatePart } from '../domain/gadget.js';
import type { Mistake } from './manifest.js';
import { typeName } from './parameters.js';
import { parseTemplate } from './request-plan.js';

const RESERVED = new Set(
  (
    'id class style title lang host gadget token token-url theme locale time-zone height doctor slot hidden dir role ' +
    'tabindex part is nonce inert popover translate ground'
  ).split(' '),
);

/** Names that the host element's attributes have already (HTML's own and ours), so that no host page could give them. */
const isReserved = (name: string): boolean => RESERVED.has(name) || /^(data-|aria-|on)/.test(name);

const names = (things: readonly { readonly name: string }[]): string | null =>
  things.map(({ name }) => name).join(', ') || null;

const parameterMistakes = ({ name, type }: Parameter): readonly Mistake[] => {
  const mistakes: Mistake[] = [];
  if (isReserved(name)) {
    mistakes.push({
      path: ['parameters', name],
      problem: `the name "${name}" is reserved for an attribute of the host element`,
      expected:
        'a name that is no attribute of HTML or of <oriel-gadget>, and does not begin with data-, aria- or on',
      example: `my-${name}`,
    });
  }
  const scalar = type.kind === 'list' ? type.of : type;
  if (scalar.kind === 'integer' && scalar.min > scalar.max) {
    mistakes.push({
      path: ['parameters', name],
      problem: 'no number is at least `min` and at most `max`',
      expected: '`min` not greater than `max`',
      example: 'min: 1',
    });
  }
  return mistakes;
};

type Finding = Omit<Mistake, 'path'>;
interface Known {
  readonly parameters: readonly Parameter[];
  readonly when: readonly string[];
}
type Expansion = TemplatePart & { readonly kind: 'value' };

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
  const { type } = parameter;
  if (part.before !== '') return BRACES;
  if (type.kind !== 'list' && type.kind !== 'conditions')
    return alwaysHasValue(parameter, known) ? null : surely(parameter);
  return {
    problem: `the parameter "${parameter.name}" is of type ${typeName(type)}`,
    expected: 'a path has single values only; lists and conditions belong into the query',
    example: EXAMPLE,
  };
};

const inLanguage = (parameter: Parameter, part: Expansion, known: Known): Finding | null =>
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

const queryFindings = ({ template, language }: QueryField, known: Known): readonly Finding[] =>
  expansions(template.text, known, (parameter, part) =>
    language !== null ? inLanguage(parameter, part, known) : null,
  );

/** Every fault of a request's templates, so that none is left to be found while a viewer waits. */
export const templateFaults = (
  parameters: readonly Parameter[],
  request: Pick<RequestPlan, 'path' | 'query' | 'inputs'>,
): readonly Mistake[] => {
  const known = { parameters, when: request.inputs.when };
  return [
    ...pathFindings(request.path.text, known).map((finding) => ({ path: ['path'], ...finding })),
    ...request.query.flatMap((field) =>
      queryFindings(field, known).map((finding) => ({ path: ['query', field.name], ...finding })),
    ),
  ];
};

const whenMistakes = (gadget: Gadget, request: RequestPlan): readonly Mistake[] =>
  request.inputs.when.flatMap((name, index) =>
    gadget.parameters.some((parameter) => parameter.name === name)
      ? []
      : [
          {
            path: ['requests', request.name, 'when', index],
            problem: `the gadget has no parameter "${name}"`,
            expected: 'one of the parameters it declares',
            example: names(gadget.parameters),
          },
        ],
  );

const narrowMistakes = (gadget: Gadget, request: RequestPlan): readonly Mistake[] =>
  request.inputs.narrow.flatMap((narrowing): readonly Mistake[] => {
    const path = ['requests', request.name, 'narrow', narrowing.parameter];
    const { type } = gadget.parameters.find(({ name }) => name === narrowing.parameter) ?? {};
    const source = gadget.requests.find(({ name }) => name === narrowing.request);
    const mistakes: Mistake[] = [];
    if (type?.kind !== 'list' || (type.of.kind !== 'text' && type.of.kind !== 'identifier')) {
      const lists = gadget.parameters.filter((parameter) => parameter.type.kind === 'list');
      mistakes.push({
        path,
        problem: `"${narrowing.parameter}" is no parameter that is a list of texts`,
        expected: 'the name of such a parameter',
        example: names(lists),
      });
    }
    if (source === undefined || source === request) {
      mistakes.push({
        path: [...path, 'request'],
        problem: `the gadget has no other request "${narrowing.request}"`,
        expected: 'one of its other requests',
        example: names(gadget.requests.filter((other) => other !== request)),
      });
      return mistakes;
    }
    const missing = source.inputs.when.filter(
      (name) => name !== narrowing.parameter && !request.inputs.when.includes(name),
    );
    if (missing.length > 0) {
      mistakes.push({
        path: [...path, 'request'],
        problem: `"${source.name}" is not made without ${missing.join(', ')}, and this request is`,
        expected: 'a request that is made whenever this one is',
        example: `when: [${[...request.inputs.when, ...missing].join(', ')}]`,
      });
    }
    return mistakes;
  });

const waitsForItself = (gadget: Gadget, request: RequestPlan): boolean => {
  const reached = new Set<string>();
  const reach = (name: string): void => {
    if (reached.has(name)) return;
    reached.add(name);
    for (const { request: next } of gadget.requests.find((each) => each.name === name)?.inputs.narrow ?? [])
      reach(next);
  };
  for (const { request: next } of request.inputs.narrow) if (next !== request.name) reach(next);
  return reached.has(request.name);
};

const requestMistakes = (gadget: Gadget, request: RequestPlan): readonly Mistake[] => [
  ...templateFaults(gadget.parameters, request).map(({ path, ...words }) => ({
    path: ['requests', request.name, ...path],
    ...words,
  })),
  ...whenMistakes(gadget, request),
  ...narrowMistakes(gadget, request),
  ...(waitsForItself(gadget, request)
    ? [
        {
          path: ['requests', request.name, 'narrow'],
          problem: 'this request waits for an answer that waits for this one',
          expected: 'requests that wait for each other in one direction only',
          example: null,
        },
      ]
    : []),
];

/** What a well-formed definition gets wrong: names that lead nowhere, templates that cannot be expanded, circles. */
export const mistakesOf = (gadget: Gadget): readonly Mistake[] => [
  ...gadget.parameters.flatMap(parameterMistakes),
  ...gadget.requests.flatMap((request) => requestMistakes(gadget, request)),
];
