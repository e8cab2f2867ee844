import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import type nunjucks from 'nunjucks';
import type { Gadget } from '../domain/gadget.js';
import { baseLocaleOf, gadgetIn } from '../domain/gadget-locale.js';
import { FaultPlaces } from './fault-places.js';
import { addFilters } from './filters/all.js';
import type { CurrentImages } from './filters/images.js';
import { type ForViewer, ViewerLocale } from './filters/times.js';
import { textOf } from './html.js';
import { Messages, type MessageValues, messageFault } from './messages.js';
import { Steps } from './step-budget.js';
import { placeIn } from './template-blocks.js';
import { compiledEnvironment, readTemplates, type Sources } from './templates.js';
import {
  byRole,
  type ContentModel,
  type ImageNamer,
  MOST_STEPS,
  type StateModel,
  TooMuchToShow,
  type Views,
} from './view-models.js';

/** Where templates come from. A gadget's `view` is the name of the `view.njk` in its folder. */
export interface ViewFolders {
  readonly templates: string;
  readonly gadgets: readonly { readonly gadget: Gadget; readonly folder: string }[];
  /** Locales and time zones whose formatters are kept, where it is not the usual. */
  readonly locales?: number;
  /** Whether what `content` throws shall have its place (`placeOfFault`): for authors, whose views may be slower. */
  readonly areFaultsPlaced?: boolean;
}

/** Half of all templates are the console's, which few people ever look at: compiling them would be a good part of each start. */
const isOfConsole = (template: string): boolean => template.startsWith('admin/');

const VIEW = 'view.njk';
/** What a gadget's view is shown in. */
const CONTENT = 'states/content.njk';
/** The pieces that views are made of, and the name under which these import them. */
const LIBRARY = { name: 'oriel', file: 'oriel.njk' } as const;

/** A template in a gadget's folder. A link may have been laid since the folder was looked at: it leads to no other folder. */
const templateIn = (folder: string, name: string): string => {
  const file = realpathSync(join(folder, name));
  if (!file.startsWith(realpathSync(folder) + sep))
    throw new Error(`${join(folder, name)} is a link that leads out of its folder.`);
  return readFileSync(file, 'utf8');
};

/** The templates beside a gadget's view, which it can import. */
const partialsIn = (folder: string): readonly string[] =>
  readdirSync(folder).filter((name) => name.endsWith('.njk') && name !== VIEW);

/** Under which name the templates of a gadget are known: its partials take the name of none of ours, whatever gadget and file are called. */
const nameOf = ({ id, view }: Gadget, file: string): string =>
  file === VIEW ? view : `gadget:${id}/${file}`;

type Resolve = (parent: string | null, name: string) => string;

/** Which template another one means by a name. What belongs to a gadget reaches the library and the templates of its own folder, nothing else. */
const resolving =
  (owners: ReadonlyMap<string, Gadget>): Resolve =>
  (parent, name) => {
    const owner = parent === null ? undefined : owners.get(parent);
    if (name === LIBRARY.name) return LIBRARY.file;
    if (owner === undefined) return name;
    const prefix = name.startsWith('./') ? './' : owner.view.slice(0, -VIEW.length);
    const file = name.startsWith(prefix) ? name.slice(prefix.length) : name;
    const found = nameOf(owner, file);
    if (owners.get(found) === owner) return found;
    throw new Error(
      `there is no template "${name}" in the folder of ${owner.id}, and views use no others but "oriel"`,
    );
  };

interface GadgetTemplates {
  /** Texts by name. */
  readonly sources: ReadonlyMap<string, string>;
  /** Whose each is. */
  readonly owners: ReadonlyMap<string, Gadget>;
  readonly files: ReadonlyMap<string, string>;
}

/** Views and partials of all gadgets. Throws with the file's name where one cannot be read. */
const templatesOf = (gadgets: ViewFolders['gadgets']): GadgetTemplates => {
  const found = gadgets.flatMap(({ gadget, folder }) =>
    [VIEW, ...partialsIn(folder)].map((file) => {
      const name = nameOf(gadget, file);
      return { name, gadget, file: join(folder, file), source: templateIn(folder, file) };
    }),
  );
  return {
    sources: new Map(found.map(({ name, source }) => [name, source])),
    owners: new Map(found.map(({ name, gadget }) => [name, gadget])),
    files: new Map(found.map(({ name, file }) => [name, file])),
  };
};

/** The texts of a gadget's templates, by the names under which they are compiled. Throws with the file's name where one cannot be read. */
export const gadgetTemplates = (entry: ViewFolders['gadgets'][number]): Sources =>
  templatesOf([entry]).sources;

interface Resolving {
  resolveTemplate: (loader: unknown, parent: string | null, name: string) => string;
}

/** Makes an environment resolve names so. */
const resolveBy = (environment: nunjucks.Environment, resolve: Resolve): void => {
  (environment as unknown as Resolving).resolveTemplate = (_loader, parent, name) => resolve(parent, name);
};

/** A template that cannot be used, and why. */
export interface TemplateFault {
  readonly file: string;
  readonly problem: string;
  /** Where in the file, one-based, and what stands there; absent where it is not known. */
  readonly place?: { readonly line: number; readonly column: number; readonly length: number };
  /** The text of a gadget that it is about. */
  readonly key?: string;
}

const placeOf = (
  source: string,
  match: RegExpMatchArray,
  name: string,
): NonNullable<TemplateFault['place']> => ({
  ...placeIn(source, (match.index ?? 0) + match[0].indexOf(name)),
  length: name.length,
});

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const tried = <T>(file: string, work: () => T): T | TemplateFault => {
  try {
    return work();
  } catch (error) {
    return { file, problem: wordsOf(error) };
  }
};

/** The names of the templates that others include and import, as written out; of one that leads nowhere, the fault. */
const referencesIn = (
  sources: Sources,
  files: ReadonlyMap<string, string>,
  resolve: Resolve,
): readonly (string | TemplateFault)[] =>
  [...sources].flatMap(([parent, source]) =>
    [...source.matchAll(REFERENCE)].flatMap((match): readonly (string | TemplateFault)[] => {
      const [, name = ''] = match;
      // A partial of its own is looked for where the gadget is.
      const found = tried(files.get(parent) ?? parent, () => ({ name: resolve(parent, name) }));
      return 'problem' in found ? [{ ...found, place: placeOf(source, match, name) }] : [found.name];
    }),
  );

/** What is wrong with the texts of a gadget, and the texts that its templates name and that do not exist. */
export const textFaultsOf = (
  entry: ViewFolders['gadgets'][number],
  templates: string,
): readonly TemplateFault[] => {
  const { sources, owners, files } = templatesOf([entry]);
  return textFaults(entry, sources, owners, files, new Messages(join(templates, 'messages')));
};

/** Imports and includes of a gadget that lead nowhere: they would fail only once the gadget is shown. Throws where a file cannot be read. */
export const looseReferences = (entry: ViewFolders['gadgets'][number]): readonly TemplateFault[] => {
  const { sources, owners, files } = templatesOf([entry]);
  return referencesIn(sources, files, resolving(owners)).filter((each) => typeof each !== 'string');
};

/** Every template that cannot be read or compiled, the console's among them: what `NunjucksViews` would throw, now or when it is first shown. */
export const compileFaults = ({ templates, gadgets }: ViewFolders): readonly TemplateFault[] => {
  const shared = tried(templates, () => readTemplates(templates));
  if ('problem' in shared) return [shared];
  const files = new Map([...shared.keys()].map((name) => [name, join(templates, name)]));
  const sources = new Map(shared);
  const owners = new Map<string, Gadget>();
  for (const each of gadgets) {
    const own = tried(join(each.folder, VIEW), () => templatesOf([each]));
    if ('problem' in own) return [own];
    for (const [name, source] of own.sources) sources.set(name, source);
    for (const [name, owner] of own.owners) owners.set(name, owner);
    for (const [name, file] of own.files) files.set(name, file);
  }
  const named = referencesIn(sources, files, resolving(owners));
  const unresolved = named.filter((each) => typeof each !== 'string');
  const used = named.filter((each) => typeof each === 'string');
  const needed = [...new Set([...NEEDED, ...used])]
    .filter((name) => !sources.has(name))
    .map((name) => ({ file: join(templates, name), problem: 'there is no such file' }));
  const environment = compiledEnvironment(sources, addFilters, () => true);
  const broken = [...files].flatMap(([name, file]) => {
    const found = tried(file, () => environment.getTemplate(name, true));
    return 'problem' in found ? [found] : [];
  });
  const messages = tried(templates, () => new Messages(join(templates, 'messages')));
  const texts =
    'problem' in messages
      ? [messages]
      : gadgets.flatMap((each) => textFaults(each, sources, owners, files, messages));
  return [...unresolved, ...needed, ...broken, ...texts];
};

/** A text that a template names as it is written, not as it is put together. */
const NAMED_TEXT = /\bt(?:Text)?\(\s*["']([\w.-]+)["']\s*[,)]/g;

/** Texts of a gadget that are no messages, differ in their arguments, or are named by its templates and do not exist. */
const textFaults = (
  { gadget, folder }: ViewFolders['gadgets'][number],
  sources: ReadonlyMap<string, string>,
  owners: ReadonlyMap<string, Gadget>,
  files: ReadonlyMap<string, string>,
  messages: Messages,
): readonly TemplateFault[] => {
  const base = baseLocaleOf(Object.keys(gadget.texts));
  const ofBase = base === undefined ? {} : (gadget.texts[base] ?? {});
  const wrong = Object.entries(gadget.texts).flatMap(([locale, texts]) =>
    Object.entries(texts).flatMap(([key, text]) => {
      const problem = messageFault(text, locale, ofBase[key]);
      return problem === null
        ? []
        : [{ file: join(folder, 'texts', `${locale}.yaml`), problem: `${key}: ${problem}`, key }];
    }),
  );
  const missing = [...owners]
    .filter(([, owner]) => owner === gadget)
    .flatMap(([name]) => {
      const source = sources.get(name) ?? '';
      return [...source.matchAll(NAMED_TEXT)].flatMap((match): readonly TemplateFault[] => {
        const [, key = ''] = match;
        if (Object.hasOwn(ofBase, key) || messages.has(key)) return [];
        const place = placeOf(source, match, key);
        return [{ file: files.get(name) ?? name, problem: `there is no text "${key}"`, place }];
      });
    });
  return [...wrong, ...missing];
};

/** Nunjucks looks for these only when the template that names them is shown. */
const REFERENCE =
  /\{%-?\s*(?:include|extends|import|from)\s+["']([^"']+)["']\s*(?:-?%\}|as\b|import\b|with\b)/g;

/** A view that calls itself without end, or doubles a text again and again, meets the limits of JavaScript before its steps are used up. */
const isRunaway = (error: unknown): boolean =>
  error instanceof Error &&
  /Maximum call stack size exceeded|Invalid (?:string|array) length/.test(error.message);

/** Without these nothing can be shown. */
const NEEDED = [CONTENT, 'frame/launch.njk', 'frame/refusal.njk', 'site/error.njk'];

/** The steps of saying a sentence. */
const OF_A_SENTENCE = 3;

/** The texts of the gadget whose content is made now; its own come before the catalogue's. */
interface OwnTexts {
  current: Messages | null;
}

/**
 * `t(key, values)` says a sentence of the gadget's texts or of the catalogue as HTML, `tText` as plain text for titles and attributes.
 */
const addSentences = (
  environment: nunjucks.Environment,
  messages: Messages,
  own: OwnTexts,
  viewer: ViewerLocale,
  steps: Steps,
): void => {
  const saying = (key: string): Messages => {
    steps.take(OF_A_SENTENCE);
    return own.current?.has(key) ? own.current : messages;
  };
  environment.addGlobal('t', (given: unknown, values?: MessageValues) => {
    const key = textOf(given);
    return saying(key).html(viewer.locale, key, values);
  });
  environment.addGlobal('tText', (given: unknown, values?: MessageValues) => {
    const key = textOf(given);
    return saying(key).text(viewer.locale, key, values);
  });
};

/**
 * The views, over nunjucks. All templates are read here, once, and but for the console's compiled too; throws when one is missing or
 * cannot be compiled. Everything a model holds is escaped, wherever it comes from.
 */
export class NunjucksViews implements Views {
  readonly locales: readonly string[];
  readonly #messages: Messages;
  readonly #shared: Sources;
  readonly #environment: nunjucks.Environment;
  readonly #steps = new Steps();
  readonly #viewer = new ViewerLocale();
  readonly #own: OwnTexts = { current: null };
  readonly #images: CurrentImages = { namer: null };
  readonly #places: FaultPlaces | null;
  readonly #texts = new WeakMap<Gadget, Messages>();

  /** `beside` has the templates and messages already: then only the gadgets' own are read, and only what gadgets need is compiled. */
  constructor(folders: ViewFolders, beside?: NunjucksViews) {
    const { sources: own, owners, files } = templatesOf(folders.gadgets);
    this.#places = folders.areFaultsPlaced ? new FaultPlaces(files) : null;
    this.#shared = beside === undefined ? readTemplates(folders.templates) : beside.#shared;
    const sources = new Map([...this.#shared, ...own]);
    const resolve = resolving(owners);
    const usesLibrary = [...own.values()].some((source) => source.includes(LIBRARY.name));
    this.#messages =
      beside === undefined ? new Messages(join(folders.templates, 'messages')) : beside.#messages;
    this.locales = this.#messages.locales;
    const equip = (environment: nunjucks.Environment, counted: Steps): void => {
      addFilters(environment, counted, this.#viewer, folders.locales, this.#images);
      addSentences(environment, this.#messages, this.#own, this.#viewer, counted);
      resolveBy(environment, resolve);
    };
    const isRare = (name: string): boolean =>
      beside === undefined
        ? isOfConsole(name) || (name === LIBRARY.file && !usesLibrary)
        : !own.has(name) && name !== CONTENT && !(name === LIBRARY.file && usesLibrary);
    this.#environment = compiledEnvironment(sources, equip, isRare, this.#steps, this.#places);
  }

  catalogueOf(locale: string): string {
    return this.#messages.catalogueOf(locale);
  }

  hasSentence(key: string): boolean {
    return this.#messages.has(key);
  }

  say(locale: string, key: string, values?: MessageValues): string {
    return this.#messages.text(locale, key, values);
  }

  content(model: ContentModel, nameImage: ImageNamer | null = null): string {
    const own = this.#textsOf(model.gadget);
    this.#own.current = own;
    this.#images.namer = nameImage;
    try {
      const places = this.#places;
      return places === null ? this.#content(model, own) : places.watch(() => this.#content(model, own));
    } finally {
      this.#own.current = null;
      this.#images.namer = null;
    }
  }

  #content(model: ContentModel, own: Messages | null): string {
    const viewLang = own?.catalogueOf(textOf(model.locale));
    const viewDir = viewLang && own?.directionIn(viewLang);
    const gadget = gadgetIn(model.gadget, model.locale);
    const named = { ...model, gadget, connected: byRole(model), viewLang, viewDir };
    try {
      const html = this.#steps.within(MOST_STEPS, () => this.#render(CONTENT, named));
      if (html !== null) return html;
    } catch (error) {
      if (!isRunaway(error)) throw error;
    }
    throw new TooMuchToShow(model.gadget.id);
  }

  state(model: StateModel): string {
    const gadget = gadgetIn(model.gadget, model.locale);
    const shown: StateModel = { ...model, gadget };
    return this.#render(`states/${model.obstacle.state}.njk`, shown);
  }

  page(template: string, model: Readonly<Record<string, unknown>>): string {
    return this.#render(`${template}.njk`, model);
  }

  /** Null where a gadget has no texts of its own. */
  #textsOf(gadget: Gadget): Messages | null {
    const known = this.#texts.get(gadget);
    if (known !== undefined) return known;
    if (Object.keys(gadget.texts).length === 0) return null;
    const made = new Messages(gadget.texts);
    this.#texts.set(gadget, made);
    return made;
  }

  /** `lang` and `dir` are those of the sentences, which may be in another locale than the viewer's. */
  #render(template: string, model: ForViewer): string {
    return this.#viewer.within(model, () => {
      const lang = this.#messages.catalogueOf(this.#viewer.locale);
      // New fields after a spread take V8 of Node 20 some ten times as long.
      const shown = Object.assign({}, model, { lang, dir: this.#messages.directionIn(lang) });
      return this.#environment.render(template, shown);
    });
  }
}
