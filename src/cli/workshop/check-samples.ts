import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../domain/errors.js';
import type { Gadget, ParameterValues, RequestPlan } from '../../domain/gadget.js';
import { expandRequest } from '../../gadgets/expand-request.js';
import { isWanted } from '../../gadgets/request-plan.js';
import { closest, type Named } from '../../views/examine-template.js';
import { type LocatedFault, located } from './locate-fault.js';
import type { NamedModel } from './sample-models.js';

/** The sample that a launch is like. */
const USUAL = 'sample.json';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const valueAt = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (inner, key) => (isRecord(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined),
      value,
    );

type Wrong = Pick<LocatedFault, 'problem' | 'expected' | 'example'>;

/** What is wrong with the data of an answer that a provider's response was copied into; null where a view could get it. */
const wrongShape = ({ name, answer, inputs, isGraphql }: RequestPlan, data: unknown): Wrong | null => {
  if (inputs.each !== null) {
    if (data === null || (Array.isArray(data) && data.every((entry) => isRecord(entry) && 'item' in entry)))
      return null;
    return {
      problem: `the answer "${name}" is not what "each" gives`,
      expected: 'a list with an entry for each item, as docs/gadget-requests.md says',
      example: '"data": [{ "item": { … }, "data": { … }, "failed": null, "more": false }]',
    };
  }
  const isWhole = isGraphql
    ? isRecord(data) &&
      'data' in data &&
      Object.keys(data).every((key) => /^(?:data|errors|extensions)$/.test(key))
    : answer.pick !== null && valueAt(data, answer.pick) !== undefined;
  if (isWhole)
    return {
      problem: `the answer "${name}" has the whole response as its data`,
      expected: 'the part of it that the view gets',
      example: `"data": what is at ${answer.pick} in the response`,
    };
  const items = answer.pages?.items ?? '';
  if (items !== '' && answer.pick === null && Array.isArray(data))
    return {
      problem: `the answer "${name}" is a list, which no response of this request is`,
      expected: 'the response of the first page, which has the items of all pages where its own were',
      example: `the list at ${items} in "data"`,
    };
  return null;
};

/** The line that has this key, in a sample as it is written; keys of the same name before it are looked over where they are parameters. */
const lineOfKey = (source: string, key: string, after: string): number | null => {
  const from = source.indexOf(`"${after}"`);
  const at = source.indexOf(`"${key}"`, Math.max(0, from));
  return at < 0 ? null : source.slice(0, at).split('\n').length;
};

/** Why a request refuses the values of a sample, and whose value it is; null where it could be made. */
const refusal = (
  gadget: Gadget,
  request: RequestPlan,
  values: ParameterValues,
): { readonly name: string; readonly why: string } | null => {
  try {
    if (isWanted(request.inputs, values)) expandRequest(gadget, request, values, { standIns: true });
    return null;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const [, why = error.message, name = ''] =
      /^(.*?)\.? ?\(Parameter "([^"]+)"\.\)$/.exec(error.message) ?? [];
    return { name, why };
  }
};

/**
 * Samples that a view would never get: answers in another shape, answers and parameters that the definition does not have, and values with which
 * a request could not be made; of these none where the definition itself is not sound.
 */
export const sampleFaults = (
  gadget: Gadget,
  folder: string,
  samples: readonly NamedModel[],
  isSound: boolean,
): readonly LocatedFault[] =>
  samples.flatMap(({ name: sample, model }) => {
    const file = join(folder, sample);
    const source = readFileSync(file, 'utf8');
    const fault = (wrong: Wrong, key: string, after: string): LocatedFault =>
      located({ ...wrong, file, path: '', line: lineOfKey(source, key, after) }, `"${key}"`);
    const ofAnswers = Object.entries(model.answers).flatMap(([name, answer]) => {
      const request = gadget.requests.find((each) => each.name === name);
      const wrong: Wrong | null =
        request === undefined
          ? {
              problem: `there is no request "${name}"`,
              expected: `an answer to one of: ${gadget.requests.map((each) => each.name).join(', ')}`,
              example: null,
            }
          : wrongShape(request, isRecord(answer) ? answer.data : undefined);
      return wrong === null ? [] : [fault(wrong, name, 'answers')];
    });
    const ofParameters = Object.keys(model.parameters)
      .filter((name) => !gadget.parameters.some((each) => each.name === name))
      .map((name) =>
        fault(
          {
            problem: `there is no parameter "${name}"`,
            expected: 'the parameters of gadget.yaml',
            example: null,
          },
          name,
          'parameters',
        ),
      );
    // The others may show what a hostile host page could set.
    const asked = isSound && sample === USUAL ? gadget.requests : [];
    const ofValues = asked.flatMap((request) => {
      const refused = refusal(gadget, request, model.parameters);
      // A sample may leave out what a host page has to give.
      if (refused === null || !Object.hasOwn(model.parameters, refused.name)) return [];
      const { name, why } = refused;
      return [
        fault(
          {
            problem: `the request "${request.name}" could not be made with this value: ${why}`,
            expected:
              'a value that the request can have where it uses it, or another place for it in gadget.yaml',
            example: null,
          },
          name,
          'parameters',
        ),
      ];
    });
    return [...ofAnswers, ...ofParameters, ...ofValues];
  });

/** What a key of a path was looked for in: everything the samples have there; lists are gone through where the language does so. */
const below = (values: readonly unknown[], key: string): readonly unknown[] =>
  values.flatMap((value) => (isRecord(value) && Object.hasOwn(value, key) ? [value[key]] : []));

/** The first key that no sample has, and what they have in its place; null where the path leads somewhere, or it cannot be known. */
const missingKey = (
  values: readonly unknown[],
  keys: readonly string[],
  throughLists: boolean,
): { readonly index: number; readonly known: readonly string[] } | null => {
  let here = values;
  for (const [index, key] of keys.entries()) {
    if (throughLists) here = here.flat(1);
    const known = [...new Set(here.filter(isRecord).flatMap(Object.keys))];
    // Of a list or a text keys are other things, such as `length`.
    if (known.length === 0 || here.some((value) => value !== null && !isRecord(value))) return null;
    if (!known.includes(key)) return { index, known };
    here = below(here, key);
  }
  return null;
};

const MOST_NAMED = 12;

const strangeKey = (key: string, place: string, known: readonly string[]): Wrong => ({
  problem: `no sample has "${key}" in ${place}`,
  expected: `one of ${known.slice(0, MOST_NAMED).join(', ')}${known.length > MOST_NAMED ? ', …' : ''}; or a sample that has it`,
  example: closest(key, known),
});

/** Where something of a whole answer is in what samples have of it; empty where that cannot be said. */
const belowPick = ({ pick }: RequestPlan['answer'], path: string): string => {
  if (pick === null) return path;
  return path.startsWith(`${pick}.`) ? path.slice(pick.length + 1) : '';
};

/** The ways into other requests' answers that a request is made of: the keys after the request's name. */
const pathsOf = ({
  name,
  inputs,
  answer,
}: RequestPlan): readonly (readonly [request: string, path: string])[] => [
  ...inputs.given.flatMap(({ request, items, take, where }) =>
    [take, ...where.map(({ path }) => path)].map(
      (path) => [request, [items, path].filter((each) => each !== '').join('.')] as const,
    ),
  ),
  ...(inputs.each === null ? [] : [[inputs.each.request, inputs.each.items] as const]),
  ...inputs.narrow.map(({ request, path }) => [request, path] as const),
  ...(answer.pages === null || answer.format === 'feed'
    ? []
    : [[name, belowPick(answer, answer.pages.items)] as const]),
];

/** The parts that `pick` left of a request's answers in samples, of a request that is made for each item every item's. */
const pickedParts = ({ inputs }: RequestPlan, data: readonly unknown[]): readonly unknown[] =>
  inputs.each === null
    ? data
    : data
        .flatMap((entries) => (Array.isArray(entries) ? entries : []))
        .filter(isRecord)
        .map((entry) => entry.data);

/**
 * What is doubtful of `pick`, as far as samples tell, which have what it leaves: it finds nothing in any of them; or they have what is beside it in the
 * response, so that it was misspelt when they were written.
 */
const pickWarning = (
  request: RequestPlan,
  data: readonly unknown[],
): (Wrong & { readonly key: string }) | null => {
  const { answer, isGraphql } = request;
  const keys = (answer.pick ?? '').split('.').slice(isGraphql ? 1 : 0);
  const [first = '', ...more] = keys;
  const parts = pickedParts(request, data);
  if (first === '' || parts.length === 0) return null;
  if (parts.every((part) => part === null || part === undefined))
    return {
      problem: `"pick" finds nothing in any sample of "${request.name}"`,
      expected: 'a sample with what is there in a response, or the path to it',
      example: null,
      key: 'pick',
    };
  const records = parts.filter(isRecord);
  const alike = records.filter((record) => Object.hasOwn(record, first));
  const missing =
    alike.length === 0
      ? missingKey(records, [first], false)
      : more.length === 0
        ? null
        : missingKey(alike, keys, true);
  if (missing === null) return null;
  const key = keys[missing.index] ?? '';
  const wrong = strangeKey(key, [request.name, ...keys.slice(0, missing.index)].join('.'), missing.known);
  // What was picked may have any keys; only one that is nearly the same was meant.
  return alike.length === 0 && wrong.example === null ? null : { ...wrong, key };
};

/** What a view or request looks for within an answer although no sample of it has that: probably misspelt, or a sample is missing. */
export const pathWarnings = (
  gadget: Gadget,
  samples: readonly NamedModel[],
  uses: readonly { readonly file: string; readonly paths: readonly (readonly Named[])[] }[],
  definition: { readonly file: string; lineOf(...path: string[]): number | null },
): readonly LocatedFault[] => {
  const answersOf = (request: string): readonly unknown[] =>
    samples.flatMap(({ model }) => (isRecord(model.answers) ? (model.answers[request] ?? []) : []));
  const inViews = uses.flatMap(({ file, paths }) =>
    paths.flatMap(([request, ...keys]): readonly LocatedFault[] => {
      const names = keys.map(({ name }) => name);
      if (request === undefined || names[0] !== 'data') return [];
      const missing = missingKey(answersOf(request.name), names, false);
      const key = missing === null ? undefined : keys[missing.index];
      if (missing === null || key === undefined) return [];
      const place = ['answers', request.name, ...names.slice(0, missing.index)].join('.');
      const { line, column } = key;
      const wrong = strangeKey(key.name, place, missing.known);
      return [{ ...wrong, file, path: '', line, column, length: key.name.length }];
    }),
  );
  const inRequests = gadget.requests.flatMap((request) =>
    pathsOf(request).flatMap(([of, path]): readonly LocatedFault[] => {
      const keys = path === '' ? [] : path.split('.');
      const data = answersOf(of).flatMap((answer) => (isRecord(answer) ? [answer.data] : []));
      const missing = missingKey(data, keys, true);
      if (missing === null) return [];
      const key = keys[missing.index] ?? '';
      const place = [of, ...keys.slice(0, missing.index)].join('.');
      const wrong = strangeKey(key, place, missing.known);
      const line = definition.lineOf(request.name);
      return [located({ ...wrong, file: definition.file, path: `requests.${request.name}`, line }, key)];
    }),
  );
  const ofPicks = gadget.requests.flatMap((request): readonly LocatedFault[] => {
    const data = answersOf(request.name).flatMap((answer) => (isRecord(answer) ? [answer.data] : []));
    const warning = pickWarning(request, data);
    if (warning === null) return [];
    const { key, ...wrong } = warning;
    const line = definition.lineOf(request.name, 'pick');
    return [located({ ...wrong, file: definition.file, path: `requests.${request.name}.pick`, line }, key)];
  });
  return [...inViews, ...inRequests, ...ofPicks];
};
