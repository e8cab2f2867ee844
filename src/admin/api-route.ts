import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { Actor } from '../domain/actor.js';
import type { ApiScope } from '../domain/administrator.js';

/** One call of the administration API: key and scope are checked, body and query fit their schemas. */
export interface ApiCall<Body, Query> {
  readonly by: Actor;
  readonly requestId: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  /** The version in `If-Match` (RFC 9110 §13.1.1), or null where the caller named none. */
  readonly ifMatch: number | null;
}

export interface ApiAnswer {
  /** 200 unless said otherwise; 204 without a body. */
  readonly status?: number;
  /** JSON, or a stream of the route's `type`. */
  readonly body?: unknown | Readable;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One operation: from this table come the routes, the checks and the OpenAPI document alike. */
export interface ApiRoute<Body = unknown, Query = unknown> {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** Below `/api/admin/v1`, with `{name}` for parameters. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  /** Null where a key of any scope will do. */
  readonly scope: ApiScope | null;
  readonly summary: string;
  readonly body?: z.ZodType<Body>;
  readonly query?: z.ZodType<Query>;
  /** What a good answer holds; null where it has no body. */
  readonly answer: z.ZodType | null;
  /** Status of a good answer; 200 unless said otherwise. */
  readonly status?: number;
  /** Media type of a good answer; JSON unless said otherwise. */
  readonly type?: string;
  /** Whether `If-Match` must name the version that is changed. */
  readonly versioned?: true;
  /** Whether a good answer has the version as its `ETag`. */
  readonly tagged?: true;
  handle(call: ApiCall<Body, Query>): Promise<ApiAnswer>;
}

/** Keeps what a route says of its body and query for its handler. */
export const operation = <Body = undefined, Query = undefined>(route: ApiRoute<Body, Query>): ApiRoute =>
  route as ApiRoute;
