import { bareRecord, plainRecord } from '../domain/data.js';
import { AppError } from '../domain/errors.js';
import type { FrameSession } from '../domain/frame-session.js';
import type { Gadget, Parameter, ParameterValue, ParameterValues } from '../domain/gadget.js';
import { gadgetIn } from '../domain/gadget-locale.js';
import type { Changeable, RenderRequest } from '../domain/rendering.js';
import type { ControlOption, ControlView } from '../views/view-models.js';
import { expandRequest } from './expand-request.js';
import { isWanted } from './request-plan.js';
import { readValue } from './value-types.js';

/** What a frame was launched with, and what its viewer chose since. */
type Launched = Pick<FrameSession, 'parameters' | 'locks' | 'choices'>;

/** The values a frame shows its gadget with. */
type Chosen = Pick<RenderRequest, 'parameters' | 'changeable'>;

const mayChange = ({ viewer }: Parameter): boolean => viewer !== null;

/** Whether a gadget lets its viewers change anything. */
export const hasChangeable = ({ parameters }: Pick<Gadget, 'parameters'>): boolean =>
  parameters.some(mayChange);

/** The names that a host's token locks, out of the canonical text of its values. */
const lockedNames = (locks: string): ReadonlySet<string> =>
  new Set((JSON.parse(locks) as readonly (readonly [string, string])[]).map(([name]) => name));

const isUsable = (gadget: Gadget, values: ParameterValues): boolean => {
  try {
    for (const request of gadget.requests)
      if (isWanted(request.inputs, values)) expandRequest(gadget, request, values, { standIns: true });
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
};

/**
 * The values with this choice among them, read as a page's own value would be: an empty text is the gadget's default, or no value. Null
 * where it does not fit the parameter, or no request could be made with it.
 */
const withChoice = (
  gadget: Gadget,
  values: ParameterValues,
  parameter: Parameter,
  text: string,
): ParameterValues | null => {
  const reading = readValue(parameter.type, text);
  if ('fault' in reading) return null;
  const value = reading.value ?? parameter.default ?? undefined;
  if (value === undefined && parameter.required) return null;
  const chosen = bareRecord<ParameterValue>();
  // In the order of a launch, so that equal values are the same text wherever they were set.
  for (const { name } of gadget.parameters) {
    const own = name === parameter.name ? value : values[name];
    if (own !== undefined) chosen[name] = own;
  }
  return isUsable(gadget, chosen) ? Object.freeze(chosen) : null;
};

/**
 * What a frame shows: the values of its launch, and in their place what its viewer chose of those that they may change and the host did not
 * lock. A choice that no longer fits the definition is left out. Where nothing is chosen, the launch's values are given as they are.
 */
export const applyChoices = (gadget: Gadget, { parameters, locks, choices }: Launched): Chosen => {
  if (!hasChangeable(gadget)) return { parameters };
  const locked = lockedNames(locks);
  const changeable: Changeable[] = [];
  let values = parameters;
  for (const parameter of gadget.parameters) {
    const { name } = parameter;
    if (!mayChange(parameter) || locked.has(name)) continue;
    const text = Object.hasOwn(choices, name) ? choices[name] : undefined;
    const chosen = text === undefined ? null : withChoice(gadget, values, parameter, text);
    changeable.push({ name, isChosen: chosen !== null });
    values = chosen ?? values;
  }
  return changeable.length === 0 ? { parameters } : { parameters: values, changeable };
};

/**
 * Checks a value that a viewer chose in this frame, with what they chose before. Throws `parameter_unknown`, `parameter_locked` and
 * `parameter_invalid`, with sentences for the viewer.
 */
export const checkChoice = (gadget: Gadget, session: Launched, name: string, text: string | null): void => {
  const parameter = gadget.parameters.find((each) => each.name === name);
  if (parameter === undefined || !mayChange(parameter))
    throw new AppError('parameter_unknown', { as: 'choice_unknown' });
  if (lockedNames(session.locks).has(name)) throw new AppError('parameter_locked', { as: 'choice_locked' });
  if (text === null) return;
  const { [name]: _, ...others } = session.choices;
  const { parameters } = applyChoices(gadget, { ...session, choices: others });
  if (withChoice(gadget, parameters, parameter, text) === null)
    throw new AppError('parameter_invalid', { as: 'choice_invalid' });
};

const KINDS = {
  text: 'search',
  identifier: 'word',
  integer: 'number',
  boolean: 'toggle',
  date: 'date',
  choice: 'select',
} as const;

const kindOf = ({ type, viewer }: Parameter): ControlView['kind'] => {
  if (viewer === 'tabs' || viewer === 'more') return viewer;
  // A definition lets viewers change nothing else.
  return type.kind === 'list' || type.kind === 'conditions' ? 'search' : KINDS[type.kind];
};

/** What people call a value of a parameter; null where the catalogue has the word: no value, yes or no. */
export const valueLabel = ({ labels = {}, type }: Parameter, value: string): string | null => {
  if (Object.hasOwn(labels, value)) return labels[value] ?? null;
  return value === '' || type.kind === 'boolean' ? null : value;
};

const optionsOf = (parameter: Parameter): readonly ControlOption[] => {
  const { type, required, default: ofGadget } = parameter;
  if (type.kind !== 'choice') return [];
  const values = required || ofGadget !== null ? type.values : ['', ...type.values];
  return values.map((value) => plainRecord({ value, label: valueLabel(parameter, value) }));
};

/** One page more, where there is more; null where there is not, or no more may be shown. */
const nextOf = (
  gadget: Gadget,
  { name, type, viewer }: Parameter,
  value: ParameterValue | undefined,
  hasMore: (request: string) => boolean,
): string | null => {
  if (viewer !== 'more' || type.kind !== 'integer' || typeof value !== 'number') return null;
  const isCut = gadget.requests.some(
    ({ name: request, answer }) => answer.pages?.upTo === name && hasMore(request),
  );
  return isCut && value < type.max ? String(value + 1) : null;
};

/**
 * The controls of a rendering, in the order of the definition and in the language of `locale`; `hasMore` says of a request whether there are
 * pages that were not read.
 */
export const controlsOf = (
  {
    gadget,
    parameters,
    changeable = [],
    locale,
  }: Pick<RenderRequest, 'gadget' | 'parameters' | 'changeable' | 'locale'>,
  hasMore: (request: string) => boolean = () => false,
): readonly ControlView[] => {
  if (changeable.length === 0) return [];
  return gadgetIn(gadget, locale).parameters.flatMap((parameter): readonly ControlView[] => {
    const { name, title, type } = parameter;
    const found = changeable.find((each) => each.name === name);
    if (found === undefined) return [];
    const control = {
      ...{ name, title, kind: kindOf(parameter), isChosen: found.isChosen },
      value: String(parameters[name] ?? ''),
      options: optionsOf(parameter),
      min: type.kind === 'integer' ? type.min : null,
      max: type.kind === 'integer' ? type.max : null,
      maxLength: 'maxLength' in type ? type.maxLength : null,
      next: nextOf(gadget, parameter, parameters[name], hasMore),
    };
    return [plainRecord(control)];
  });
};
