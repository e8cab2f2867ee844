import { readFileSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import type nunjucks from 'nunjucks';
import type { Gadget } from '../domain/gadget.js';
import { addFilters } from './filters/all.js';
import { type ForViewer, ViewerLocale } from './filters/times.js';
import { textOf } from './html.js';
import { Messages, type MessageValues } from './messages.js';
import { Steps } from './step-budget.js';
import { compiledEnvironment, readTemplates } from './templates.js';
import { type ContentModel, type StateModel, TooMuchToShow, type Views } from './view-models.js';

/** Where templates come from. A gadget's `view` is the name of the `view.njk` in its folder. */
export interface ViewFolders {
  readonly templates: string;
  readonly gadgets: readonly { readonly gadget: Gadget; readonly folder: string }[];
  /** Locales and time zones whose formatters are kept, where it is not the usual. */
  readonly locales?: number;
}

/** Steps of one view: some 5,000 rows of four columns, a few hundredths of a second, a tenth at worst, in which no one else is answered. */
const MOST_STEPS = 100_000;

/** Half of all templates are the console's, which few people ever look at: compiling them would be a good part of each start. */
const isOfConsole = (template: string): boolean => template.startsWith('admin/');

/** The view in a gadget's folder. A link may have been laid since the folder was looked at: it leads to no other folder. */
const viewIn = (folder: string): string => {
  const file = realpathSync(join(folder, 'view.njk'));
  if (!file.startsWith(realpathSync(folder) + sep))
    throw new Error(`${join(folder, 'view.njk')} is a link that leads out of its folder.`);
  return readFileSync(file, 'utf8');
};

/** Every template that cannot be read or compiled, the console's among them: what `NunjucksViews` would throw, now or when it is first shown. */
export const compileFaults = ({
  templates,
  gadgets,
}: ViewFolders): readonly { readonly file: string; readonly problem: string }[] => {
  const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
  const tried = <T>(file: string, work: () => T): T | { readonly file: string; readonly problem: string } => {
    try {
      return work();
    } catch (error) {
      return { file, problem: wordsOf(error) };
    }
  };
  const shared = tried(templates, () => readTemplates(templates));
  if ('problem' in shared) return [shared];
  const files = new Map([...shared.keys()].map((name) => [name, join(templates, name)]));
  const sources = new Map(shared);
  for (const { gadget, folder } of gadgets) {
    const file = join(folder, 'view.njk');
    const source = tried(file, () => ({ text: viewIn(folder) }));
    if ('problem' in source) return [source];
    sources.set(gadget.view, source.text);
    files.set(gadget.view, file);
  }
  const used = [...sources.values()].flatMap((source) =>
    [...source.matchAll(REFERENCE)].map(([, name = '']) => name),
  );
  const needed = [...new Set([...NEEDED, ...used])]
    .filter((name) => !sources.has(name))
    .map((name) => ({ file: join(templates, name), problem: 'there is no such file' }));
  const environment = compiledEnvironment(sources, addFilters, () => true);
  const broken = [...files].flatMap(([name, file]) => {
    const found = tried(file, () => environment.getTemplate(name, true));
    return 'problem' in found ? [found] : [];
  });
  return [...needed, ...broken];
};

/** Nunjucks looks for these only when the template that names them is shown. */
const REFERENCE =
  /\{%-?\s*(?:include|extends|import|from)\s+["']([^"']+)["']\s*(?:-?%\}|as\b|import\b|with\b)/g;

/** Without these nothing can be shown. */
const NEEDED = ['states/content.njk', 'frame/launch.njk', 'frame/refusal.njk', 'site/error.njk'];

/** The steps of saying a sentence. */
const OF_A_SENTENCE = 3;

/** `t(key, values)` says a sentence of the catalogue as HTML, `tText` as plain text for titles and attributes. */
const addSentences = (
  environment: nunjucks.Environment,
  messages: Messages,
  viewer: ViewerLocale,
  steps: Steps,
): void => {
  environment.addGlobal('t', (key: unknown, values?: MessageValues) => {
    steps.take(OF_A_SENTENCE);
    return messages.html(viewer.locale, textOf(key), values);
  });
  environment.addGlobal('tText', (key: unknown, values?: MessageValues) => {
    steps.take(OF_A_SENTENCE);
    return messages.text(viewer.locale, textOf(key), values);
  });
};

/**
 * The views, over nunjucks. All templates are read here, once, and but for the console's compiled too; throws when one is missing or
 * cannot be compiled. Everything a model holds is escaped, wherever it comes from.
 */
export class NunjucksViews implements Views {
  readonly locales: readonly string[];
  readonly #messages: Messages;
  readonly #environment: nunjucks.Environment;
  readonly #steps = new Steps();
  readonly #viewer = new ViewerLocale();

  constructor(folders: ViewFolders) {
    const sources = new Map(readTemplates(folders.templates));
    for (const { gadget, folder } of folders.gadgets) sources.set(gadget.view, viewIn(folder));
    this.#messages = new Messages(join(folders.templates, 'messages'));
    this.locales = this.#messages.locales;
    const equip = (environment: nunjucks.Environment, counted: Steps): void => {
      addFilters(environment, counted, this.#viewer, folders.locales);
      addSentences(environment, this.#messages, this.#viewer, counted);
    };
    this.#environment = compiledEnvironment(sources, equip, isOfConsole, this.#steps);
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

  content(model: ContentModel): string {
    const html = this.#steps.within(MOST_STEPS, () => this.#render('states/content.njk', model));
    if (html === null) throw new TooMuchToShow(model.gadget.id);
    return html;
  }

  state(model: StateModel): string {
    return this.#render(`states/${model.obstacle.state}.njk`, model);
  }

  page(template: string, model: Readonly<Record<string, unknown>>): string {
    return this.#render(`${template}.njk`, model);
  }

  /** `lang` and `dir` are those of the sentences, which may be in another locale than the viewer's. */
  #render(template: string, model: ForViewer): string {
    return this.#viewer.within(model, () => {
      const lang = this.#messages.catalogueOf(this.#viewer.locale);
      return this.#environment.render(template, { ...model, lang, dir: this.#messages.directionIn(lang) });
    });
  }
}
