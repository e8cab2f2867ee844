import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { gadgetReading } from '../../config/gadget-reading.js';
import type { Gadget } from '../../domain/gadget.js';
import { readGadget } from '../../gadgets/load-gadgets.js';
import { systemClock } from '../../server/node-system.js';
import { looseReferences, NunjucksViews } from '../../views/nunjucks-views.js';
import { GadgetChecker } from './check-gadget.js';
import { type GadgetState, statesOf } from './gadget-states.js';
import type { LocatedFault } from './locate-fault.js';
import { readSamples } from './sample-models.js';

/** A version of a gadget that can be shown. */
export interface ShownVersion {
  readonly gadget: Gadget;
  readonly views: NunjucksViews;
  readonly states: readonly GadgetState[];
}

/** What is known of the gadget at the moment. */
export interface LiveState {
  /** Grows with every change, whether or not it can be shown. */
  readonly revision: number;
  /** The last version that could be shown; null before there was one. */
  readonly shown: ShownVersion | null;
  /** Whether `shown` is what the files say now. */
  readonly isCurrent: boolean;
  readonly faults: readonly LocatedFault[];
  /** Whether everything has been checked; until then there may be more faults. */
  readonly isChecked: boolean;
  /** Milliseconds from the change's notice until it could be shown. */
  readonly took: number;
}

/** What is saved is shown first; then there is time to look for everything that is wrong with it, ms. */
const CHECKED_AFTER = 120;
/** Events of one save come together. */
const TOGETHER = 8;
/** Some file systems, such as mounted ones, report no changes: then they are looked for, ms. */
const LOOK_EVERY = 400;
const TEXTS = 'texts';

/** A text that differs whenever the folder's files do, made without reading them. */
const signatureOf = (folder: string): string => {
  const inside = (of: string): readonly string[] => {
    try {
      return readdirSync(of, { withFileTypes: true })
        .filter((entry) => !entry.name.startsWith('.') && !entry.isDirectory())
        .map(({ name }) => {
          const found = statSync(join(of, name), { throwIfNoEntry: false });
          return `${name} ${found?.mtimeMs} ${found?.size} ${found?.ino}`;
        })
        .sort();
    } catch {
      return [];
    }
  };
  return [...inside(folder), '', ...inside(join(folder, TEXTS))].join('\n');
};

/** A gadget's folder that is being written in: read again at each save, and always shown by the last version that can be. */
export class LiveGadget {
  readonly folder: string;
  readonly #id: string;
  readonly #templates: string;
  readonly #common: NunjucksViews;
  readonly #checker: GadgetChecker;
  readonly #listeners = new Set<() => void>();
  readonly #watchers: FSWatcher[] = [];
  #watched = '';
  #looking: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  #signature = '';
  #work: Promise<void> | null = null;
  #isClosed = false;
  #state: LiveState = {
    ...{ revision: 0, shown: null, isCurrent: false, faults: [], isChecked: false, took: 0 },
  };

  private constructor(folder: string, root: string) {
    this.folder = resolve(folder);
    this.#id = basename(this.folder);
    this.#templates = join(root, 'templates');
    this.#common = new NunjucksViews({ templates: this.#templates, gadgets: [] });
    this.#checker = new GadgetChecker(root, this.#common);
  }

  /** Reads the gadget and watches its folder. `root` is the folder that holds `templates`. */
  static async open(folder: string, root: string): Promise<LiveGadget> {
    const gadget = new LiveGadget(folder, root);
    gadget.#watch();
    gadget.#looking = setInterval(() => {
      gadget.#watch();
      gadget.#noticed();
    }, LOOK_EVERY);
    await gadget.#refresh();
    return gadget;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get state(): LiveState {
    return this.#state;
  }

  /** The locales that there are sentences in. */
  get locales(): readonly string[] {
    return this.#common.locales;
  }

  /** The pages of the program itself. */
  get pages(): Pick<NunjucksViews, 'page' | 'catalogueOf'> {
    return this.#common;
  }

  /** Calls back after each change, until what is returned is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls the listeners once more, and never again. */
  close(): void {
    this.#isClosed = true;
    for (const listener of this.#listeners) listener();
    for (const each of this.#watchers) each.close();
    clearInterval(this.#looking);
    clearTimeout(this.#soon);
    this.#listeners.clear();
  }

  /** Watches the folders that are there; one that was made or replaced since is watched from the next look on. */
  #watch(): void {
    const folders = [this.folder, join(this.folder, TEXTS)];
    const there = folders.map((each) => statSync(each, { throwIfNoEntry: false })?.ino ?? null).join(' ');
    if (there === this.#watched) return;
    this.#watched = there;
    for (const each of this.#watchers.splice(0)) each.close();
    for (const folder of folders)
      try {
        const watcher = watch(folder, () => this.#noticed());
        watcher.on('error', () => watcher.close());
        this.#watchers.push(watcher);
      } catch {
        // Not there, or not to be watched: then it is looked at.
      }
  }

  #noticed(): void {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => {
      if (signatureOf(this.folder) !== this.#signature) void this.#refresh();
    }, TOGETHER);
  }

  /** What changes while the files are read is read once more. */
  #refresh(): Promise<void> {
    this.#work ??= this.#readAgain().finally(() => {
      this.#work = null;
    });
    return this.#work;
  }

  async #readAgain(): Promise<void> {
    do {
      this.#signature = signatureOf(this.folder);
      await this.#read();
    } while (signatureOf(this.folder) !== this.#signature);
  }

  async #read(): Promise<void> {
    const started = performance.now();
    const before = this.#state;
    const revision = before.revision + 1;
    const shown = await this.#compiled();
    if (shown !== null)
      this.#publish({
        ...{ revision, shown, isCurrent: true, isChecked: false },
        // Those of the version before may be fixed: until all is checked, none is named.
        faults: [],
        took: performance.now() - started,
      });
    if (shown !== null) {
      await systemClock.sleep(CHECKED_AFTER);
      if (this.#isClosed || signatureOf(this.folder) !== this.#signature) return;
    }
    const { faults } = await this.#checker.check(this.folder);
    this.#publish({
      ...{ revision, faults, isChecked: true },
      shown: shown ?? before.shown,
      isCurrent: shown !== null,
      took: shown === null ? performance.now() - started : this.#state.took,
    });
  }

  /** Null where it cannot be shown; what is wrong is then for the check to say. */
  async #compiled(): Promise<ShownVersion | null> {
    const { gadget, files } = await readGadget(this.#id, this.folder, gadgetReading);
    if (gadget === null || !files.has('view.njk')) return null;
    const entry = { gadget, folder: this.folder };
    try {
      if (looseReferences(entry).length > 0) return null;
      const views = new NunjucksViews(
        { templates: this.#templates, gadgets: [entry], areFaultsPlaced: true },
        this.#common,
      );
      const { models, unread } = readSamples(gadget, this.folder);
      // One that is just being written: what is shown stays until it can be read.
      if (unread.length > 0 && this.#state.shown !== null) return null;
      const states = statesOf(gadget, models);
      const [first] = states;
      // What a filter or a macro that does not exist does shows only now.
      if (first?.shown.kind === 'content') views.content(first.shown.model);
      return { gadget, views, states };
    } catch {
      return null;
    }
  }

  #publish(state: LiveState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
