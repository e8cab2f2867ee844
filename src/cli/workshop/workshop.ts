import { AppError } from '../../domain/errors.js';
import type { Gadget, ParameterValue, ParameterValues } from '../../domain/gadget.js';
import { directionOf } from '../../domain/locales.js';
import type { Clock } from '../../domain/system.js';
import { flowSentences } from '../../gadgets/data-flows.js';
import { readParameters } from '../../gadgets/parameters.js';
import { typeName } from '../../gadgets/value-types.js';
import type { AnswerView, ContentModel } from '../../views/view-models.js';
import type { AskedOfWorkshop, Workshop } from '../../web/workshop/workshop-app.js';
import { type GadgetState, shownControls } from './gadget-states.js';
import type { LiveGadget, ShownVersion } from './live-gadget.js';
import { faultParts, faultText } from './locate-fault.js';
import type { OwnAccount } from './own-account.js';
import { previewRequests } from './request-preview.js';
import { emptyModel } from './sample-models.js';
import { runFault } from './view-faults.js';

/** The state in which one’s own data is shown. */
const AS_ME = 'as-me';
const ZONE = 'UTC';

interface Made {
  readonly html: string;
  readonly lang: string;
  readonly dir: 'ltr' | 'rtl';
}

type Cell = Made | { readonly problem: string };

/** What is shown in one state. */
interface Shown {
  readonly cells: Readonly<Record<string, Cell>>;
  readonly answers: Readonly<Record<string, AnswerView>>;
  readonly model: ContentModel;
}

const textOf = (value: ParameterValue): string =>
  typeof value === 'object' ? value.join(',') : String(value);

/** Values that the page sets, over those of a sample. */
const withParameters = (
  gadget: Gadget,
  base: ParameterValues,
  given: AskedOfWorkshop['parameters'],
): ParameterValues => {
  const names = Object.keys(given);
  if (names.length === 0) return base;
  const texts = new Map(Object.entries(base).map(([name, value]) => [name, textOf(value)]));
  for (const name of names) texts.set(name, given[name] ?? '');
  for (const [name, text] of texts)
    if (text === '' || !gadget.parameters.some((each) => each.name === name)) texts.delete(name);
  return readParameters(gadget, texts, {});
};

/** A state’s own locale, where it is about the direction of writing; else the one that is looked at. */
const localeOf = (own: string, asked: string): string =>
  directionOf(own) === 'rtl' && directionOf(asked) === 'ltr' ? own : asked;

const describedParameters = (gadget: Gadget, values: ParameterValues): readonly object[] =>
  gadget.parameters.map(({ name, title, type, required, default: usual }) => ({
    ...{ name, title, required, type: typeName(type) },
    values: type.kind === 'choice' ? type.values : null,
    usual: usual === null ? '' : textOf(usual),
    value: values[name] === undefined ? '' : textOf(values[name]),
  }));

/** What the first sample has, or nothing. */
const firstModel = ({ gadget, states }: ShownVersion): ContentModel => {
  const [first] = states.flatMap(({ shown }) => (shown.kind === 'content' ? [shown.model] : []));
  return first ?? emptyModel(gadget);
};

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What the page of the workshop shows: a gadget by the program's own views, and what its requests and answers are. */
export class GadgetWorkshop implements Workshop {
  readonly #gadget: LiveGadget;
  readonly #clock: Clock;
  readonly #me: OwnAccount | null;

  constructor(gadget: LiveGadget, clock: Clock, me: OwnAccount | null) {
    this.#gadget = gadget;
    this.#clock = clock;
    this.#me = me;
  }

  get isPersonal(): boolean {
    return this.#me !== null;
  }

  get isClosed(): boolean {
    return this.#gadget.isClosed;
  }

  gadget(): Gadget | null {
    return this.#gadget.state.shown?.gadget ?? null;
  }

  revision(): number {
    return this.#gadget.state.revision;
  }

  onChange(listener: () => void): () => void {
    return this.#gadget.onChange(listener);
  }

  page(model: Readonly<Record<string, unknown>>): string {
    return this.#gadget.pages.page('workshop/page', { locale: 'en', ...model });
  }

  cell(model: Readonly<Record<string, unknown>>): string {
    return this.#gadget.pages.page('workshop/cell', { locale: 'en', ...model });
  }

  async show(asked: AskedOfWorkshop): Promise<object> {
    const { revision, shown, isCurrent, isChecked, faults, took } = this.#gadget.state;
    if (asked.again) this.#me?.forget();
    const common = {
      ...{ revision, isCurrent, isChecked, took: Math.round(took) },
      locales: this.#gadget.locales,
      faults: faults.map((fault) => faultParts(fault, this.#gadget.folder)),
      me: this.#me === null ? null : { name: this.#me.name },
    };
    return shown === null
      ? { ...common, gadget: null }
      : { ...common, ...(await this.#showVersion(shown, asked)) };
  }

  async #showVersion(version: ShownVersion, asked: AskedOfWorkshop): Promise<object> {
    const { gadget, states } = version;
    const mine = { name: AS_ME, title: 'As me', about: 'what your own accounts may see' };
    const parts = new Map<string, Shown>();
    let problem: string | null = null;
    for (const name of new Set([...asked.states, asked.state])) {
      const part = await this.#showNamed(version, name, asked);
      if (part === null) continue;
      if ('problem' in part) problem = part.problem;
      else parts.set(name, part);
    }
    const looked = parts.get(asked.state);
    const model = looked?.model ?? emptyModel(gadget);
    return {
      gadget: { id: gadget.id, title: gadget.title, description: gadget.description },
      states: [
        ...(this.#me === null ? [] : [mine]),
        ...states.map(({ name, title, about }) => ({ name, title, about })),
      ],
      cells: Object.assign({}, ...[...parts.values()].map(({ cells }) => cells)),
      parameters: describedParameters(gadget, model.parameters),
      problem,
      answers: looked?.answers ?? {},
      picks: Object.fromEntries(gadget.requests.map(({ name, answer }) => [name, answer.pick])),
      requests: await this.#requests(gadget, model),
      flows: flowSentences(gadget, (id) => this.#me?.provider(id)?.name ?? id),
    };
  }

  /** One state; null where the gadget has none of this name any more. */
  async #showNamed(
    version: ShownVersion,
    name: string,
    asked: AskedOfWorkshop,
  ): Promise<Shown | { readonly problem: string } | null> {
    const state = version.states.find((each) => each.name === name);
    try {
      if (name === AS_ME && this.#me !== null) return await this.#showMine(version, this.#me, asked);
      return state === undefined ? null : this.#showState(version, state, asked);
    } catch (error) {
      // A value that the page sets and no parameter takes, or what is in the way of one's own data.
      if (!(error instanceof AppError) && name !== AS_ME) throw error;
      return { problem: wordsOf(error) };
    }
  }

  async #requests(
    gadget: Gadget,
    model: ContentModel,
  ): Promise<readonly object[] | { readonly problem: string }> {
    try {
      return await previewRequests(gadget, model, (id) => this.#me?.provider(id) ?? null, this.#clock);
    } catch (error) {
      return { problem: wordsOf(error) };
    }
  }

  #showState(version: ShownVersion, state: GadgetState, asked: AskedOfWorkshop): Shown {
    const { gadget } = version;
    const { shown, name } = state;
    // In the place of content, what would be asked for is as in the first sample.
    const base = shown.kind === 'content' ? shown.model : firstModel(version);
    const parameters = withParameters(gadget, base.parameters, asked.parameters);
    const model = { ...base, parameters };
    const chosen = Object.keys(asked.parameters);
    const cells = this.#cells(name, asked, (asking) => {
      const locale = localeOf(shown.model.locale, asking);
      const answers = shown.kind === 'content' ? model.answers : {};
      const controls = shownControls(gadget, { parameters, locale, answers }, chosen);
      if (shown.kind === 'obstacle')
        return [locale, version.views.state({ ...shown.model, controls, locale })];
      return [locale, version.views.content({ ...model, controls, locale })];
    });
    return { cells, answers: shown.kind === 'content' ? model.answers : {}, model };
  }

  async #showMine(version: ShownVersion, me: OwnAccount, asked: AskedOfWorkshop): Promise<Shown> {
    const { gadget, views } = version;
    const base = firstModel(version).parameters;
    const parameters = readParameters(
      gadget,
      new Map(
        Object.entries(withParameters(gadget, base, asked.parameters)).map(([name, value]) => [
          name,
          textOf(value),
        ]),
      ),
      {},
    );
    const results = new Map<string, Made>();
    let answers: Shown['answers'] = {};
    let model: ContentModel = { ...emptyModel(gadget), parameters };
    for (const locale of asked.locales) {
      const result = await me.show({ gadget, parameters, locale, timeZone: ZONE });
      const html =
        result.state === 'content'
          ? views.content({ ...result.model, gadget })
          : views.state({ ...result.model, gadget });
      results.set(locale, this.#made(locale, html));
      answers = result.data;
      if (result.state === 'content') model = { ...result.model, gadget };
      else if (result.model.obstacle.state === 'connect' || result.model.obstacle.state === 'reconnect')
        throw new Error(connectSentence(me, result.model.obstacle.provider));
    }
    const cells = Object.fromEntries([...results].map(([locale, made]) => [`${AS_ME} ${locale}`, made]));
    return { cells, answers, model };
  }

  #cells(
    name: string,
    { locales }: AskedOfWorkshop,
    show: (locale: string) => readonly [locale: string, html: string],
  ): Shown['cells'] {
    return Object.fromEntries(
      locales.map((asking): [string, Cell] => {
        const key = `${name} ${asking}`;
        try {
          const [locale, html] = show(asking);
          return [key, this.#made(locale, html)];
        } catch (error) {
          const fault = runFault(this.#gadget.folder, { name: `the state “${name}”` }, error);
          return [key, { problem: faultText(fault, this.#gadget.folder) }];
        }
      }),
    );
  }

  #made(locale: string, html: string): Made {
    const lang = this.#gadget.pages.catalogueOf(locale);
    return { html, lang, dir: directionOf(lang) };
  }
}

const connectSentence = (me: OwnAccount, provider: string): string => {
  const page = me.connectPage(provider);
  return page === null
    ? `${me.name} has not connected ${provider}. A gadget that uses it has to be served first: connect it in that gadget’s preview in the console.`
    : `${me.name} has not connected ${provider}, or has to connect it again: open ${page}, press the button in the gadget, then fetch again here.`;
};
