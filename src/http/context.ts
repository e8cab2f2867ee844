import type Koa from 'koa';
import type { Host } from '../domain/host.js';

/** What every request carries through the middleware. `log` holds further fields of its one log line; never secrets. */
export interface State extends Koa.DefaultState {
  requestId: string;
  log: Record<string, string | number | boolean | null>;
  /** The host of the path, once it is known: its origins may frame the answer, refusals included. */
  framedBy: Host | null;
}

export type Context = Koa.ParameterizedContext<State>;
export type Middleware = Koa.Middleware<State>;
