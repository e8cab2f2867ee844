import type { Connection } from '../domain/connection.js';
import type { Gadget, GadgetRequest, ParameterValue, ParameterValues } from '../domain/gadget.js';
import type { Obstacle, RenderRequest } from '../domain/rendering.js';
import { narrow } from '../gadgets/narrowing.js';
import { isWanted } from '../gadgets/template.js';
import { type Called, type CallPorts, callerFor, type DataOutcome } from './caller.js';
import { foremost } from './obstacles.js';

/** A provider's answers were asked for with this Connection, as it was then, where its record led then. */
export interface Source {
  readonly provider: string;
  readonly api: string;
  readonly connection: Connection;
}

/** All that a gadget's requests came to. */
export interface Gathered {
  readonly sources: readonly Source[];
  /** The obstacle that takes the place of the gadget, when a required answer is missing. */
  readonly obstacle: Obstacle | null;
  readonly answers: ReadonlyMap<string, DataOutcome>;
  /** Why optional answers are missing; each reason once. */
  readonly missing: readonly Obstacle[];
  /** As given, but lists have only the items that the provider knows. */
  readonly parameters: ParameterValues;
  readonly unknown: Readonly<Record<string, readonly string[]>>;
}

/** What became of one request; `called` is null when it was not wanted. */
interface Settled {
  readonly request: GadgetRequest;
  readonly called: Called | null;
  readonly narrowed: Readonly<Record<string, readonly string[]>>;
  readonly unknown: Readonly<Record<string, readonly string[]>>;
}

type Lists = Record<string, readonly string[]>;

/** Makes the wanted requests, all at once but for those that need another's answer. */
export const gather = async (ports: CallPorts, question: RenderRequest): Promise<Gathered> => {
  const { gadget } = question;
  // Without a prototype: a parameter may be called `constructor`.
  const parameters: ParameterValues = Object.assign(Object.create(null), question.parameters);
  const call = callerFor(ports, gadget, question.viewer);
  const running = new Map<string, Promise<Settled>>();

  const settle = (request: GadgetRequest): Promise<Settled> => {
    const known = running.get(request.name) ?? run(request);
    running.set(request.name, known);
    return known;
  };

  const run = async (request: GadgetRequest): Promise<Settled> => {
    const narrowed: Lists = Object.create(null);
    const unknown: Lists = Object.create(null);
    const unmade = { request, called: null, narrowed, unknown };
    if (!isWanted(request, parameters)) return unmade;
    const needed = await Promise.all(
      request.narrow.map(({ request: name }) => settle(requestNamed(gadget, name))),
    );
    for (const [index, { called }] of needed.entries()) {
      const narrowing = request.narrow[index];
      if (called === null || narrowing === undefined) continue;
      if ('obstacle' in called) return { ...unmade, called };
      const { parameter, path } = narrowing;
      const split = narrow(narrowed[parameter] ?? parameters[parameter], called.answer.data, path);
      narrowed[parameter] = split.known;
      unknown[parameter] = [...(unknown[parameter] ?? []), ...split.unknown];
    }
    const values: ParameterValues = Object.assign(Object.create(null), parameters, narrowed);
    if (!isWanted(request, values)) return unmade;
    return { request, called: await call(request, values), narrowed, unknown };
  };

  return judged(parameters, await Promise.all(gadget.requests.map(settle)));
};

const requestNamed = (gadget: Gadget, name: string): GadgetRequest => {
  const request = gadget.requests.find((each) => each.name === name);
  if (request === undefined) throw new Error(`a definition that was never checked: request ${name}`);
  return request;
};

const once = (obstacles: readonly Obstacle[]): readonly Obstacle[] => [
  ...new Map(obstacles.map((obstacle) => [JSON.stringify(obstacle), obstacle])).values(),
];

const judged = (parameters: ParameterValues, settled: readonly Settled[]): Gathered => {
  const sources: Source[] = [];
  const answers = new Map<string, DataOutcome>();
  const required: Obstacle[] = [];
  const optional: Obstacle[] = [];
  const values: Record<string, ParameterValue> = Object.assign(Object.create(null), parameters);
  const unknown: Lists = Object.create(null);
  for (const { request, called, ...lists } of settled) {
    Object.assign(values, lists.narrowed);
    Object.assign(unknown, lists.unknown);
    if (called === null) continue;
    const { provider, name } = request;
    if (called.connection !== null)
      sources.push({ provider, api: called.api, connection: called.connection });
    if ('answer' in called) answers.set(name, called.answer);
    else (request.required ? required : optional).push(called.obstacle);
  }
  return {
    sources,
    obstacle: foremost(required) ?? null,
    answers,
    missing: once(optional),
    parameters: Object.freeze(values),
    unknown: Object.freeze(unknown),
  };
};
