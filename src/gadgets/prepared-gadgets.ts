import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { Gadget } from '../domain/gadget.js';

/** Gadgets that were read when the program was built, by id: the version says of which files, and the gadget is JSON. */
type Prepared = Readonly<Record<string, { readonly version: string; readonly gadget: string }>>;

/** What the build writes beside this file: gadgets without faults. One that JSON cannot hold is left to be read at the start. */
export const prepareGadgets = (gadgets: readonly Gadget[]): Prepared =>
  Object.fromEntries(
    gadgets.flatMap((gadget) => {
      const text = JSON.stringify(gadget);
      const { id, version } = gadget;
      return isDeepStrictEqual(JSON.parse(text), gadget) ? [[id, { version, gadget: text }]] : [];
    }),
  );

/** Gadgets that are remembered once they are read: a reload reads most of them again as they were. */
const MOST_REMEMBERED = 500;

/** Gadgets that were read when the program was built, or in this process. One of whose files any byte has changed since is as if it had never been read. */
export class PreparedGadgets {
  readonly #prepared: ReadonlyMap<string, Prepared[string]>;
  readonly #remembered = new LRUCache<string, Prepared[string]>({ max: MOST_REMEMBERED });

  constructor(text: string | null) {
    this.#prepared = new Map(Object.entries(text === null ? {} : (JSON.parse(text) as Prepared)));
  }

  /** The gadget of this id whose files come to this version: what reading them gives, which is no fault. */
  get(id: string, version: string): Gadget | undefined {
    const known = [this.#remembered.get(id), this.#prepared.get(id)].find(
      (each) => each?.version === version,
    );
    return known && (JSON.parse(known.gadget) as Gadget);
  }

  /** Whether the build has read this very gadget. */
  isOfBuild({ id, version }: Gadget): boolean {
    return this.#prepared.get(id)?.version === version;
  }

  /** Remembers a gadget without faults in place of an earlier version of it. */
  remember(gadget: Gadget): void {
    for (const [id, read] of Object.entries(prepareGadgets([gadget]))) this.#remembered.set(id, read);
  }
}

const read = (): string | null => {
  try {
    return readFileSync(new URL('./prepared-gadgets.json', import.meta.url), 'utf8');
  } catch (error) {
    // Run from its source, as tests do, the program was not built.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
};

let known: PreparedGadgets | undefined;

/** To parse and check a gadget in nine languages takes some hundredths of a second: what the build has read is taken instead. */
export const prepared = (): PreparedGadgets => {
  known ??= new PreparedGadgets(read());
  return known;
};
