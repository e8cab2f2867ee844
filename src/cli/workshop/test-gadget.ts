import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { gadgetReading } from '../../config/gadget-reading.js';
import type { Gadget } from '../../domain/gadget.js';
import { readGadget } from '../../gadgets/load-gadgets.js';
import { NunjucksViews } from '../../views/nunjucks-views.js';
import type { AnswerView, ContentModel } from '../../views/view-models.js';
import { GadgetChecker } from './check-gadget.js';
import { slipFault } from './find-slip.js';
import { shownControls, statesOf } from './gadget-states.js';
import { faultText } from './locate-fault.js';
import { emptyModel, leakIn, type NamedModel, readSamples } from './sample-models.js';
import { runFault, TrialViews } from './view-faults.js';

/** What a gadget’s test found. */
export interface TestedGadget {
  readonly id: string;
  readonly folder: string;
  /** How many things were looked at. */
  readonly tried: number;
  /** Goldens that were written, by name within the folder. */
  readonly written: readonly string[];
  readonly failures: readonly TestFailure[];
  /** What is left for a browser to look at. */
  readonly pages: readonly TestPage[];
}

export interface TestFailure {
  /** Stable: `check`, `golden`, `values` or `accessibility`. */
  readonly kind: string;
  readonly name: string;
  readonly text: string;
}

/** One state of a gadget, for a browser. */
export interface TestPage {
  readonly name: string;
  readonly html: string;
  readonly locale: string;
  readonly style: string | null;
}

const GOLDEN = 'golden';

/** One element on each line, so that a difference shows where it is. */
const linesOf = (html: string): string => `${html.trim().replaceAll(/>\s*</g, '>\n<')}\n`;

const goldenName = (sample: string): string => `${sample.replace(/\.json$/, '')}.html`;

/** The first line in which two texts differ. */
const differenceOf = (wanted: string, found: string, file: string): string => {
  const [before, after] = [wanted.split('\n'), found.split('\n')];
  const at = before.findIndex((line, index) => line !== after[index]);
  const line = at < 0 ? before.length : at;
  return [
    `${file}:${line + 1}: the view shows something else than the golden.`,
    `    golden:   ${before[line] ?? '(nothing)'}`,
    `    shown:    ${after[line] ?? '(nothing)'}`,
    '    If it is meant to: oriel gadget test --update',
  ].join('\n');
};

interface Goldens {
  readonly written: readonly string[];
  readonly failures: readonly TestFailure[];
}

/** Compares what the samples are shown as with the files in `golden`, or writes these. */
export const compareGoldens = (
  folder: string,
  shown: readonly { readonly name: string; readonly html: string }[],
  update: boolean,
): Goldens => {
  const at = join(folder, GOLDEN);
  const written: string[] = [];
  const failures: TestFailure[] = [];
  const fail = (name: string, text: string): void => void failures.push({ kind: 'golden', name, text });
  const wanted = new Set(shown.map(({ name }) => goldenName(name)));
  for (const { name, html } of shown) {
    const golden = goldenName(name);
    const file = join(at, golden);
    const found = linesOf(html);
    const before = existsSync(file) ? readFileSync(file, 'utf8') : null;
    if (before === found) continue;
    if (update) {
      mkdirSync(at, { recursive: true });
      writeFileSync(file, found);
      written.push(`${GOLDEN}/${golden}`);
    } else if (before === null)
      fail(
        name,
        `${name} has no golden. Look at it (oriel gadget dev), then write it: oriel gadget test --update`,
      );
    else fail(name, differenceOf(before, found, relative(process.cwd(), file)));
  }
  const left = existsSync(at) ? readdirSync(at).filter((each) => !wanted.has(each)) : [];
  for (const each of left)
    if (update) {
      rmSync(join(at, each));
      written.push(`${GOLDEN}/${each} (removed)`);
    } else fail(each, `${GOLDEN}/${each} belongs to no sample. To remove it: oriel gadget test --update`);
  return { written, failures };
};

type Path = readonly string[];

const isGroup = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Every place of a value, whichever item of a list it is in. */
const placesIn = (value: unknown, path: Path = []): readonly Path[] => {
  if (!isGroup(value)) return [path];
  if (Array.isArray(value)) return value.flatMap((each) => placesIn(each, [...path, '[]']));
  const own = Object.entries(value).flatMap(([key, each]) => placesIn(each, [...path, key]));
  return path.length === 0 ? own : [path, ...own];
};

const without = (value: unknown, [first, ...rest]: Path, instead: unknown): unknown => {
  if (first === undefined) return instead;
  if (Array.isArray(value)) return first === '[]' ? value.map((each) => without(each, rest, instead)) : value;
  if (!isGroup(value)) return value;
  const entries = Object.entries(value).flatMap(([key, each]): readonly (readonly [string, unknown])[] => {
    if (key !== first) return [[key, each]];
    // Not there at all: what a provider leaves out.
    if (rest.length === 0 && instead === undefined) return [];
    return [[key, without(each, rest, instead)]];
  });
  return Object.fromEntries(entries);
};

const withAnswer = (model: ContentModel, name: string, data: unknown): ContentModel => ({
  ...model,
  answers: {
    ...model.answers,
    [name]: { ...(model.answers[name] as AnswerView), data: data as AnswerView['data'] },
  },
});

/** Places of one sample that are tried; a sample of hundreds has most of them many times. */
const MOST_PLACES = 300;

/** The sample with each of its values left out, and each of them null. */
const absentModels = ({ name, model }: NamedModel): readonly NamedModel[] =>
  Object.entries(model.answers).flatMap(([request, { data }]) => {
    const places = new Map(placesIn(data).map((path) => [JSON.stringify(path), path]));
    return [...places.values()].slice(0, MOST_PLACES).flatMap((path) => {
      const shown = `${request}: ${path.join('.').replaceAll('.[]', '[]') || 'the whole answer'}`;
      return [undefined, null].map((instead) => ({
        name: `${name} ${instead === undefined ? 'without' : 'with null in'} ${shown}`,
        model: withAnswer(model, request, without(data, path, instead) ?? null),
      }));
    });
  });

/** Values that are absent, hostile, long, or read from right to left: each is shown, and nothing of it becomes HTML. */
const tryValues = (
  folder: string,
  gadget: Gadget,
  samples: readonly NamedModel[],
  views: TrialViews,
): { readonly tried: number; readonly failures: readonly TestFailure[] } => {
  const failures: TestFailure[] = [];
  const made = statesOf(gadget, samples).flatMap(({ name, shown }) =>
    shown.kind === 'content' ? [{ name: `the state “${name}”`, model: shown.model }] : [],
  );
  const models = [...made, ...samples.flatMap(absentModels)];
  const sampleTexts = JSON.stringify(samples.map(({ model }) => model.answers));
  for (const each of models)
    try {
      const html = views.content(each.model);
      const leak = leakIn(html);
      const slip = slipFault(folder, html, {
        ...{ shown: each.name, path: each.name },
        samples: each.name.includes('hostile') ? '{{' : sampleTexts,
      });
      const text =
        leak === null
          ? slip && faultText(slip, process.cwd())
          : `${basename(folder)}: shown with ${each.name}, ${leak}.`;
      if (text !== null) failures.push({ kind: 'values', name: each.name, text });
    } catch (error) {
      const text = faultText(runFault(folder, each, error), process.cwd());
      failures.push({ kind: 'values', name: each.name, text });
    }
  return { tried: models.length, failures: distinct(failures) };
};

/** One of each place in the view: what fails with one value left out fails with its neighbours too. */
const distinct = (failures: readonly TestFailure[]): readonly TestFailure[] => [
  ...new Map(
    failures.map((each) => [
      each.text.replaceAll(/shown with .*?, (?=the view|it shows|a )| in “.*”/g, ''),
      each,
    ]),
  ).values(),
];

/** Tests gadgets one by one. */
export class GadgetTester {
  readonly #templates: string;
  readonly #common: NunjucksViews;
  readonly #checker: GadgetChecker;

  /** `root` is the folder that holds `templates`. */
  constructor(root: string) {
    this.#templates = join(root, 'templates');
    this.#common = new NunjucksViews({ templates: this.#templates, gadgets: [] });
    this.#checker = new GadgetChecker(root, this.#common);
  }

  /** Everything that a test finds without a browser; `update` writes the goldens. A gadget with mistakes is not tested further. */
  async test(given: string, update: boolean): Promise<TestedGadget> {
    const folder = resolve(given);
    const id = basename(folder);
    const { faults } = await this.#checker.check(folder);
    const { gadget } = await readGadget(id, folder, gadgetReading);
    if (faults.length > 0 || gadget === null) {
      const failures = faults.map((fault) => ({
        ...{ kind: 'check', name: relative(folder, fault.file) },
        text: faultText(fault, process.cwd()),
      }));
      return { id, folder: given, tried: 0, written: [], failures, pages: [] };
    }
    const entry = { gadget, folder };
    const views = new TrialViews({ templates: this.#templates, gadgets: [entry] }, this.#common);
    const { models: samples } = readSamples(gadget, folder);
    const shown = samples.map(({ name, model }) => ({ name, html: views.content(model) }));
    const goldens = compareGoldens(folder, shown, update);
    const values = tryValues(folder, gadget, samples, views);
    const noSample: readonly TestFailure[] =
      samples.length > 0
        ? []
        : [
            {
              kind: 'golden',
              name: 'sample.json',
              text: `${id} has no sample, so that there is nothing to compare. Write one (oriel gadget record does).`,
            },
          ];
    return {
      ...{ id, folder: given, written: goldens.written },
      tried: samples.length + values.tried,
      failures: [...noSample, ...goldens.failures, ...values.failures],
      pages: this.#pages(gadget, samples, views),
    };
  }

  #pages(gadget: Gadget, samples: readonly NamedModel[], views: TrialViews): readonly TestPage[] {
    const usual = emptyModel(gadget).parameters;
    return statesOf(gadget, samples).map(({ name, shown }) => {
      const { locale } = shown.model;
      const page = { name, locale: this.#common.catalogueOf(locale), style: gadget.style };
      if (shown.kind === 'obstacle') {
        const controls = shownControls(gadget, { parameters: usual, locale });
        return { ...page, html: views.state({ ...shown.model, controls }) };
      }
      const controls = shownControls(gadget, shown.model);
      return { ...page, html: views.content({ ...shown.model, controls }) };
    });
  }
}
