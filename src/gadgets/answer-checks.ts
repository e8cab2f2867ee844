import type { Each, Gadget, Given, RequestPlan } from '../domain/gadget.js';
import { patternFault } from '../views/patterns.js';
import type { Mistake } from './manifest.js';
import { comparedFindings } from './template-checks.js';

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
    ...sourceMistakes(gadget, request, each, [...path, 'of']),
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
