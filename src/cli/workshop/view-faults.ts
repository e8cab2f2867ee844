import { basename, join } from 'node:path';
import { type FaultPlace, placeOfFault } from '../../views/fault-places.js';
import { NunjucksViews, type ViewFolders } from '../../views/nunjucks-views.js';
import { type ContentModel, MOST_STEPS, TooMuchToShow } from '../../views/view-models.js';
import type { LocatedFault } from './locate-fault.js';
import { leakIn, type NamedModel } from './sample-models.js';

/** Shows views, and what fails once more in a way that tells its place: most of them were compiled by the build, and nothing fails. */
export class TrialViews {
  readonly #folders: ViewFolders;
  readonly #common: NunjucksViews;
  readonly #views: NunjucksViews;
  #placing: NunjucksViews | null = null;

  constructor(folders: ViewFolders, common: NunjucksViews) {
    this.#folders = folders;
    this.#common = common;
    this.#views = new NunjucksViews(folders, common);
  }

  /** Throws with a place (`placeOfFault`) where the view fails. */
  content(model: ContentModel): string {
    try {
      return this.#views.content(model);
    } catch (error) {
      this.#placing ??= new NunjucksViews({ ...this.#folders, areFaultsPlaced: true }, this.#common);
      this.#placing.content(model);
      throw error;
    }
  }

  state(...given: Parameters<NunjucksViews['state']>): string {
    return this.#views.state(...given);
  }
}

type At = Omit<FaultPlace, 'line' | 'column'> & Pick<LocatedFault, 'line' | 'column'>;

/** What nunjucks itself says of the place; it counts from 0, and starts with the page around the view. */
const saidPlace = (folder: string, message: string): At => {
  const places = [
    ...message.matchAll(/\((?:gadget:)?([^()/]+)\/([\w.-]+\.njk)\)(?: \[Line (\d+)(?:, Column (\d+))?\])?/g),
  ];
  const [, , file = 'view.njk', line, column] =
    places.findLast(([, owner]) => owner === basename(folder)) ?? [];
  const numberOf = (digits: string | undefined) => (digits === undefined ? null : Number(digits) + 1);
  return { file: join(folder, file), line: numberOf(line), column: numberOf(column), length: 1 };
};

const wordsOf = (message: string): string =>
  (message.split('\n').at(-1)?.trim() ?? '')
    .replace(/^(?:Template render error|Error): /, '')
    .replace(/\.$/, '');

/** How many are named before it is only said how many more there are. */
const NAMED = 3;

const listed = (names: readonly string[]): string =>
  [names.slice(0, NAMED).join(', '), ...(names.length > NAMED ? [`${names.length - NAMED} more`] : [])].join(
    ' and ',
  );

/** What a view that failed says, and where; `names` are those of what it was shown with. */
const faultOf = (folder: string, names: readonly string[], error: unknown): LocatedFault => {
  const message = error instanceof Error ? error.message : String(error);
  const at = { ...(placeOfFault(error) ?? saidPlace(folder, message)), path: '' };
  if (error instanceof TooMuchToShow)
    return {
      ...at,
      problem: `shown with ${listed(names)}, the view has too much to show: it takes more than ${MOST_STEPS} steps`,
      expected:
        'a part of long lists by "take", with "more" for the rest, and nothing that includes or calls itself without end',
      example: '{% for item in items | take(100) %}',
    };
  return {
    ...at,
    problem: `shown with ${listed(names)}, the view fails: ${wordsOf(message)}`,
    expected: 'a view that shows whatever a provider answers',
    example: null,
  };
};

/** What a view that failed says of the place. */
export const runFault = (folder: string, { name }: Pick<NamedModel, 'name'>, error: unknown): LocatedFault =>
  faultOf(folder, [name], error);

interface Failure {
  readonly names: string[];
  readonly error: unknown;
}

/** A view that runs away does so at another place with each sample. */
const keyOf = (folder: string, error: unknown): string => {
  if (error instanceof TooMuchToShow) return '';
  const { file, line, column, problem } = faultOf(folder, [], error);
  return JSON.stringify([file, line, column, line === null ? problem : '']);
};

/** What is wrong with a view when it is shown with each of these: one fault for each place. */
export const shownFaults = (
  views: TrialViews,
  folder: string,
  models: readonly NamedModel[],
): readonly LocatedFault[] => {
  const failures = new Map<string, Failure>();
  const leaks = new Map<string, string[]>();
  for (const { name, model } of models)
    try {
      const leak = leakIn(views.content(model));
      if (leak !== null) leaks.set(leak, [...(leaks.get(leak) ?? []), name]);
    } catch (error) {
      const key = keyOf(folder, error);
      const known = failures.get(key);
      if (known === undefined) failures.set(key, { names: [name], error });
      else known.names.push(name);
    }
  return [
    ...[...failures.values()].map(({ names, error }) => faultOf(folder, names, error)),
    ...[...leaks].map(([leak, names]) => ({
      ...{ file: join(folder, 'view.njk'), path: '', line: null, column: null, length: 1, example: null },
      problem: `shown with ${listed(names)}, ${leak}`,
      expected: 'attributes in quotes, and links by the filter "link"',
    })),
  ];
};
