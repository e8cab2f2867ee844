import type { Gadget, Parameter, RequestPlan } from '../domain/gadget.js';
import { answerMistakes } from './answer-checks.js';
import type { Mistake } from './manifest.js';
import { templateFaults } from './template-checks.js';

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

const requestMistakes = (gadget: Gadget, request: RequestPlan): readonly Mistake[] => [
  ...templateFaults(gadget.parameters, request).map(({ path, ...words }) => ({
    path: ['requests', request.name, ...path],
    ...words,
  })),
  ...whenMistakes(gadget, request),
  ...narrowMistakes(gadget, request),
  ...answerMistakes(gadget, request),
];

/** What a well-formed definition gets wrong: names that lead nowhere, templates that cannot be expanded, circles. */
export const mistakesOf = (gadget: Gadget): readonly Mistake[] => [
  ...gadget.parameters.flatMap(parameterMistakes),
  ...gadget.requests.flatMap((request) => requestMistakes(gadget, request)),
];
