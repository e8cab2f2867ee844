import { readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { gadgetReading } from '../../config/gadget-reading.js';
import { parseYaml } from '../../config/yaml-source.js';
import type { Fault } from '../../domain/fault.js';
import type { Gadget, RequestPlan } from '../../domain/gadget.js';
import { flowSentences } from '../../gadgets/data-flows.js';
import { type ReadGadget, readGadget } from '../../gadgets/load-gadgets.js';
import { isNeverBoth } from '../../gadgets/request-plan.js';
import {
  closest,
  examineTemplate,
  looseNames,
  type Named,
  type TemplateUse,
} from '../../views/examine-template.js';
import {
  looseReferences,
  NunjucksViews,
  type TemplateFault,
  textFaultsOf,
} from '../../views/nunjucks-views.js';
import type { TemplateMistake } from '../../views/template-blocks.js';
import { pathWarnings, sampleFaults } from './check-samples.js';
import { frameVariables, styleFaults } from './check-style.js';
import { type LocatedFault, located } from './locate-fault.js';
import { readSamples, trialModels } from './sample-models.js';
import { shownFaults, TrialViews } from './view-faults.js';

/** What came of checking one gadget. */
export interface CheckedGadget {
  readonly id: string;
  readonly folder: string;
  /** How many samples it has. */
  readonly samples: number;
  /** What it sends from one provider to another, in sentences. */
  readonly flows: readonly string[];
  readonly faults: readonly LocatedFault[];
  /** What is probably meant otherwise, and does not keep the gadget from being shown. */
  readonly warnings: readonly LocatedFault[];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Names of every value that the templates of a plan hold. */
const valuesIn = (plan: unknown): readonly string[] => {
  if (!isRecord(plan)) return [];
  const own = plan.kind === 'value' && typeof plan.name === 'string' ? [plan.name] : [];
  return [...own, ...Object.values(plan).flatMap(valuesIn)];
};

const usedByRequest = (request: RequestPlan): readonly string[] => [
  ...valuesIn(request),
  ...request.inputs.when,
  ...request.inputs.narrow.map(({ parameter }) => parameter),
  ...(request.answer.pages?.upTo === undefined ? [] : [request.answer.pages.upTo]),
  ...request.inputs.given.flatMap(({ match }) =>
    match !== null && 'parameter' in match ? [match.parameter] : [],
  ),
];

type Template = { readonly name: string; readonly use: TemplateUse };

interface Examined {
  readonly read: ReadGadget;
  readonly gadget: Gadget;
  readonly folder: string;
  readonly templates: readonly Template[];
}

const templateFault = (
  folder: string,
  name: string,
  { line, column, length, ...words }: TemplateMistake,
): LocatedFault => ({ ...words, file: join(folder, name), path: '', line, column, length });

const notThere = (noun: string, each: Named, known: readonly string[]): TemplateMistake => ({
  ...{ line: each.line, column: each.column, length: each.name.length },
  problem: `the gadget has no ${noun} "${each.name}"`,
  expected: known.length === 0 ? `a ${noun} that gadget.yaml declares` : `one of ${known.join(', ')}`,
  example: closest(each.name, known),
});

const LIBRARY = 'oriel';

/** Pieces and partials that are imported by a name they do not have. */
const importMistakes = (
  { imports }: TemplateUse,
  macrosOf: (template: string) => ReadonlySet<string> | null,
): readonly TemplateMistake[] =>
  imports.flatMap(({ name, line, column, template }) => {
    const known = macrosOf(template);
    if (known === null || known.has(name)) return [];
    const offered = [...known];
    return [
      {
        ...{ line, column, length: name.length },
        problem: `"${template}" has no macro "${name}"`,
        expected: `one of ${offered.join(', ')}`,
        example: closest(name, offered),
      },
    ];
  });

const viewFaults = (
  { gadget, folder, templates }: Examined,
  libraryMacros: () => ReadonlySet<string>,
): readonly LocatedFault[] => {
  const bound = new Set(templates.flatMap(({ use }) => [...use.bound]));
  const parameters = gadget.parameters.map(({ name }) => name);
  const requests = gadget.requests.map(({ name }) => name);
  const macrosOf = (template: string): ReadonlySet<string> | null => {
    if (template === LIBRARY) return libraryMacros();
    return templates.find(({ name }) => name === template.replace(/^\.\//, ''))?.use.exported ?? null;
  };
  return templates.flatMap(({ name, use }) =>
    [
      ...use.mistakes,
      ...looseNames(use, bound),
      ...importMistakes(use, macrosOf),
      ...use.parameters
        .filter((each) => !parameters.includes(each.name))
        .map((each) => notThere('parameter', each, parameters)),
      ...use.answers
        .filter((each) => !requests.includes(each.name))
        .map((each) => notThere('request', each, requests)),
      // A piece may call an argument so.
      ...(use.bound.has('connected') ? [] : use.connected)
        .filter((each) => !gadget.providers.includes(each.name))
        .map((each) => notThere('provider', each, gadget.providers)),
    ].map((mistake) => templateFault(folder, name, mistake)),
  );
};

/** The requests that another one is made of or waits for, directly. */
const neededBy = ({ inputs }: RequestPlan): readonly string[] => [
  ...inputs.needs,
  ...inputs.narrow.map(({ request }) => request),
];

/** Parameters and requests of the definition that nothing uses. */
const unusedFaults = ({ gadget, folder, templates, read }: Examined): readonly LocatedFault[] => {
  if (templates.some(({ use }) => use.mistakes.length > 0)) return [];
  const isOpen = (what: 'parameters' | 'answers'): boolean => templates.some(({ use }) => use.isOpen[what]);
  const named = (what: 'parameters' | 'answers') =>
    templates.flatMap(({ use }) => use[what].map(({ name }) => name));
  const inViews = new Set(named('parameters'));
  const inRequests = new Set(gadget.requests.flatMap(usedByRequest));
  const shown = new Set(named('answers'));
  const needed = new Set(gadget.requests.flatMap(neededBy));
  const at = (group: string, name: string, problem: string, expected: string): LocatedFault =>
    located(
      {
        ...{ file: join(folder, 'gadget.yaml'), path: `${group}.${name}`, line: lineOf(read, group, name) },
        ...{ problem, expected, example: null },
      },
      name,
    );
  return [
    ...gadget.parameters
      .filter(({ name }) => !isOpen('parameters') && !inViews.has(name) && !inRequests.has(name))
      .map(({ name }) =>
        at(
          'parameters',
          name,
          `nothing uses the parameter "${name}"`,
          'it in a request or in the view, or not at all',
        ),
      ),
    ...gadget.requests
      .filter(({ name }) => !isOpen('answers') && !shown.has(name) && !needed.has(name))
      .map(({ name }) =>
        at(
          'requests',
          name,
          `nothing uses the answer to "${name}"`,
          `answers.${name} in the view, or no such request`,
        ),
      ),
  ];
};

const lineOf = ({ files }: ReadGadget, ...path: readonly string[]): number | null => {
  const parsed = parseYaml(files.get('gadget.yaml') ?? '');
  return 'source' in parsed ? parsed.source.lineOf(path) : null;
};

/** A list that never has an item, without which a request is not made. */
const emptyList = (gadget: Gadget, { inputs }: RequestPlan): string | null => {
  const name = inputs.when.find((each) => {
    const type = gadget.parameters.find((parameter) => parameter.name === each)?.type;
    return type?.kind === 'list' && type.maxItems === 0;
  });
  return name === undefined ? null : `"${name}" never has an item`;
};

/** Requests that can never be made: what they are taken from can’t be had when they are wanted, or waits for what never comes. */
const unreachable = (gadget: Gadget, request: RequestPlan, seen: readonly string[] = []): string | null => {
  const empty = emptyList(gadget, request);
  if (empty !== null) return empty;
  for (const { request: source } of [
    ...request.inputs.given.filter(({ required }) => required),
    ...(request.inputs.each === null ? [] : [request.inputs.each]),
  ]) {
    const found = gadget.requests.find(({ name }) => name === source);
    if (found === undefined || seen.includes(source)) continue;
    if (isNeverBoth(request, found))
      return `"${source}" is made with other editions of a provider than this request`;
    const why = unreachable(gadget, found, [...seen, source]);
    if (why !== null) return why;
    if (found.answer.format === 'text' && request.inputs.each?.request === source)
      return `"${source}" is a text, which has no items`;
  }
  return null;
};

const unreachableFaults = ({ gadget, folder, read }: Examined): readonly LocatedFault[] =>
  gadget.requests.flatMap((request) => {
    const why = unreachable(gadget, request);
    if (why === null) return [];
    const line = lineOf(read, 'requests', request.name);
    return [
      located(
        {
          ...{ file: join(folder, 'gadget.yaml'), path: `requests.${request.name}`, line, example: null },
          problem: `the request "${request.name}" is never made: ${why}`,
          expected: 'a request that can be made',
        },
        request.name,
      ),
    ];
  });

const sentence = (problem: string): string => problem.trim().replaceAll(/\s+/g, ' ').replace(/\.$/, '');

const plainFault = (file: string, problem: string, expected: string): LocatedFault =>
  located({ ...{ file, path: '', line: null, example: null, expected }, problem: sentence(problem) });

/** A fault of a template or a text, where it stands. */
const placedFault = (
  { files }: ReadGadget,
  folder: string,
  { file, problem, place, key }: TemplateFault,
  expected: string,
): LocatedFault => {
  const plain = { file, path: key ?? '', example: null, expected, problem: sentence(problem) };
  if (place !== undefined) return { ...plain, ...place };
  const parsed = parseYaml(files.get(relative(folder, file)) ?? '');
  if (key === undefined || !('source' in parsed)) return located({ ...plain, line: null });
  const line = parsed.source.lineOf(key.split('.'));
  return located({ ...plain, line }, key.split('.').at(-1));
};

const pathsWarnedOf = ({ read, gadget, folder, templates }: Examined): readonly LocatedFault[] =>
  pathWarnings(
    gadget,
    readSamples(gadget, folder).models,
    templates.map(({ name, use }) => ({ file: join(folder, name), paths: use.paths })),
    { file: join(folder, 'gadget.yaml'), lineOf: (...path) => lineOf(read, 'requests', ...path) },
  );

/** Without what the same place says twice. */
const distinct = (faults: readonly LocatedFault[]): readonly LocatedFault[] => [
  ...new Map(faults.map((each) => [JSON.stringify([each.file, each.line, each.problem]), each])).values(),
];

/** Gadgets are compiled one by one beside what they have in common, which is compiled once. */
export class GadgetChecker {
  readonly #root: string;
  readonly #common: NunjucksViews;
  #variables: ReadonlySet<string> | null = null;
  #library: { readonly text: string; readonly macros: ReadonlySet<string> } | null = null;

  /** `root` is the folder that holds `templates`. */
  constructor(root: string, common = new NunjucksViews({ templates: join(root, 'templates'), gadgets: [] })) {
    this.#root = root;
    this.#common = common;
  }

  /** Everything that can be found out about a gadget without its provider. */
  async check(given: string): Promise<CheckedGadget> {
    const folder = resolve(given);
    const id = basename(folder);
    const read = await readGadget(id, folder, gadgetReading);
    const templates = [...read.files]
      .filter(([name]) => name.endsWith('.njk'))
      .map(([name, source]) => ({ name, use: examineTemplate(source) }));
    const ofDefinition = read.faults.map((fault: Fault) => located(fault));
    const checked = { id, folder: given, samples: 0, flows: [], warnings: [] };
    if (read.gadget === null) {
      const syntax = templates.flatMap(({ name, use }) =>
        use.mistakes.map((mistake) => templateFault(folder, name, mistake)),
      );
      return { ...checked, faults: [...ofDefinition, ...syntax] };
    }
    const examined = { read, gadget: read.gadget, folder, templates };
    const faults = [
      ...ofDefinition,
      ...unreachableFaults(examined),
      ...viewFaults(examined, () => this.#libraryMacros()),
      ...unusedFaults(examined),
      ...this.#styleFaults(examined),
    ];
    const { samples, faults: shown } = this.#shown(examined, faults.length === 0);
    const warnings = faults.length > 0 ? [] : distinct(pathsWarnedOf(examined));
    const flows = flowSentences(read.gadget, (provider) => provider);
    return { ...checked, samples, flows, warnings, faults: distinct([...faults, ...shown]) };
  }

  /** Every view imports it, and it is longer than all of them: it is examined once for as long as its text stays the same. */
  #libraryMacros(): ReadonlySet<string> {
    const text = readFileSync(join(this.#root, 'templates', 'oriel.njk'), 'utf8');
    if (this.#library?.text !== text) this.#library = { text, macros: examineTemplate(text).exported };
    return this.#library.macros;
  }

  #styleFaults({ gadget, folder }: Examined): readonly LocatedFault[] {
    if (gadget.style === null) return [];
    this.#variables ??= frameVariables(this.#root);
    return styleFaults(join(folder, 'style.css'), gadget.style, this.#variables);
  }

  #shown(
    { gadget, folder, read }: Examined,
    isSound: boolean,
  ): { readonly samples: number; readonly faults: readonly LocatedFault[] } {
    if (!read.files.has('view.njk')) return { samples: 0, faults: [] };
    const entry = { gadget, folder };
    const templates = join(this.#root, 'templates');
    const loose = [
      ...looseReferences(entry).map((each) =>
        placedFault(read, folder, each, 'a template in the folder of the gadget, or "oriel"'),
      ),
      ...textFaultsOf(entry, templates).map((each) =>
        placedFault(read, folder, each, 'texts in ICU MessageFormat, the same ones in each language'),
      ),
    ];
    const { models, unread } = readSamples(gadget, folder);
    const faults = [
      ...loose,
      ...unread.map(({ file, problem }) =>
        plainFault(file, `this sample cannot be used: ${problem}`, 'JSON as a view gets it, with "answers"'),
      ),
      ...sampleFaults(gadget, folder, models, isSound),
    ];
    if (!isSound || loose.length > 0) return { samples: models.length, faults };
    try {
      const views = new TrialViews({ templates, gadgets: [entry] }, this.#common);
      return {
        samples: models.length,
        faults: [...faults, ...shownFaults(views, folder, trialModels(gadget, models))],
      };
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      return {
        samples: models.length,
        faults: [
          ...faults,
          plainFault(join(folder, 'view.njk'), words, 'a template that Nunjucks can compile'),
        ],
      };
    }
  }
}
