import type { Refused } from './refused.js';

/** One value a parameter can have after it was read. */
export type ParameterValue = string | number | boolean | readonly string[] | readonly number[];

/** Parameter name → value; a parameter without value and without default is absent. */
export type ParameterValues = Readonly<Record<string, ParameterValue>>;

/** The kinds of single values. `mql` is a condition in Mingle's query language, never a whole query. */
export type ScalarType =
  | { readonly kind: 'text'; readonly maxLength: number }
  | { readonly kind: 'identifier'; readonly maxLength: number }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'date' }
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  | { readonly kind: 'mql'; readonly maxLength: number };

export type ParameterType =
  | ScalarType
  | { readonly kind: 'list'; readonly of: ScalarType; readonly maxItems: number };

/** A parameter a host page may set. Names are `[a-z][a-z0-9-]*`. */
export interface Parameter {
  readonly name: string;
  readonly title: string;
  readonly type: ParameterType;
  readonly required: boolean;
  readonly default: ParameterValue | null;
}

/** How an answer is read. */
export type Format = 'json' | 'xml' | 'feed' | 'atom' | 'text';

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

/** One call of a gadget. The origin always comes from the provider's record; only path and query are templates. */
export interface GadgetRequest {
  readonly name: string;
  readonly provider: string;
  /** Path template below the provider's `api`: `/projects/{project}/cards.xml`. */
  readonly path: string;
  /**
   * Query parameters; a value is expanded as plain text, or, for `mql`, by each parameter's type with MQL quoting. `{name}` stands
   * for a value, `{, name}` for one with a comma before it when there is one.
   */
  readonly query: readonly {
    readonly name: string;
    readonly template: string;
    readonly language: 'text' | 'mql';
  }[];
  readonly accept: string;
  readonly format: Format;
  /** How this API says no within a 200, where the provider's record does not say so already. */
  readonly refused?: Refused;
  /** Seconds an answer may be shown again without asking; 0 asks every time. */
  readonly ttl: number;
  readonly required: boolean;
  /** The request is made only when each of these parameters has a value (a list: at least one item). */
  readonly when: readonly string[];
  readonly narrow: readonly Narrowing[];
  /** Follow the answer's own `next` link, at most this many pages more; same origin and literal prefix. */
  readonly follow: { readonly rel: string; readonly pages: number } | null;
}

/** A definition on disk: parameters, requests, view. It holds no viewer's data, HTML or error. */
export interface Gadget {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Hash over definition, view and style; part of every cache key. */
  readonly version: string;
  readonly parameters: readonly Parameter[];
  readonly requests: readonly GadgetRequest[];
  /** Provider ids in order of first use. */
  readonly providers: readonly string[];
  /** Name by which the views door finds the template. */
  readonly view: string;
  /** CSS of its own, or null. */
  readonly style: string | null;
}
