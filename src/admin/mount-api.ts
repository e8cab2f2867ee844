import type Router from '@koa/router';
import { AppError } from '../domain/errors.js';
import { Secret } from '../domain/secret.js';
import { readJson, uniqueFields } from '../web/body.js';
import type { Context } from '../web/context.js';
import { frameAnswer } from '../web/headers.js';
import { admitByKey } from './api-admission.js';
import { apiKeyRoutes } from './api-keys/api.js';
import type { ApiCall, ApiDeps, ApiRoute } from './api-route.js';
import { auditRoutes } from './audit/api.js';
import { fitting } from './checked.js';
import { connectionRoutes } from './connections/api.js';
import { hostRoutes } from './hosts/api.js';
import { timesAsIso } from './iso-times.js';
import { keyRoutes } from './keys/api.js';
import { BASE, openApiDocument } from './openapi.js';
import { overviewRoutes } from './overview/api.js';
import { peopleRoutes } from './people/api.js';
import { providerRoutes } from './providers/api.js';
import { recordRoutes } from './records/api.js';
import { serverRoutes } from './server/api.js';

/** Every operation of the administration API. */
export const apiRoutes = (deps: ApiDeps): readonly ApiRoute[] => [
  ...recordRoutes(deps),
  ...hostRoutes(deps),
  ...providerRoutes(deps),
  ...connectionRoutes(deps),
  ...auditRoutes(deps),
  ...peopleRoutes(deps),
  ...apiKeyRoutes(deps),
  ...overviewRoutes(deps),
  ...serverRoutes(deps),
  ...keyRoutes(deps),
];

const LARGEST_BODY = 256 * 1024;
const BEARER = /^Bearer ([\w-]{1,200})$/i;
/** Entity tags (RFC 9110 §8.8.3), of which ours are numbers. */
const ETAG = /^(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/;

/** A version that no record has. */
const NEVER = -1;

type Params = Readonly<Record<string, string | undefined>>;

const bearerOf = (ctx: Context): Secret | null => {
  const [, token] = BEARER.exec(ctx.get('Authorization')) ?? [];
  return token === undefined ? null : new Secret(token);
};

const bodyOf = async (ctx: Context, { body }: ApiRoute): Promise<unknown> =>
  body === undefined ? undefined : fitting(body, await readJson(ctx, LARGEST_BODY), 'body');

const queryOf = (ctx: Context, { query }: ApiRoute): unknown =>
  query === undefined
    ? undefined
    : fitting(query, Object.fromEntries(uniqueFields(new URLSearchParams(ctx.search))), 'query');

const versionOf = (ctx: Context): number | null => {
  const given = ctx.get('If-Match');
  if (given === '') return null;
  const tags = given.split(',').map((tag) => ETAG.exec(tag.trim()));
  const [tag, ...more] = tags;
  if (tag === null || tag === undefined || more.length > 0)
    throw new AppError('body_invalid', 'If-Match takes one version, as the ETag had it: "3".');
  // A weak tag never matches (RFC 9110 §13.1.1), nor does one that was never ours.
  const [, weak, version = ''] = tag;
  return weak === undefined && /^\d{1,15}$/.test(version) ? Number(version) : NEVER;
};

/** A change that was made of an older version fails by its precondition (RFC 9110 §13.1.1); elsewhere it is a conflict. */
const preconditioned = async (
  route: ApiRoute,
  call: ApiCall<unknown, unknown>,
): ReturnType<ApiRoute['handle']> => {
  try {
    return await route.handle(call);
  } catch (error) {
    if (call.ifMatch !== null && error instanceof AppError && error.code === 'record_changed')
      throw new AppError('precondition_failed', error.message, error.reason);
    throw error;
  }
};

/** Deny by default: a route that names no scope would be open to every key, so each names one or says so. */
const handlerOf =
  (deps: ApiDeps, route: ApiRoute) =>
  async (ctx: Context, params: Params): Promise<void> => {
    const { key, actor } = await admitByKey(deps, ctx, bearerOf(ctx));
    const { scope } = route;
    if (scope !== null && !key.scopes.includes(scope))
      throw new AppError('api_scope_missing', `This requires an API key with the scope ${scope}.`);
    ctx.state.tellsReason = true;
    const answer = await preconditioned(route, {
      by: actor,
      requestId: ctx.state.requestId,
      params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, value ?? ''])),
      query: queryOf(ctx, route),
      body: await bodyOf(ctx, route),
      ifMatch: versionOf(ctx),
    });
    frameAnswer(ctx);
    if (answer.headers !== undefined) ctx.set(answer.headers);
    ctx.status = answer.status ?? 200;
    if (answer.body === undefined) return;
    ctx.body = route.type === undefined ? JSON.stringify(answer.body, timesAsIso) : answer.body;
    ctx.type = route.type ?? 'application/json';
  };

/** The administration API, below `/api/admin/v1`, and its own description at `/openapi.json` there. */
export const mountApi = (router: Router, deps: ApiDeps): void => {
  const routes = apiRoutes(deps);
  // Written when it is first asked for: few servers ever are, and it is a good part of a start.
  let document: string | null = null;
  router.get(`${BASE}/openapi.json`, (ctx) => {
    document ??= JSON.stringify(openApiDocument(routes, deps));
    frameAnswer(ctx as unknown as Context);
    ctx.body = document;
    ctx.type = 'application/json';
  });
  // What is literal comes before what a parameter would match too.
  const ordered = routes.toSorted(
    (one, other) => Number(one.path.includes('{')) - Number(other.path.includes('{')),
  );
  for (const route of ordered) {
    const handle = handlerOf(deps, route);
    router[route.method](BASE + route.path.replaceAll(/\{(\w+)\}/g, ':$1'), (ctx) =>
      handle(ctx as unknown as Context, ctx.params),
    );
  }
};
