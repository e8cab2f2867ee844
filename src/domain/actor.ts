import type { Viewer } from './viewer.js';

/** Who did something worth remembering. Names are what people read; `id` is what stays when a name changes. */
export type Actor =
  | { readonly kind: 'admin'; readonly id: string; readonly name: string }
  | { readonly kind: 'api-key'; readonly id: string; readonly name: string }
  /** The command line, by whoever the operating system says runs it. */
  | { readonly kind: 'command'; readonly name: string }
  | { readonly kind: 'viewer'; readonly viewer: Viewer }
  | { readonly kind: 'host'; readonly id: string }
  /** Somebody whom nobody knows yet, such as a person at the sign-in page. */
  | { readonly kind: 'anonymous' }
  /** Upkeep, or a rule of the product itself. */
  | { readonly kind: 'system' };

export type ActorKind = Actor['kind'];

/** What people call whoever did something; of a viewer nothing is told. */
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
