import type { Gadget } from '../domain/gadget.js';
import { looseReferences, NunjucksViews, type TemplateFault, type ViewFolders } from './nunjucks-views.js';
import type { ContentModel, ImageNamer, StateModel, Views } from './view-models.js';

type Entry = ViewFolders['gadgets'][number];

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Views of gadgets that can be replaced while they are in use: a gadget is shown by the templates that were compiled for this very definition,
 * so a rendering under way ends with what it started with. What was replaced is freed with the last rendering that holds it.
 */
export class LiveViews implements Views {
  readonly #folders: Omit<ViewFolders, 'gadgets'>;
  readonly #pages: NunjucksViews;
  readonly #compiled = new WeakMap<Gadget, NunjucksViews>();

  constructor(folders: Omit<ViewFolders, 'gadgets'>) {
    this.#folders = folders;
    this.#pages = new NunjucksViews({ ...folders, gadgets: [] });
  }

  /** Compiles the views of gadgets. Gives the faults of those that cannot be shown; they keep no other from it. */
  compile(entries: readonly Entry[]): ReadonlyMap<Gadget, readonly TemplateFault[]> {
    const faults = new Map<Gadget, readonly TemplateFault[]>();
    if (entries.length === 0) return faults;
    try {
      if (entries.every((entry) => looseReferences(entry).length === 0)) {
        this.#compileTogether(entries);
        return faults;
      }
    } catch {
      // Which one it was, and what is wrong with it, is found out one by one.
    }
    for (const entry of entries) {
      const found = this.#compileOne(entry);
      if (found.length > 0) faults.set(entry.gadget, found);
    }
    return faults;
  }

  get locales(): readonly string[] {
    return this.#pages.locales;
  }

  catalogueOf(locale: string): string {
    return this.#pages.catalogueOf(locale);
  }

  hasSentence(key: string): boolean {
    return this.#pages.hasSentence(key);
  }

  say(locale: string, key: string, values?: Readonly<Record<string, unknown>>): string {
    return this.#pages.say(locale, key, values);
  }

  content(model: ContentModel, nameImage?: ImageNamer | null): string {
    // A host's gadget is shown by the views of its definition.
    const views = this.#compiled.get(model.gadget.definition ?? model.gadget) ?? this.#pages;
    return views.content(model, nameImage);
  }

  state(model: StateModel): string {
    return this.#pages.state(model);
  }

  page(template: string, model: Readonly<Record<string, unknown>>): string {
    return this.#pages.page(template, model);
  }

  #compileTogether(entries: readonly Entry[]): void {
    const views = new NunjucksViews({ ...this.#folders, gadgets: entries }, this.#pages);
    for (const { gadget } of entries) this.#compiled.set(gadget, views);
  }

  #compileOne(entry: Entry): readonly TemplateFault[] {
    try {
      const loose = looseReferences(entry);
      if (loose.length === 0) this.#compileTogether([entry]);
      return loose;
    } catch (error) {
      return [{ file: entry.folder, problem: wordsOf(error) }];
    }
  }
}
