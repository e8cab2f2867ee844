import type { RouterContext } from '@koa/router';
import type { Next } from 'koa';
import type { Person } from '../people.js';
import type { Html } from './html.js';
import type { Session } from './sessions.js';

/** What every request of the demo's applications knows about itself. */
export interface WebState {
  /** The raw body, and the same as form fields when it was a form. */
  body: string;
  form: URLSearchParams;
  session: Session | null;
  person: Person | null;
}

export type Web = RouterContext<WebState>;
export type Handler = (ctx: Web, next: Next) => unknown;

/** A page of one application: title and content; the layout adds the application's frame around it. */
export interface Page {
  readonly title: string;
  readonly content: Html;
  readonly status?: number;
  /** Origins, beside its own, that a form on this page may lead to (a CSP judges redirects after a form too). */
  readonly formActions?: readonly string[];
  /** The origin of the gadgets that this page frames. */
  readonly frames?: string;
}

/** Answers with a page in the application's own look. */
export type ShowPage = (ctx: Web, page: Page) => void;

/** A form field or query parameter as Rails reads it: the last of several, and '' for none. */
export const field = (parameters: URLSearchParams, name: string): string =>
  parameters.getAll(name).at(-1) ?? '';

/** Only a path of this very application is a place to go back to; anything else would be an open redirect. */
export const localPath = (target: string, fallback: string): string =>
  /^\/(?![/\\])[^\\\s]*$/.test(target) ? target : fallback;
