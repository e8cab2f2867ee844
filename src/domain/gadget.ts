import type { RefusalRule } from './refusal-rule.js';

/** One value a parameter can have after it was read. */
export type ParameterValue = string | number | boolean | readonly string[] | readonly number[];

/** Parameter name → value; a parameter without value and without default is absent. */
export type ParameterValues = Readonly<Record<string, ParameterValue>>;

/** The kinds of single values. `conditions` are a part of a query in this query language, never a whole query. */
export type ScalarType =
  | { readonly kind: 'text'; readonly maxLength: number }
  | { readonly kind: 'identifier'; readonly maxLength: number }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'date' }
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  | { readonly kind: 'conditions'; readonly language: string; readonly maxLength: number };

export type ParameterType =
  | ScalarType
  | { readonly kind: 'list'; readonly of: ScalarType; readonly maxItems: number };

/**
 * How a viewer changes a parameter within the gadget: by the field that fits its type, by tabs, or by a button that shows more pages of the
 * answers that it bounds.
 */
export type ViewerControl = 'field' | 'tabs' | 'more';

/** A parameter a host page may set. Names are `[a-z][a-z0-9-]*`. */
export interface Parameter {
  readonly name: string;
  readonly title: string;
  readonly type: ParameterType;
  readonly required: boolean;
  readonly default: ParameterValue | null;
  /** Null where host pages alone may set it. */
  readonly viewer: ViewerControl | null;
  /** What its values are called in the language of a gadget that was translated; absent for those that are called as they are written. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** What a viewer chose of a gadget's parameters, as text by the parameter's name: an empty one is the gadget's own default, or no value. */
export type Choices = Readonly<Record<string, string>>;

/** How an answer is read. */
export type Format = 'json' | 'xml' | 'feed' | 'atom' | 'csv' | 'ical' | 'text';

/**
 * A list parameter narrowed to what another request's answer knows: its items that occur (without regard to case) among the
 * texts at `path` in `request`'s answer, in that answer's spelling. What did not occur is handed to the view as
 * `unknown[parameter]`.
 */
export interface Narrowing {
  readonly parameter: string;
  readonly request: string;
  readonly path: string;
}

/** A piece of a template: literal text, or a value with the text that stands before it where there is one. */
export type TemplatePart =
  | { readonly kind: 'literal'; readonly text: string }
  | {
      readonly kind: 'value';
      /** Of a parameter, a value taken from an answer, the item of `each`, or a computed value. */
      readonly name: string;
      readonly before: string;
      /** Where in an item the value is, keys joined by dots; absent for the item itself. */
      readonly path?: string;
      /** In a path: slashes kept, or encoded. */
      readonly as?: 'path' | 'segment';
      /** Days added to a moment. */
      readonly days?: number;
    };

/** A text with places for values: `{name}`, and `{, name}` with a comma before the value when there is one. */
export interface Template {
  readonly text: string;
  readonly parts: readonly TemplatePart[];
}

/** A parameter of a query. Values are written as plain text, or, where a `language` is named, as that query language needs it. */
export interface QueryField {
  readonly name: string;
  readonly language: string | null;
  readonly template: Template;
}

/** A part of a request's body: as it is, a value with its type, a text in a query language, or what holds others. */
export type BodyValue =
  | { readonly kind: 'plain'; readonly value: string | number | boolean | null }
  | { readonly kind: 'value'; readonly part: TemplatePart & { readonly kind: 'value' } }
  | { readonly kind: 'text'; readonly language: string; readonly template: Template }
  | { readonly kind: 'list'; readonly items: readonly BodyValue[] }
  | { readonly kind: 'record'; readonly entries: readonly (readonly [name: string, value: BodyValue])[] };

/** What is compared with a value of an answer: a plain value, or a text with places for values. */
export type Compared = string | number | boolean | null | Template;

/** A value taken out of another request's answer, typed like a parameter. */
export interface Given {
  readonly name: string;
  readonly request: string;
  /** Where the items are in that answer, keys joined by dots; empty for the answer itself. */
  readonly items: string;
  /** Where an item has the value. */
  readonly take: string;
  /** Which items count: those that have one of these at each of these places. */
  readonly where: readonly { readonly path: string; readonly oneOf: readonly Compared[] }[];
  /** What is taken of each text: what the first group of this pattern holds; `parameter` names the one that holds the pattern. */
  readonly match: { readonly pattern: string } | { readonly parameter: string } | null;
  /** A list keeps each value once. */
  readonly unique: boolean;
  readonly type: ParameterType;
  /** Whether the request is made only when there is a value. */
  readonly required: boolean;
}

/** A request that is made for each item of another request's answer, or for each value that is taken out of one. */
export interface Each {
  readonly request: string;
  /** Where the items are in that answer, keys joined by dots; empty for the answer itself. */
  readonly items: string;
  /** The list of `given` whose values are the items, taken out of that answer; null where they are its own. */
  readonly given: string | null;
  /** What templates call the item. */
  readonly as: string;
  readonly atMost: number;
}

/** Which editions of a provider's API a request is for: one of these, or any but these. */
export interface EditionRule {
  readonly editions: readonly string[];
  readonly isExcluding: boolean;
}

/** What a request needs before it can be made. */
export interface RequestInputs {
  /** It is made only when each of these parameters has a value (a list: at least one item). */
  readonly when: readonly string[];
  /** It is made only where the provider's record says so; absent where it is made with every provider. */
  readonly edition?: EditionRule;
  readonly narrow: readonly Narrowing[];
  readonly given: readonly Given[];
  readonly each: Each | null;
  /** The requests whose answers it waits for. */
  readonly needs: readonly string[];
}

/** What leads from one page to the next: a link of the answer, a value of it that is sent along, or counting. Paths are keys joined by dots. */
export type PageStep =
  | { readonly by: 'feed' | 'link'; readonly rel: string }
  | { readonly by: 'token'; readonly next: string; readonly send: string }
  | { readonly by: 'cursor'; readonly info: string; readonly send: string }
  | {
      readonly by: 'page' | 'offset';
      readonly send: string;
      /** What the first page is asked for by. */
      readonly first: number;
      /** Items of a page that is not the last one, where it is known. */
      readonly size: number | null;
      /** Where an answer says how many items there are in all. */
      readonly total: string | null;
    };

export interface Pages {
  readonly step: PageStep;
  /** Where the items of a page are; empty where the answer is the list. */
  readonly items: string;
  /** Pages that are read after the first, at most. */
  readonly further: number;
  /** The parameter whose value is how many pages are read at most, the first among them; absent where `further` alone says it. */
  readonly upTo?: string;
}

/** How a request's answer is read. */
export interface AnswerReading {
  readonly format: Format;
  /** How this API says no within a 200; null leaves it to the provider's record. */
  readonly refused: RefusalRule | null;
  /** The part of the answer that views and other requests see, keys joined by dots; null for all of it. */
  readonly pick: string | null;
  /** How further pages are read; null where only the first is. */
  readonly pages: Pages | null;
}

/** One request of a gadget, ready to be made with the values of a rendering. The origin always comes from the provider's record. */
export interface RequestPlan {
  readonly name: string;
  readonly provider: string;
  /** The name of one of the provider's further APIs; absent where its `api` is asked. */
  readonly api?: string;
  /** What it does at the provider: the definition says of a POST too that it only reads. */
  readonly effect: 'read';
  readonly method: 'GET' | 'POST';
  /** Below the provider's `api`, by segments; each keeps its place whatever the values are. */
  readonly path: {
    readonly text: string;
    /** What every target starts with: the path up to its first value. */
    readonly prefix: string;
    readonly segments: readonly Template[];
  };
  readonly query: readonly QueryField[];
  readonly accept: string;
  /** Fixed ones by their names in lower case, never of a parameter; null where there are none. */
  readonly headers: Readonly<Record<string, string>> | null;
  readonly isGraphql: boolean;
  /** Of a POST, sent as JSON. */
  readonly body: BodyValue | null;
  readonly inputs: RequestInputs;
  /** Whether its templates name the provider's account or a fact, which only its Connection knows. */
  readonly namesAccount: boolean;
  /** The facts that its templates name. */
  readonly facts: readonly string[];
  /** Whether they name a day, so that an answer is of that day alone. */
  readonly namesDay: boolean;
  readonly answer: AnswerReading;
  /** Seconds an answer may be shown again without asking; 0 asks every time. */
  readonly ttl: number;
  /** Whether the gadget shows nothing without this answer. */
  readonly required: boolean;
}

/**
 * Texts of a gadget in ICU MessageFormat: locale → key → text. Those called `title`, `description` and `parameters.NAME` stand for what its definition says
 * in one language, and `values.NAME.VALUE` is what a value of a parameter is called.
 */
export type GadgetTexts = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What a host calls a gadget, and which providers it has play the roles of others. */
export interface GadgetBinding {
  /** The gadget's id. */
  readonly gadget: string;
  /** Role, which is what the definition calls a provider → the id of the provider that plays it. */
  readonly providers: Readonly<Record<string, string>>;
}

/** A definition on disk: parameters, requests, view. It holds no viewer's data, HTML or error. */
export interface Gadget {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Hash over definition, view and style; part of every cache key. */
  readonly version: string;
  readonly parameters: readonly Parameter[];
  readonly requests: readonly RequestPlan[];
  /** Provider ids in order of first use. */
  readonly providers: readonly string[];
  /** What it needs of providers beyond what their records ask for, by their ids. */
  readonly scopes?: Readonly<Record<string, readonly string[]>>;
  /** Hosts whose pictures it may show, with their port where they have another than https; `{provider}` is each provider's own origin. */
  readonly images: readonly string[];
  /** Name by which the views find the template. */
  readonly view: string;
  /** CSS of its own, or null. */
  readonly style: string | null;
  /** Its own texts; none where it has no folder `texts`. */
  readonly texts: GadgetTexts;
  /** Of a gadget as a host binds it: `id` is then the host's name of it, and providers are those that the host has play its roles. */
  readonly bound?: GadgetBinding;
  /** Of such a gadget: the one that it was made of, by which its compiled views are found. */
  readonly definition?: Gadget;
}
