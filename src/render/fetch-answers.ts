import type { Connection } from '../domain/connection.js';
import { bareRecord, type Data } from '../domain/data.js';
import type { Gadget, ParameterValue, ParameterValues, RequestPlan } from '../domain/gadget.js';
import { oneLine } from '../domain/one-line.js';
import type { Obstacle, RenderRequest } from '../domain/rendering.js';
import type { Clock } from '../domain/system.js';
import { itemsAt, narrow, picked, type Taking, takeValue } from '../gadgets/answer-values.js';
import { expandCompared, UnusableValue } from '../gadgets/expand-request.js';
import { furtherPages, isForEdition, isWanted } from '../gadgets/request-plan.js';
import { MOST_SEARCHED, PatternTooSlow, patternFault } from '../views/patterns.js';
import { callEach } from './each-answer.js';
import { foremost } from './obstacles.js';
import {
  type CallDeps,
  type Called,
  type DataOutcome,
  type Inputs,
  type Moment,
  ProviderCalls,
} from './provider-calls.js';
import { type LimitCode, RENDER_LIMITS, RenderBudget, type RenderLimits } from './render-limits.js';

export interface FetchDeps extends CallDeps {
  readonly clock: Pick<Clock, 'sleep' | 'now'>;
  /** The bounds of one rendering, where they are not the usual. */
  readonly renderLimits?: RenderLimits;
}

/** A provider's answers were asked for with this Connection, as it was then; `api` is the place that its record led to then (`placeOf`). */
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
  /** Why items within the answers are marked as failed; each reason once. */
  readonly marked: readonly Obstacle[];
  /** As given, but lists have only the items that the provider knows. */
  readonly parameters: ParameterValues;
  readonly unknown: Readonly<Record<string, readonly string[]>>;
}

type Lists = Record<string, readonly string[]>;

/** What became of one request; `called` is null when it was not wanted. */
interface Settled {
  readonly request: RequestPlan;
  readonly called: Called | null;
  /** The Connections that it was made with; an answer made for several items may have been asked for by several. */
  readonly sources: readonly Source[];
  /** The Connections whose answers it was made of, beside its own. */
  readonly basis: ReadonlySet<string>;
  /** Why items of `each` have no answer. */
  readonly marked: readonly Obstacle[];
  readonly narrowed: Readonly<Lists>;
  readonly unknown: Readonly<Lists>;
}

/** One rendering's requests while they are made. */
interface Run {
  readonly gadget: Gadget;
  readonly directory: FetchDeps['directory'];
  readonly parameters: ParameterValues;
  readonly calls: ProviderCalls;
  readonly budget: RenderBudget;
  readonly taking: Taking;
  /** By name; started once, however many others need the answer. */
  readonly started: Map<string, Promise<Settled>>;
}

const NO_LISTS: Readonly<Lists> = Object.freeze(bareRecord<readonly string[]>());

/** Of a request that depends on no other. */
const NOTHING = {
  sources: [],
  basis: new Set<string>(),
  marked: [],
  narrowed: NO_LISTS,
  unknown: NO_LISTS,
} as const satisfies Partial<Settled>;

/**
 * Makes a gadget's requests as its viewer: all that are wanted at once, but for those that need another's answer, within the limits of
 * the rendering. Throws `parameter_invalid` where the stored parameters no longer fit the definition.
 */
export async function fetchAnswers(deps: FetchDeps, request: RenderRequest): Promise<Fetched> {
  const { gadget, viewer, locale, timeZone } = request;
  const moment = { now: deps.clock.now(), locale, timeZone };
  // Without a prototype: a parameter may be called `constructor`.
  const parameters: ParameterValues = Object.assign(bareRecord<ParameterValue>(), request.parameters);
  const run: Run = {
    gadget,
    directory: deps.directory,
    parameters,
    calls: new ProviderCalls(deps, gadget, viewer, moment),
    budget: new RenderBudget(deps.renderLimits ?? RENDER_LIMITS, deps.clock),
    taking: takingOf(gadget, parameters, moment),
    started: new Map(),
  };
  try {
    return toFetched(run.parameters, await Promise.all(gadget.requests.map((each) => settled(run, each))));
  } finally {
    run.budget.close();
  }
}

const takingOf = (gadget: Gadget, parameters: ParameterValues, moment: Moment): Taking => ({
  allowance: { left: MOST_SEARCHED },
  compared(value) {
    if (typeof value !== 'object') return String(value);
    return value === null ? null : expandCompared(gadget, value, parameters, { ...moment, account: null });
  },
  pattern(match) {
    if ('pattern' in match) return match.pattern;
    const pattern = parameters[match.parameter];
    return typeof pattern === 'string' && patternFault(pattern) === null ? pattern : undefined;
  },
});

const settled = (run: Run, request: RequestPlan): Promise<Settled> => {
  const known = run.started.get(request.name) ?? makeRequest(run, request);
  run.started.set(request.name, known);
  return known;
};

const makeRequest = async (run: Run, request: RequestPlan): Promise<Settled> => {
  const { parameters } = run;
  const unmade: Settled = { request, called: null, ...NOTHING };
  if (!isWanted(request.inputs, parameters) || !isForProvider(run, request)) return unmade;
  if (request.inputs.needs.length > 0) return makeDependent(run, request, unmade);
  try {
    const called = toCalled(request, await spend(run, request, { values: parameters }));
    return { ...unmade, called, sources: sourcesOf(request, called) };
  } catch (error) {
    return { ...unmade, called: withoutValue(request, error) };
  }
};

/** Of a provider that is not known yet no one can tell: then its absence is what is shown. */
const isForProvider = ({ directory }: Run, { provider: id, inputs }: RequestPlan): boolean => {
  const provider = directory.provider(id);
  return provider === undefined || isForEdition(inputs.edition, provider.edition);
};

/** One call within the limits of the rendering. */
const spend = ({ budget, calls }: Run, request: RequestPlan, inputs: Inputs): Promise<Called | LimitCode> =>
  budget.spend(pagesToAsk(request.answer.pages, inputs), (pages) => calls.call(request, inputs, pages));

/** Pages that may be asked for beside the first. Where only the next page says whether there is one, that is one more. */
const pagesToAsk = (pages: RequestPlan['answer']['pages'], { values }: Inputs): number => {
  if (pages === null) return 0;
  const further = furtherPages(pages, values);
  const isCounted = pages.step.by === 'page' || pages.step.by === 'offset';
  return isCounted && pages.step.total === null ? further + 1 : further;
};

const toCalled = (request: RequestPlan, called: Called | LimitCode): Called => {
  if (typeof called === 'string') return stopped(request, called);
  const { pick } = request.answer;
  if (pick === null || !('answer' in called)) return called;
  return { ...called, answer: { ...called.answer, data: picked(called.answer.data, pick) } };
};

const sourcesOf = ({ provider }: RequestPlan, { connection, api }: Called): readonly Source[] =>
  connection === null ? [] : [{ provider, api, connection }];

/** Names a Connection as it was when an answer was asked for with it. */
const markOf = ({ connection: { id, generation } }: Source): string => `${id} ${generation}`;

/** The answers that a request needs, by name, and whose they are; or the first obstacle, which is in the way of whatever needs them. */
const neededBy = async (run: Run, request: RequestPlan) => {
  const answers = new Map<string, DataOutcome>();
  const basis = new Set<string>();
  const { needs } = request.inputs;
  const all = await Promise.all(needs.map((name) => settled(run, requestNamed(run.gadget, name))));
  for (const { request: source, called, sources, basis: inherited } of all) {
    if (called === null) continue;
    if ('obstacle' in called) return { called, sources };
    for (const mark of [...inherited, ...sources.map(markOf)]) basis.add(mark);
    answers.set(source.name, called.answer);
  }
  return { answers, basis };
};

/** Takes the values that a request needs out of other answers; false where one is missing without which it is not made. */
const takeValues = (
  { taking }: Run,
  given: RequestPlan['inputs']['given'],
  answers: ReadonlyMap<string, DataOutcome>,
  values: Record<string, ParameterValue>,
): boolean => {
  for (const each of given) {
    const source = answers.get(each.request);
    const value = source && takeValue(each, source.data, taking);
    if (value !== undefined) values[each.name] = value;
    else if (each.required) return false;
  }
  return true;
};

/** Makes a request that needs other answers, when they are there. */
const makeDependent = async (run: Run, request: RequestPlan, unmade: Settled): Promise<Settled> => {
  const needed = await neededBy(run, request);
  if ('called' in needed) return { ...unmade, ...needed };
  const { answers, basis } = needed;
  const { narrowed, unknown } = narrowedBy(run, request.inputs.narrow, answers);
  const values: Record<string, ParameterValue> = Object.assign(
    bareRecord<ParameterValue>(),
    run.parameters,
    narrowed,
  );
  const made = { ...unmade, basis, narrowed, unknown };
  if (!isWanted(request.inputs, values)) return made;
  try {
    if (!takeValues(run, request.inputs.given, answers, values)) return made;
    const inputs = { values, basis: [...basis].sort().join('|') };
    if (request.inputs.each !== null) return await makeEach(run, made, inputs, answers);
    const called = toCalled(request, await spend(run, request, inputs));
    return { ...made, called, sources: sourcesOf(request, called) };
  } catch (error) {
    return { ...made, called: withoutValue(request, error) };
  }
};

/** Makes a request for each item of another answer, or for each value that was taken out of it. */
const makeEach = async (
  run: Run,
  made: Settled,
  inputs: Inputs,
  answers: ReadonlyMap<string, DataOutcome>,
): Promise<Settled> => {
  const { request } = made;
  const { each } = request.inputs;
  const source = each === null ? undefined : answers.get(each.request);
  if (each === null || source === undefined) return made;
  const taken = each.given === null ? undefined : inputs.values[each.given];
  const values = typeof taken === 'object' ? taken : [];
  const items: readonly Data[] = each.given === null ? itemsAt(source.data, each.items) : values;
  const { called, calls, marked } = await callEach(request, items, source, async (item) => {
    try {
      return toCalled(request, await spend(run, request, { ...inputs, item }));
    } catch (error) {
      return withoutValue(request, error);
    }
  });
  return { ...made, called, marked, sources: calls.flatMap((each) => sourcesOf(request, each)) };
};

/** Splits each list by what another answer knows. */
const narrowedBy = (
  { parameters }: Run,
  narrowings: RequestPlan['inputs']['narrow'],
  answers: ReadonlyMap<string, DataOutcome>,
): { readonly narrowed: Readonly<Lists>; readonly unknown: Readonly<Lists> } => {
  const narrowed: Lists = bareRecord();
  const unknown: Lists = bareRecord();
  for (const { parameter, request, path } of narrowings) {
    const source = answers.get(request);
    if (source === undefined) continue;
    const split = narrow(narrowed[parameter] ?? parameters[parameter], source.data, path);
    narrowed[parameter] = split.known;
    unknown[parameter] = [...(unknown[parameter] ?? []), ...split.unknown];
  }
  return { narrowed, unknown };
};

/** What takes the place of an answer that could not be asked for because of a value in another one. Throws what is not of that kind. */
const withoutValue = ({ provider }: RequestPlan, error: unknown): Called => {
  const isSlow = error instanceof PatternTooSlow;
  if (!isSlow && !(error instanceof UnusableValue)) throw error;
  const code = isSlow ? 'pattern-too-slow' : 'value-unusable';
  const detail = isSlow ? null : oneLine(error.message, MOST_SHOWN);
  return { obstacle: { state: 'misconfigured', provider, code, detail }, connection: null, api: '' };
};

/** Characters of a sentence about a value that are shown. */
const MOST_SHOWN = 300;

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

const isSameSource = (one: Source, other: Source): boolean =>
  one.api === other.api &&
  one.connection.id === other.connection.id &&
  one.connection.generation === other.connection.generation;

const toFetched = (parameters: ParameterValues, all: readonly Settled[]): Fetched => {
  const sources: Source[] = [];
  const answers = new Map<string, DataOutcome>();
  const required: Obstacle[] = [];
  const optional: Obstacle[] = [];
  const values: Record<string, ParameterValue> = Object.assign(bareRecord<ParameterValue>(), parameters);
  const unknown: Lists = bareRecord();
  for (const { request, called, sources: own, narrowed, unknown: missing } of all) {
    Object.assign(values, narrowed);
    Object.assign(unknown, missing);
    if (called === null) continue;
    for (const source of own) if (!sources.some((each) => isSameSource(each, source))) sources.push(source);
    if ('answer' in called) answers.set(request.name, called.answer);
    else (request.required ? required : optional).push(called.obstacle);
  }
  return {
    sources,
    obstacle: foremost(required) ?? null,
    answers,
    missing: once(optional),
    marked: once(all.flatMap(({ marked }) => marked)),
    parameters: Object.freeze(values),
    unknown: Object.freeze(unknown),
  };
};
