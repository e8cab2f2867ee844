/** A property that a project defined for its cards; `list` values are ordered, and compare by that order. */
export interface PropertyDefinition {
  readonly name: string;
  readonly kind: 'list' | 'number' | 'text' | 'user';
  readonly description: string;
  readonly values: readonly string[];
}

export interface Card {
  readonly number: number;
  name: string;
  type: string;
  description: string;
  /** By the definition's exact name; user properties hold a login; null or absent is *not set*. */
  properties: Record<string, string | null>;
  readonly createdBy: string;
  /** Epoch milliseconds, like every time here. */
  readonly createdAt: number;
  modifiedBy: string;
  modifiedAt: number;
  version: number;
}

export type Change =
  | { readonly type: 'card-creation' | 'description-change' | 'murmur-addition' }
  | { readonly type: 'name-change'; readonly from: string | null; readonly to: string }
  | { readonly type: 'card-type-change'; readonly from: string | null; readonly to: string }
  | {
      readonly type: 'property-change';
      readonly property: string;
      readonly from: string | null;
      readonly to: string | null;
    };

/** Something that happened in a project: to one card, or a commit that names several. */
export interface ProjectEvent {
  id: number;
  readonly at: number;
  readonly by: string;
  readonly source:
    | { readonly kind: 'card'; readonly number: number; readonly type: string; readonly version: number }
    | { readonly kind: 'revision'; readonly revision: string; readonly cards: readonly number[] };
  readonly title: string;
  readonly changes: readonly Change[];
}

export interface Project {
  readonly identifier: string;
  readonly name: string;
  readonly description: string;
  readonly cardTypes: readonly string[];
  readonly properties: readonly PropertyDefinition[];
  /** GoCD's group of this project's pipelines, and the one that its overview shows. */
  readonly builds: { readonly group: string; readonly pipeline: string };
  /** Logins of the team; administrators see every project. */
  readonly members: Set<string>;
  readonly cards: Card[];
  /** Oldest first. */
  readonly events: ProjectEvent[];
  /** Newest first. */
  readonly murmurs: readonly Murmur[];
}

/** What someone said to the project. */
export interface Murmur {
  readonly id: number;
  readonly by: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly body: string;
}

export const cardByNumber = (project: Project, number: number): Card | null =>
  project.cards.find((card) => card.number === number) ?? null;
