import type { Config } from '../config/config.js';
import { describeFaults } from '../config/config-faults.js';
import { type DeclaredGadgets, declaredGadgets } from '../config/declared-gadgets.js';
import type { AuditChange } from '../domain/audit-event.js';
import type { Fault } from '../domain/fault.js';
import type { FaultyGadget } from '../domain/faulty-gadget.js';
import type { Gadget } from '../domain/gadget.js';
import type { Journal } from '../domain/system.js';
import type { CatalogEntry } from '../gadgets/load-gadgets.js';
import type { LiveViews } from '../views/live-views.js';
import type { ServedGadgets } from './live-setup.js';

/** The gadgets as they were read from disk, before they are served. */
export interface ReadGadgets extends ServedGadgets {
  readonly entries: readonly CatalogEntry[];
  readonly leftOut: ReadonlySet<string>;
  readonly faulty: readonly FaultyGadget[];
  /** Folders of gadgets that cannot be read: mistakes of the configuration. */
  readonly folderFaults: readonly Fault[];
}

const SHORT = 8;
const versionText = (gadget: Gadget | undefined): string => gadget?.version.slice(0, SHORT) ?? 'none';

const NOTHING: ReadGadgets = { entries: [], gadgets: [], leftOut: new Set(), faulty: [], folderFaults: [] };

/**
 * The gadgets that this process serves. They can be read again while it serves: one that cannot be used is left out or, where there was a version
 * without mistakes, keeps running with that.
 */
export class LiveGadgets {
  readonly #root: string;
  readonly #views: Pick<LiveViews, 'compile'>;
  readonly #journal: Journal;
  #served: ReadGadgets = NOTHING;

  constructor(root: string, views: Pick<LiveViews, 'compile'>, journal: Journal) {
    this.#root = root;
    this.#views = views;
    this.#journal = journal;
  }

  /** What is served, and what is wrong with the rest. */
  get served(): ReadGadgets {
    return this.#served;
  }

  /** Reads and compiles what is on disk. Nothing is served by it yet. */
  async read(config: Pick<Config, 'gadgets'>): Promise<ReadGadgets> {
    const found = await declaredGadgets(config, this.#root);
    const before = new Map(this.#served.entries.map((entry) => [entry.gadget.id, entry]));
    // What did not change stays the same object, so that whatever was made for it stays good.
    const unchanged = found.entries.map((entry) => {
      const old = before.get(entry.gadget.id);
      return old?.gadget.version === entry.gadget.version && old.folder === entry.folder ? old : entry;
    });
    const faulty = this.#compiled(unchanged, found);
    const good = unchanged.filter(({ gadget }) => !faulty.has(gadget.id));
    const here = new Set(good.map(({ gadget }) => gadget.id));
    const kept = [...faulty.keys()].flatMap((id) => (here.has(id) ? [] : (before.get(id) ?? [])));
    const entries = [...good, ...kept];
    const isServed = (id: string): boolean => entries.some(({ gadget }) => gadget.id === id);
    return {
      entries,
      gadgets: entries.map(({ gadget }) => gadget),
      leftOut: new Set([...faulty.keys()].filter((id) => !isServed(id))),
      faulty: [...faulty].map(([id, faults]) => ({
        id,
        isServed: isServed(id),
        problem: describeFaults(faults),
      })),
      folderFaults: found.folderFaults,
    };
  }

  /** Serves by what was read; what is wrong goes to the log. Gives what changed, for the audit log. */
  take(read: ReadGadgets): readonly AuditChange[] {
    const before = new Map(this.#served.gadgets.map((gadget) => [gadget.id, gadget]));
    const after = new Map(read.gadgets.map((gadget) => [gadget.id, gadget]));
    this.#served = read;
    for (const { id, isServed, problem } of read.faulty)
      this.#journal.warn('gadget-faulty', {
        gadget: id,
        served: isServed ? 'its last version without mistakes' : 'not at all',
        faults: problem,
        fix: 'Correct it (`oriel gadget check` shows where), and run `oriel reload`.',
      });
    return [...new Set([...before.keys(), ...after.keys()])]
      .map((id) => ({
        path: `gadgets.${id}`,
        before: versionText(before.get(id)),
        after: versionText(after.get(id)),
      }))
      .filter((change) => change.before !== change.after);
  }

  /** The faults of all that cannot be used, by id. */
  #compiled(
    entries: readonly CatalogEntry[],
    { faulty }: DeclaredGadgets,
  ): ReadonlyMap<string, readonly Fault[]> {
    const known = new Set(this.#served.entries);
    const broken = this.#views.compile(entries.filter((entry) => !known.has(entry)));
    const all = new Map(faulty);
    for (const [{ id }, faults] of broken)
      all.set(
        id,
        faults.map(({ file, problem }) => ({
          ...{ file, path: '', line: null, example: null },
          problem: problem.trim().replaceAll(/\s+/g, ' ').replace(/\.$/, ''),
          expected: 'a template that Nunjucks can compile',
        })),
      );
    return all;
  }
}
