import type { z } from 'zod';
import type { Actor } from '../../domain/actor.js';
import type { ApiScope } from '../../domain/admin.js';

/** One call of the administration API, its key and scope already checked. */
export interface ApiCall<Body> {
  readonly by: Actor;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Body;
  /** `If-Match` without its quotes, or null. */
  readonly ifMatch: string | null;
}

export interface ApiAnswer {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One operation: from this table come the routes, the checks and the OpenAPI document alike. */
export interface ApiRoute<Body = unknown> {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** Below `/api/admin/v1`, with `{name}` for parameters. */
  readonly path: string;
  readonly operationId: string;
  readonly scope: ApiScope;
  readonly summary: string;
  readonly body?: z.ZodType<Body>;
  readonly answer: z.ZodType | null;
  readonly handle: (call: ApiCall<Body>) => Promise<ApiAnswer>;
}
