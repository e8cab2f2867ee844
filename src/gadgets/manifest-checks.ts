import type { Each, Gadget, Given, Parameter, RequestPlan } from '../domain/gadget.js';
import { patternFault } from '../views/patterns.js';
import type { Mistake } from './manifest.js';
import { MOST_PAGES } from './request-schema.js';
import { comparedFindings, templateFaults } from './template-checks.js';

/** The way from a request over those it waits for back to itself, by name; null where there is none. What names itself is another mistake. */
const circleFrom = (gadget: Gadget, request: RequestPlan): readonly string[] | null => {
  const visited = new Set<string>();
  const walk = (name: string, way: readonly string[]): readonly string[] | null => {
    const next = gadget.requests.find((each) => each.name === name);
    for (const needed of next?.inputs.needs ?? []) {
      if (needed === name || visited.has(needed)) continue;
      if (needed === request.name) return [...way, needed];
      visited.add(needed);
      const found = walk(needed, [...way, needed]);
      if (found !== null) return found;
    }
    return null;
  };
  return walk(request.name, [request.name]);
};

const sourceMistakes = (
  gadget: Gadget,
  request: RequestPlan,
  { request: source }: Given | Each,
  path: Mistake['path'],
): readonly Mistake[] => {
  const others = gadget.requests.filter((other) => other.name !== request.name).map(({ name }) => name);
  return others.includes(source)
    ? []
    : [
        {
          path,
          problem: `the gadget has no other request "${source}"`,
          expected: 'one of its other requests',
          example: others.join(', ') || null,
        },
      ];
};

const namedTwice = (name: string, path: Mistake['path']): Mistake => ({
  path,
  problem: `another value is called "${name}" already`,
  expected: 'a name that is neither a parameter’s nor another value’s',
  example: `the-${name}`,
});

const nameMistakes = (gadget: Gadget, name: string, path: Mistake['path']): readonly Mistake[] =>
  gadget.parameters.some((parameter) => parameter.name === name) ? [namedTwice(name, path)] : [];

const matchMistakes = (gadget: Gadget, { match }: Given, path: Mistake['path']): readonly Mistake[] => {
  if (match === null) return [];
  if ('pattern' in match) {
    const fault = patternFault(match.pattern);
    return fault === null
      ? []
      : [
          {
            path: [...path, 'match'],
            problem: `this pattern cannot be used: ${fault}`,
            expected: 'a pattern in RE2 syntax, without look-around and backreferences',
            example: '#(\\d+)',
          },
        ];
  }
  const texts = gadget.parameters.filter(({ type }) => type.kind === 'text' || type.kind === 'choice');
  if (texts.some(({ name }) => name === match.parameter)) return [];
  return [
    {
      path: [...path, 'match'],
      problem: `"${match.parameter}" is no parameter that holds a pattern`,
      expected: 'the name of a parameter of type text or choice',
      example: texts.map(({ name }) => `{${name}}`).join(' ') || null,
    },
  ];
};

const givenMistakes = (gadget: Gadget, request: RequestPlan, given: Given): readonly Mistake[] => {
  const path = ['requests', request.name, 'given', given.name];
  const { where, unique, type } = given;
  return [
    ...nameMistakes(gadget, given.name, path),
    ...sourceMistakes(gadget, request, given, [...path, 'from']),
    ...where.flatMap(({ path: at, oneOf }) =>
      oneOf.flatMap((value) =>
        typeof value === 'object' && value !== null
          ? comparedFindings(value.text, gadget.parameters).map((finding) => ({
              path: [...path, 'where', at],
              ...finding,
            }))
          : [],
      ),
    ),
    ...matchMistakes(gadget, given, path),
    ...(unique && type.kind !== 'list'
      ? [
          {
            path: [...path, 'unique'],
            problem: 'this does nothing for a single value',
            expected: '`atMost` beside it, which makes the value a list',
            example: 'atMost: 50',
          },
        ]
      : []),
  ];
};

const eachMistakes = (gadget: Gadget, request: RequestPlan): readonly Mistake[] => {
  const { each, given } = request.inputs;
  if (each === null) return [];
  const path = ['requests', request.name, 'each'];
  return [
    ...nameMistakes(gadget, each.as, [...path, 'as']),
    ...(given.some(({ name }) => name === each.as) ? [namedTwice(each.as, [...path, 'as'])] : []),
    ...(each.given === null
      ? sourceMistakes(gadget, request, each, [...path, 'of'])
      : given
          .filter(({ name, type }) => name === each.given && type.kind !== 'list')
          .map(({ name }) => ({
            path: [...path, 'of'],
            problem: `the value "${name}" is a single one`,
            expected: 'a list: `atMost` beside `from` in `given`',
            example: 'atMost: 20',
          }))),
  ];
};

/** Which key of a request makes it wait for this other one. */
const waitsBy = ({ inputs }: RequestPlan, other: string): Mistake['path'] => {
  const given = inputs.given.find(({ request }) => request === other);
  if (given !== undefined) return ['given', given.name, 'from'];
  return inputs.each?.request === other ? ['each', 'of'] : ['narrow'];
};

const circleMistakes = (gadget: Gadget, request: RequestPlan): readonly Mistake[] => {
  const circle = circleFrom(gadget, request);
  if (circle === null) return [];
  const [first = '', second = '', ...rest] = circle;
  return [
    {
      path: ['requests', first, ...waitsBy(request, second)],
      problem: `"${first}" waits for "${second}"${rest.map((name) => `, which waits for "${name}"`).join('')}`,
      expected: 'requests that wait for each other in one direction only',
      example: null,
    },
  ];
};

/** What is wrong with how values flow from one request's answer into another. */
export const answerMistakes = (gadget: Gadget, request: RequestPlan): readonly Mistake[] => [
  ...request.inputs.given.flatMap((given) => givenMistakes(gadget, request, given)),
  ...eachMistakes(gadget, request),
  ...circleMistakes(gadget, request),
];

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

/** A parameter that says how many pages are read, where it cannot. */
const pagesMistakes = (gadget: Gadget, { name: request, answer }: RequestPlan): readonly Mistake[] => {
  const name = answer.pages?.upTo;
  if (name === undefined) return [];
  const { type } = gadget.parameters.find((each) => each.name === name) ?? {};
  if (type?.kind === 'integer' && type.min >= 1 && type.max <= MOST_PAGES) return [];
  return [
    {
      path: ['requests', request, 'pages', 'atMost'],
      problem: `"${name}" is no parameter that is a whole number from 1 to at most ${MOST_PAGES}`,
      expected: 'a number of pages, or the name of such a parameter',
      example: `parameters: { ${name}: { title: Pages, type: integer, min: 1, max: 5, default: 1, viewer: more } }`,
    },
  ];
};

/** A button that shows more needs pages that it bounds, and a value to begin with. */
const viewerMistakes = ({ parameters, requests }: Gadget): readonly Mistake[] =>
  parameters.flatMap(({ name, viewer, default: value }): readonly Mistake[] => {
    if (viewer !== 'more') return [];
    const isBound = requests.some(({ answer }) => answer.pages?.upTo === name);
    if (isBound && value !== null) return [];
    return [
      {
        path: ['parameters', name, 'viewer'],
        problem: isBound
          ? 'a button that shows more needs a default to begin with'
          : `no request has "{${name}}" as the \`atMost\` of its pages, so the button would show nothing more`,
        expected: isBound ? 'a default beside it' : 'pages that this parameter bounds',
        example: isBound ? 'default: 1' : `pages: { by: link, atMost: "{${name}}" }`,
      },
    ];
  });

const requestMistakes = (gadget: Gadget, request: RequestPlan): readonly Mistake[] => [
  ...templateFaults(gadget.parameters, request).map(({ path, ...words }) => ({
    path: ['requests', request.name, ...path],
    ...words,
  })),
  ...whenMistakes(gadget, request),
  ...narrowMistakes(gadget, request),
  ...answerMistakes(gadget, request),
  ...pagesMistakes(gadget, request),
];

/** What a well-formed definition gets wrong: names that lead nowhere, templates that cannot be expanded, circles. */
export const mistakesOf = (gadget: Gadget): readonly Mistake[] => [
  ...gadget.parameters.flatMap(parameterMistakes),
  ...viewerMistakes(gadget),
  ...gadget.requests.flatMap((request) => requestMistakes(gadget, request)),
];
