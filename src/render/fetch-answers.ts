import type { Connection } from '../domain/connection.js';
import type { Gadget, ParameterValue, ParameterValues, RequestPlan } from '../domain/gadget.js';
import type { Obstacle, RenderRequest } from '../domain/rendering.js';
import type { Clock } from '../domain/system.js';
import { narrow } from '../gadgets/answer-values.js';
import { isWanted } from '../gadgets/request-plan.js';
import { foremost } from './obstacles.js';
import { type CallDeps, type Called, type DataOutcome, ProviderCalls } from './provider-calls.js';
import { type LimitCode, RENDER_LIMITS, RenderBudget, type RenderLimits } from './render-limits.js';

export interface FetchDeps extends CallDeps {
  readonly clock: Pick<Clock, 'sleep'>;
  /** The bounds of one rendering, where they are not the usual. */
  readonly renderLimits?: RenderLimits;
}

/** A provider's answers were asked for with this Connection, as it was then, where its record led then. */
export interface Source {
  readonly provider: string;
  readonly api: string;
  readonly connection: Connection;
}

/** All that a gadget's requests came to. */
export interface Fetched {
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

type Lists = Record<string, readonly string[]>;

/** What became of one request; `called` is null when it was not wanted. */
interface Settled {
  readonly request: RequestPlan;
  readonly called: Called | null;
  readonly narrowed: Readonly<Lists>;
  readonly unknown: Readonly<Lists>;
}

/** One rendering's requests while they are made. */
interface Run {
  readonly gadget: Gadget;
  readonly parameters: ParameterValues;
  readonly calls: ProviderCalls;
  readonly budget: RenderBudget;
  /** By name; started once, however many others need the answer. */
  readonly started: Map<string, Promise<Settled>>;
}

/**
 * Makes a gadget's requests as its viewer: all that are wanted at once, but for those that need another's answer, within the limits of
 * the rendering. Throws `parameter_invalid` where the stored parameters no longer fit the definition.
 */
export async function fetchAnswers(deps: FetchDeps, request: RenderRequest): Promise<Fetched> {
  const { gadget, viewer } = request;
  const run: Run = {
    gadget,
    // Without a prototype: a parameter may be called `constructor`.
    parameters: Object.assign(Object.create(null), request.parameters),
    calls: new ProviderCalls(deps, gadget, viewer),
    budget: new RenderBudget(deps.renderLimits ?? RENDER_LIMITS, deps.clock),
    started: new Map(),
  };
  try {
    return toFetched(run.parameters, await Promise.all(gadget.requests.map((each) => settled(run, each))));
  } finally {
    run.budget.close();
  }
}

const settled = (run: Run, request: RequestPlan): Promise<Settled> => {
  const known = run.started.get(request.name) ?? makeRequest(run, request);
  run.started.set(request.name, known);
  return known;
};

const makeRequest = async (run: Run, request: RequestPlan): Promise<Settled> => {
  const { gadget, parameters } = run;
  const narrowed: Lists = Object.create(null);
  const unknown: Lists = Object.create(null);
  const unmade = { request, called: null, narrowed, unknown };
  if (!isWanted(request.inputs, parameters)) return unmade;
  const needed = await Promise.all(
    request.inputs.narrow.map(({ request: name }) => settled(run, requestNamed(gadget, name))),
  );
  for (const [index, { called }] of needed.entries()) {
    const narrowing = request.inputs.narrow[index];
    if (called === null || narrowing === undefined) continue;
    if ('obstacle' in called) return { ...unmade, called };
    const { parameter, path } = narrowing;
    const split = narrow(narrowed[parameter] ?? parameters[parameter], called.answer.data, path);
    narrowed[parameter] = split.known;
    unknown[parameter] = [...(unknown[parameter] ?? []), ...split.unknown];
  }
  const values: ParameterValues = Object.assign(Object.create(null), parameters, narrowed);
  if (!isWanted(request.inputs, values)) return unmade;
  const called = await run.budget.spend(request.answer.follow?.pages ?? 0, (pages) =>
    run.calls.call(request, values, pages),
  );
  return {
    request,
    called: typeof called === 'string' ? stopped(request, called) : called,
    narrowed,
    unknown,
  };
};

/** What takes the place of an answer for which the rendering as a whole had no room or time left. */
const stopped = ({ provider }: RequestPlan, code: LimitCode): Called => {
  const obstacle: Obstacle =
    code === 'rendering-too-slow'
      ? { state: 'provider-down', provider, reason: code }
      : { state: 'misconfigured', provider, code, detail: null };
  return { obstacle, connection: null, api: '' };
};

const requestNamed = (gadget: Gadget, name: string): RequestPlan => {
  const request = gadget.requests.find((each) => each.name === name);
  if (request === undefined) throw new Error(`a definition that was never checked: request ${name}`);
  return request;
};

const once = (obstacles: readonly Obstacle[]): readonly Obstacle[] => [
  ...new Map(obstacles.map((obstacle) => [JSON.stringify(obstacle), obstacle])).values(),
];

const toFetched = (parameters: ParameterValues, all: readonly Settled[]): Fetched => {
  const sources: Source[] = [];
  const answers = new Map<string, DataOutcome>();
  const required: Obstacle[] = [];
  const optional: Obstacle[] = [];
  const values: Record<string, ParameterValue> = Object.assign(Object.create(null), parameters);
  const unknown: Lists = Object.create(null);
  for (const { request, called, ...lists } of all) {
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
