import type { Viewer } from './viewer.js';

/** Who did something worth remembering. Names are what people read; `id` is what stays when a name changes. */
export type Actor =
  | { readonly kind: 'admin'; readonly id: string; readonly name: string }
  | { readonly kind: 'api-key'; readonly id: string; readonly name: string }
  /** The command line, run by the user that the operating system names. */
  | { readonly kind: 'command'; readonly name: string }
  | { readonly kind: 'viewer'; readonly viewer: Viewer }
  | { readonly kind: 'host'; readonly id: string }
  /** Someone not identified yet, such as a person on the sign-in page. */
  | { readonly kind: 'anonymous' }
  /** Upkeep, or a rule of the product itself. */
  | { readonly kind: 'system' };

export type ActorKind = Actor['kind'];

/** The name to show for an actor; of a viewer nothing is shown. */
export const nameOf = (by: Actor): string => {
  switch (by.kind) {
    case 'admin':
    case 'api-key':
    case 'command':
      return by.name;
    case 'host':
      return by.id;
    default:
      return by.kind;
  }
};

export const SYSTEM: Actor = { kind: 'system' };
export const ANONYMOUS: Actor = { kind: 'anonymous' };

export const asViewer = (viewer: Viewer): Actor => ({ kind: 'viewer', viewer });
