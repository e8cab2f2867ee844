import { bareRecord } from '../domain/data.js';
import { AppError } from '../domain/errors.js';
import type { Gadget, Parameter, ParameterValue, ParameterValues } from '../domain/gadget.js';
import { expandRequest, invalidParameter } from './expand-request.js';
import { isWanted } from './request-plan.js';
import { readValue } from './value-types.js';

const readOne = (parameter: Parameter, text: string): ParameterValue | undefined => {
  const reading = readValue(parameter.type, text);
  if ('fault' in reading) throw invalidParameter(parameter, reading.fault);
  return reading.value;
};

/** Those of the names that are no parameter of the gadget. */
export const foreignNames = (gadget: Gadget, names: Iterable<string>): readonly string[] =>
  [...names].filter((name) => !gadget.parameters.some((parameter) => parameter.name === name));

/** A lock that locks nothing would leave to the page what the host meant to decide. */
const refuseForeignLocks = (gadget: Gadget, locked: Readonly<Record<string, string>>): void => {
  const [name] = foreignNames(gadget, Object.keys(locked));
  if (name === undefined) return;
  const known = gadget.parameters.map((parameter) => parameter.name).join(', ');
  throw new AppError(
    'parameter_unknown',
    `The host's token locks the parameter ${JSON.stringify(name.slice(0, 64))}, which the gadget "${gadget.id}" does not have. ` +
      (known === '' ? 'It has none.' : `It has: ${known}.`),
  );
};

const same = (one: ParameterValue | undefined, other: ParameterValue | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

const readParameter = (
  parameter: Parameter,
  given: string | undefined,
  locked: string | undefined,
): ParameterValue | undefined => {
  const value = given === undefined ? undefined : readOne(parameter, given);
  if (locked === undefined) return value;
  const lock = readOne(parameter, locked);
  if (given === undefined || same(value, lock)) return lock;
  throw new AppError(
    'parameter_locked',
    `The page sets the parameter "${parameter.name}" to another value than the host's token, which locks it. ` +
      'Leave it out of the page, or sign the same value.',
  );
};

/**
 * The typed values of a launch, from what the page gives and what the host's token locks (both as text, by name). Frozen,
 * with no prototype. What the page gives beyond the gadget's parameters is ignored: frameworks and browser extensions write attributes
 * of their own on every element. Throws `parameter_unknown` (of the token), `parameter_invalid`, `parameter_missing` and
 * `parameter_locked`, with sentences for the developer of the host's page. What it returns can be expanded into each of the gadget's
 * requests.
 */
export const readParameters = (
  gadget: Gadget,
  given: ReadonlyMap<string, string>,
  locked: Readonly<Record<string, string>>,
): ParameterValues => {
  refuseForeignLocks(gadget, locked);
  const values = bareRecord<ParameterValue>();
  for (const parameter of gadget.parameters) {
    const { name } = parameter;
    const lock = Object.hasOwn(locked, name) ? locked[name] : undefined;
    const value = readParameter(parameter, given.get(name), lock) ?? parameter.default ?? undefined;
    if (value !== undefined) values[name] = value;
    else if (parameter.required) {
      throw new AppError(
        'parameter_missing',
        `The gadget "${gadget.id}" needs the parameter "${name}" (${parameter.title}).`,
      );
    }
  }
  for (const request of gadget.requests)
    if (isWanted(request.inputs, values)) expandRequest(gadget, request, values, { standIns: true });
  return Object.freeze(values);
};

/** One text for equal values in whatever order they were set: for cache keys and comparisons. */
export const canonical = (values: Readonly<Record<string, ParameterValue>>): string =>
  JSON.stringify(Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1)));
