import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { Actor } from '../domain/actor.js';
import type { ApiScope } from '../domain/administrator.js';
import type { AdminDeps } from './admin-deps.js';
import type { ApiLimits } from './api-admission.js';

/** What the administration API is made with. */
export interface ApiDeps extends AdminDeps {
  readonly version: string;
  readonly apiLimits: ApiLimits;
  /** JSON Schemas of what `ProviderEntry` and `HostEntry` hold, asked for when the document is. */
  readonly entrySchemas: () => Readonly<Record<string, unknown>>;
}

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

/** A schema's value as a handler may give it: nothing here changes it any more. */
type Shown<T> = T extends Readable
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Shown<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Shown<T[Key]> }
      : T;

/** What a handler answers: what its schema says, JSON or a stream of the operation's `type`; nothing where that is null. */
export type ApiAnswer<Answer extends z.ZodType | null> = {
  /** 200 unless said otherwise; 204 without a body. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
} & (Answer extends z.ZodType ? { readonly body: Shown<z.output<Answer>> } : { readonly body?: never });

interface Described {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** Below `/api/admin/v1`, with `{name}` for parameters. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  /** Null where a key of any scope will do. */
  readonly scope: ApiScope | null;
  readonly summary: string;
  /** Status of a good answer; 200 unless said otherwise. */
  readonly status?: number;
  /** Media type of a good answer; JSON unless said otherwise. */
  readonly type?: string;
  /** Whether `If-Match` must name the version that is changed. */
  readonly versioned?: true;
  /** Whether a good answer has the version as its `ETag`. */
  readonly tagged?: true;
}

/** One operation: its routes, its checks and the OpenAPI document are made from it. */
export interface ApiRoute extends Described {
  readonly body?: z.ZodType;
  readonly query?: z.ZodType;
  readonly answer: z.ZodType | null;
  handle(call: ApiCall<unknown, unknown>): Promise<{
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
  }>;
}

/** An operation whose handler is given what its schemas say, and answers what its schema says: anything else does not compile. */
export const operation = <Answer extends z.ZodType | null, Body = undefined, Query = undefined>(
  route: Described & {
    readonly body?: z.ZodType<Body>;
    readonly query?: z.ZodType<Query>;
    /** What a good answer holds; null where it has no body. */
    readonly answer: Answer;
    handle(call: ApiCall<Body, Query>): Promise<ApiAnswer<Answer>>;
  },
): ApiRoute => route as ApiRoute;
