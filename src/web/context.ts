import type Koa from 'koa';
import type { Host } from '../hosts/host.js';

/** What every request carries through the middleware. `log` holds further fields of its one log line; never secrets. */
export interface State extends Koa.DefaultState {
  requestId: string;
  log: Record<string, string | number | boolean | null>;
  /** The host of the path, once it is known: its origins may frame the answer, refusals included. */
  framedBy: Host | null;
  /** The names of the gadget's parameters, once the gadget of the path is known. */
  parameters?: readonly string[];
  /** The viewer's locale, once something has said it. */
  locale?: string;
  /** The sender's address, by the trusted proxies' word where there are such. */
  client: string;
  /** Headers of every answer, names and values in turn: for an answer that goes out past Koa. */
  headers: readonly string[];
  /** Asked all the time, and nothing came of it: its line is for level debug alone. */
  isRoutine?: true;
  /** Whether a refusal shows its reason too: only people who are allowed to administer this server could fix anything. */
  tellsReason?: true;
  /** Shows a refusal in the page it belongs to, where that is another than every visitor's. */
  showRefusal?: (refusal: Refusal) => void;
}

/** What a page says of a request that was refused. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  /** The same for a developer, in English, where that is another sentence. */
  readonly detail?: string | null;
  readonly status: number;
  readonly requestId: string;
}

export type Context = Koa.ParameterizedContext<State>;
export type Middleware = Koa.Middleware<State>;

/** Whether a path belongs to the console. Routers match paths as they come, so this does too. */
export const isBelowAdmin = (path: string): boolean => path === '/admin' || path.startsWith('/admin/');
