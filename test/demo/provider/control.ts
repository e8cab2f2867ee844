import { timingSafeEqual } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Handler, Web } from '../site/web.js';
import type { Grants } from './grants.js';

/** What the next answers to paths starting with one of `paths` do instead: wait, fail, or say something else. */
interface Fault {
  readonly paths: readonly string[];
  readonly delay?: number;
  readonly status?: number;
  readonly body?: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Command = (argument: unknown) => unknown;

export interface ControlOptions {
  readonly secret: string;
  readonly tokenPath: string;
  readonly grants: Grants;
  /** The application's own commands, such as changing a card. */
  readonly commands: Readonly<Record<string, Command>>;
}

const sameText = (one: string, other: string): boolean =>
  Buffer.byteLength(one) === Buffer.byteLength(other) &&
  timingSafeEqual(Buffer.from(one), Buffer.from(other));

/**
 * For tests only, and only with the secret: `POST /__control` with JSON `{command: argument, …}` makes the application
 * slow or failing, expires or revokes tokens; it answers what was asked of each path so far.
 */
export const control = ({ secret, tokenPath, grants, commands }: ControlOptions): Handler => {
  let faults: readonly Fault[] = [];
  let counts: Record<string, number> = {};
  const known: Readonly<Record<string, Command>> = {
    fault: (fault) => {
      faults = [...faults, fault as Fault];
    },
    clear: () => {
      faults = [];
      counts = {};
    },
    expire: (login) => grants.expire(String(login)),
    revoke: (login) => {
      for (const pair of grants.pairsOf(String(login))) grants.revoke(pair);
    },
    ...commands,
  };

  const obey = (ctx: Web): void => {
    const asked: Record<string, unknown> = JSON.parse(ctx.state.body || '{}');
    const unknown = Object.keys(asked).filter((name) => !Object.hasOwn(known, name));
    if (unknown.length > 0) ctx.throw(400, `Unknown commands: ${unknown.join(', ')}.`);
    for (const [name, argument] of Object.entries(asked)) known[name]?.(argument);
    ctx.body = { tokenRequests: counts[`POST ${tokenPath}`] ?? 0, requests: counts };
  };

  const suffer = async (ctx: Web, fault: Fault): Promise<boolean> => {
    if (fault.delay) await wait(fault.delay);
    if (fault.headers) ctx.set({ ...fault.headers });
    if (!fault.status && fault.body === undefined) return false;
    ctx.status = fault.status ?? 200;
    ctx.type = fault.type ?? 'text/plain';
    ctx.body = fault.body ?? 'Out of order.';
    return true;
  };

  return async (ctx, next) => {
    if (ctx.path === '/__control') {
      if (ctx.method === 'POST' && sameText(ctx.get('x-control'), secret)) return obey(ctx);
      ctx.throw(404);
    }
    const line = `${ctx.method} ${ctx.path}`;
    counts[line] = (counts[line] ?? 0) + 1;
    for (const fault of faults.filter(({ paths }) => paths.some((path) => ctx.path.startsWith(path)))) {
      if (await suffer(ctx, fault)) return;
    }
    await next();
  };
};
