import type { Account } from '../domain/connection.js';
import type { Data } from '../domain/data.js';
import type { Gadget, ParameterValues } from '../domain/gadget.js';
import type { Obstacle } from '../domain/rendering.js';

/** One request's answer as a view sees it; absent data has its obstacle in `missing`. */
export interface AnswerView {
  readonly data: Data;
  readonly fetchedAt: number;
  readonly stale: boolean;
  readonly pages: number;
  readonly more: boolean;
}

/** What a value is called, in a list or among tabs. */
export interface ControlOption {
  readonly value: string;
  /** Null where the catalogue has the word. */
  readonly label: string | null;
}

/** A control by which a viewer changes a parameter within the gadget. */
export interface ControlView {
  readonly name: string;
  readonly title: string;
  readonly kind: 'select' | 'tabs' | 'search' | 'word' | 'number' | 'toggle' | 'date' | 'more';
  /** As text; empty where there is no value. */
  readonly value: string;
  /** Whether the value is what the viewer chose, and not the page's. */
  readonly isChosen: boolean;
  readonly options: readonly ControlOption[];
  readonly min: number | null;
  readonly max: number | null;
  readonly maxLength: number | null;
  /** Of `more`: the value that shows more; null where all is shown, or no more may be. */
  readonly next: string | null;
}

/** What a provider is called on pages, and whose account is shown; `account` is null where the provider does not tell. */
export interface ConnectedView {
  readonly provider: string;
  readonly name: string;
  readonly account: Account | null;
  readonly tells: boolean;
  readonly accountPage: string | null;
  /** Base of the provider's own pages, for links to them; null where it is not known. */
  readonly site: string | null;
  /** Of a token that its owner pasted: the day on which it ends, `YYYY-MM-DD`, where that is soon. Absent for every other. */
  readonly token?: { readonly endsOn: string | null };
  /** Whose access it is, where it is a company's and not the viewer's. */
  readonly company?: string;
}

/** All a gadget's template gets. Null-prototype, frozen. */
export interface ContentModel {
  readonly gadget: Gadget;
  readonly parameters: ParameterValues;
  /** Request name → answer; a request that was not made or has no answer is absent. */
  readonly answers: Readonly<Record<string, AnswerView>>;
  /** List parameter → its items that the provider does not know. */
  readonly unknown: Readonly<Record<string, readonly string[]>>;
  readonly missing: readonly (Obstacle & { readonly name: string })[];
  readonly connected: readonly ConnectedView[];
  /** By which the viewer changes parameters; absent where there are none. */
  readonly controls?: readonly ControlView[];
  readonly locale: string;
  readonly timeZone: string;
  readonly stale: boolean;
}

/** A fragment for a state other than content; `providerName` null for states of the frame alone. */
export interface StateModel {
  readonly gadget: Gadget;
  readonly obstacle: Obstacle;
  readonly providerName: string;
  readonly accountPage: string | null;
  /** Whether this viewer has a Connection to that provider. */
  readonly connected?: boolean;
  /** What the viewer may have to change back. */
  readonly controls?: readonly ControlView[];
  readonly locale: string;
}

/** Steps of one view: some 5,000 rows of four columns, a few hundredths of a second, a tenth at worst, in which no one else is answered. */
export const MOST_STEPS = 100_000;

/** A gadget's view has more to show than may be made in one go, while everyone else waits. */
export class TooMuchToShow extends Error {
  constructor(gadget: string) {
    super(`the view of ${gadget} has too much to show: it takes more than ${MOST_STEPS} steps`);
    this.name = 'TooMuchToShow';
  }
}

/** The sentences that viewers meet; see `templates/messages`. */
export interface Sentences {
  /** There are sentences in these. */
  readonly locales: readonly string[];
  /** The one of `locales` that a viewer of this locale is served with. */
  catalogueOf(locale: string): string;
  hasSentence(key: string): boolean;
  /** A sentence as plain text. */
  say(locale: string, key: string, values?: Readonly<Record<string, unknown>>): string;
}

/** Pages and sentences, for who shows no gadget. */
export type PageViews = Pick<Views, 'page' | keyof Sentences>;

/** The address on our own origin of a picture that an answer names; null where it may not be shown. */
export type ImageNamer = (written: string) => string | null;

/** Makes HTML. Fragments have one root element carrying `data-oriel-state`. */
export interface Views extends Sentences {
  /** `nameImage` is for the pictures that it shows; without it there are none. Throws `TooMuchToShow`. */
  content(model: ContentModel, nameImage?: ImageNamer | null): string;
  state(model: StateModel): string;
  /** A whole page or a fragment from `templates/`, by name without `.njk`. */
  page(template: string, model: Readonly<Record<string, unknown>>): string;
}

/** The list of what is connected, whose items are also there by what the gadget calls their provider: `connected.github.site`. */
export const byRole = ({ connected, gadget }: ContentModel): ContentModel['connected'] => {
  const named = [...connected];
  const roles =
    gadget.bound?.providers ?? Object.fromEntries(connected.map(({ provider }) => [provider, provider]));
  for (const [role, provider] of Object.entries(roles)) {
    const value = connected.find((each) => each.provider === provider);
    if (value !== undefined && !Object.hasOwn(named, role)) Object.defineProperty(named, role, { value });
  }
  return named;
};
