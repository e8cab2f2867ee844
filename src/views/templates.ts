import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { compileFunction } from 'node:vm';
import nunjucks from 'nunjucks';
import type { FaultPlaces } from './fault-places.js';
import { countWork, Steps } from './step-budget.js';
import { built, OPTIONS, toCode } from './template-code.js';
import { guardedRuntime, quick } from './template-guard.js';

/** Source texts by the name under which templates are included. */
export type Sources = ReadonlyMap<string, string>;

type Block = (env: unknown, context: unknown, frame: unknown, runtime: unknown, done: unknown) => void;
type Blocks = Readonly<Record<string, Block>>;

/** Reads every `.njk` file below a folder; names are paths with `/`, as templates write them. */
export const readTemplates = (folder: string): Sources =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.njk'))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file.slice(folder.length + 1).replaceAll(sep, '/'), readFileSync(file, 'utf8')]),
  );

/** The steps of starting a template or block, whatever it shows then: views may include others. */
const OF_A_BLOCK = 4;
/** How many templates, loops and conditions may be inside each other. An error deep inside is written again at each level, longer every time. */
const DEEPEST = 50;

interface Nested {
  readonly parent?: Nested | undefined;
}

const stepsOfStarting = (frame: unknown): number => {
  let depth = 0;
  for (let each = frame as Nested | undefined; each?.parent !== undefined && depth <= DEEPEST; depth += 1)
    each = each.parent;
  return depth > DEEPEST ? Number.POSITIVE_INFINITY : OF_A_BLOCK;
};

/** The latest text of each template, and the function that makes its blocks. */
const makers = new Map<string, { readonly source: string; readonly make: () => Blocks }>();

/** Reads a template once for as long as its text stays the same: a reload, and another server of this process, take what is there. */
const makerOf = (name: string, source: string): (() => Blocks) => {
  const known = makers.get(name);
  if (known?.source === source) return known.make;
  const code = built().get(name, source) ?? toCode(name, source);
  const make = compileFunction(code, [], { filename: name }) as () => Blocks;
  makers.set(name, { source, make });
  return make;
};

/** Compiles one template, so that its blocks run under our guard whatever run time nunjucks hands them. */
const compile = (name: string, source: string, steps: Steps, places: FaultPlaces | null): Blocks => {
  const isPlaced = places?.has(name) === true;
  const runtime = isPlaced ? { ...guardedRuntime(steps), ...places.runtimeOf(name) } : guardedRuntime(steps);
  const blocks = isPlaced
    ? (compileFunction(places.code(name, source), [], { filename: name }) as () => Blocks)()
    : makerOf(name, source)();
  return Object.fromEntries(
    Object.entries(blocks).map(([block, run]) => [
      block,
      typeof run === 'function'
        ? (env, context, frame, _runtime, done) => {
            steps.take(stepsOfStarting(frame));
            run(env, context, quick(frame), runtime, done);
          }
        : run,
    ]),
  );
};

type Done = (error: unknown, ...given: unknown[]) => void;
type Task = (...given: unknown[]) => void;

/** What nunjucks runs the steps of an include with; its types leave it out. */
interface Waterfall {
  waterfall: (tasks: readonly Task[], done: Done) => void;
}

/**
 * Runs tasks one after another, each with what the one before gave; all of them answer at once here. The closures of nunjucks' own form a
 * chain from each rendering to the next, so that what was shown once is dead and yet kept until the whole heap is collected: a third of
 * the time of a rendering with an include.
 */
const inTurn: Waterfall['waterfall'] = (tasks, done) => {
  let turn = 0;
  const next: Done = (error, ...given) => {
    const task = tasks[turn];
    turn += 1;
    if (error || task === undefined) done(error, ...given);
    else task(...given, next);
  };
  next(null);
};

/**
 * An environment that knows exactly these templates, all of them read by now, so that no other file can be reached. Those that are `rare`, or were
 * compiled by the build, are made ready when they are first shown, the others now: throws, naming the template, when one of these cannot be compiled.
 */
export const compiledEnvironment = (
  sources: Sources,
  equip: (environment: nunjucks.Environment, steps: Steps) => void,
  rare: (name: string) => boolean = () => false,
  steps = new Steps(),
  places: FaultPlaces | null = null,
): nunjucks.Environment => {
  const environment: nunjucks.Environment = new nunjucks.Environment(
    {
      // Asked once for each name: what it gives is kept.
      getSource: (name: string) => {
        const source = sources.get(name);
        // A missing template is reported by nunjucks, by name; its types do not say that null means so.
        return (source === undefined
          ? null
          : {
              src: { type: 'code', obj: compile(name, source, steps, places) },
              path: name,
              noCache: false,
            }) as unknown as nunjucks.LoaderSource;
      },
    },
    OPTIONS,
  );
  (environment as unknown as Waterfall).waterfall = inTurn;
  equip(environment, steps);
  countWork(environment, steps);
  for (const [name, source] of sources)
    if (!rare(name) && !built().has(name, source)) environment.getTemplate(name, true);
  return environment;
};
