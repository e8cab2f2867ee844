import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isReservedId, isTakenId } from '../../src/domain/setup-record.js';
import type { Address } from '../../src/web/app.js';
import type { Answer } from '../support/http-viewer.js';
import { IDENTITIES, type Identity, type Knocking, startKnocking } from './identities.js';

/** Who is let in, and as what: `anybody`; anyone who holds a host's token or a flow's cookie, which none of the identities does. */
type Access =
  | 'anybody'
  | 'host token'
  | 'flow'
  | 'frame'
  | 'viewer'
  | 'administrator'
  | { readonly scope: string };

/** Every address but those below /admin and /api, which are behind a guard each. Anyone who adds one says here who may use it. */
const TABLE: Readonly<Record<string, Access>> = {
  'gadget GET /frame/content': 'frame',
  'gadget GET /frame/standing': 'frame',
  'gadget GET /frame/images/:address': 'frame',
  'gadget POST /h/:host/g/:gadget': 'host token',
  'gadget GET /h/:host/g/:gadget': 'anybody',
  'gadget GET /h/:host/g/:gadget/relaunch': 'anybody',
  'gadget GET /doctor': 'anybody',
  'gadget POST /h/:host/leave': 'host token',
  'gadget POST /frame/renew': 'frame',
  'gadget POST /frame/flows': 'frame',
  'gadget GET /frame/flows': 'frame',
  'gadget GET /frame/flows/:id': 'frame',
  'gadget POST /frame/flows/:id/code': 'frame',
  'gadget POST /frame/flows/:id/cancel': 'frame',
  'gadget POST /frame/disconnect': 'frame',
  'gadget POST /frame/tickets': 'frame',
  'gadget POST /frame/choices': 'frame',
  'gadget GET /assets/:name': 'anybody',
  'gadget GET /doctor.js': 'anybody',
  'gadget GET /embed.js': 'anybody',
  'site GET /': 'anybody',
  'site GET /errors/:code': 'anybody',
  'site GET /assets/:name': 'anybody',
  'site GET /connect': 'anybody',
  'site POST /connect/open': 'flow',
  'site POST /connect/ask': 'flow',
  'site POST /connect/vouched/:host': 'host token',
  'site GET /connect/vouched': 'flow',
  'site POST /connect/go': 'flow',
  'site POST /connect/token': 'flow',
  'site GET /connect/callback/:provider': 'flow',
  'site POST /connect/callback/:provider': 'flow',
  'site GET /connect/finish': 'flow',
  'site POST /connect/accept': 'flow',
  'site POST /connect/cancel': 'flow',
  'site POST /connect/other': 'flow',
  'site GET /connections': 'viewer',
  'site POST /connections/open': 'flow',
  'site POST /connections/visit': 'flow',
  'site GET /connections/enter': 'flow',
  'site POST /connections/enter': 'flow',
  'site POST /connections/close': 'anybody',
  'site POST /connections/accept': 'viewer',
  'site POST /connections/choices/reset': 'viewer',
  'site POST /connections/export': 'viewer',
  'site GET /connections/erase': 'viewer',
  'site POST /connections/erase': 'viewer',
  'site POST /connections/:id/disconnect': 'viewer',
  'site POST /connections/:id/connect': 'viewer',
  'site POST /connections/:id/facts': 'viewer',
  'site GET /api/admin/v1/openapi.json': 'anybody',
  'site GET /admin/sign-in': 'anybody',
  'site POST /admin/sign-in': 'anybody',
  'site GET /admin/setup': 'anybody',
  'site POST /admin/setup': 'anybody',
};

const nameOf = ({ origin, method, path }: Address): string => `${origin} ${method} ${path}`;

const codeOf = ({ text }: Answer): string =>
  /"code":"(\w+)"/.exec(text)?.[1] ?? /<code>([a-z_]+)<\/code>/.exec(text)?.[1] ?? '';

const TURNED_AWAY: Readonly<Record<string, (answer: Answer) => boolean>> = {
  'host token': (answer) => codeOf(answer) === 'token_missing' || codeOf(answer) === 'host_unknown',
  flow: (answer) =>
    /^(flow_unknown|body_invalid|parameter_invalid|provider_unknown)$/.test(codeOf(answer)) &&
    !String(answer.headers['set-cookie'] ?? '').includes('oriel-flow'),
  frame: (answer) => codeOf(answer) === 'session_missing',
  viewer: (answer) =>
    codeOf(answer) === 'session_expired' ||
    answer.headers.location === '/connections?mine' ||
    (answer.status === 200 && answer.text.includes('data-oriel-page="connections"')),
  administrator: (answer) =>
    codeOf(answer) === 'sign_in_required' ||
    String(answer.headers.location ?? '').startsWith('/admin/sign-in?to='),
  scope: (answer) => /^api_(key_missing|key_invalid|scope_missing)$/.test(codeOf(answer)),
};

const insideOf = (access: Access): readonly Identity[] => {
  if (access === 'anybody') return IDENTITIES;
  if (access === 'host token' || access === 'flow') return [];
  return typeof access === 'string' ? [access] : ['api key'];
};

describe('Every address of both origins', () => {
  let knocking: Knocking;
  let routes: readonly Address[];
  let scopes: ReadonlyMap<string, string>;

  beforeAll(async () => {
    knocking = await startKnocking();
    routes = knocking.testConsole.running.routes();
    const document = JSON.parse((await knocking.testConsole.page('/api/admin/v1/openapi.json')).text);
    scopes = new Map(
      Object.entries<Record<string, { description: string }>>(document.paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, { description }]) => [
          `site ${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
          /`([\w:-]+)`/.exec(description)?.[1] ?? '',
        ]),
      ),
    );
  });
  afterAll(() => knocking?.close());

  const accessOf = (route: Address): Access | null => {
    const known = TABLE[nameOf(route)];
    if (known !== undefined) return known;
    const scope = scopes.get(nameOf(route));
    if (scope !== undefined) return { scope };
    return /^\/admin(\/|$)/.test(route.path) ? 'administrator' : null;
  };

  it('is one of which it is known who may use it', () => {
    expect(routes.filter((route) => accessOf(route) === null).map(nameOf)).toEqual([]);
    expect(routes.length).toBeGreaterThan(130);
    const names = new Set(routes.map(nameOf));
    expect(Object.keys(TABLE).filter((name) => !names.has(name))).toEqual([]);
  });

  it('holds no word beside or behind an id of a record that a new record could be called by', () => {
    const words = routes.flatMap(({ path }) => {
      const [, rest] = /^\/(?:admin|api\/admin\/v1)\/(?:providers|hosts)\/(.+)$/.exec(path) ?? [];
      return rest?.split('/').filter((segment) => !segment.startsWith(':')) ?? [];
    });
    expect(words).toContain('new');
    expect(words.filter((word) => !isReservedId(word))).toEqual([]);
    const inPlaceOfIds = routes.flatMap(
      ({ path }) =>
        /^\/(?:admin|api\/admin\/v1)\/(?:providers|hosts)\/([^:/][^/]*)/.exec(path)?.slice(1) ?? [],
    );
    expect(inPlaceOfIds.filter((word) => !isTakenId(word))).toEqual([]);
  });

  /** What is wrong with the answer that this identity gets; null when nothing is. */
  const faultOf = async (identity: Identity, route: Address): Promise<string | null> => {
    const access = accessOf(route);
    if (access === null) return `${nameOf(route)} is not in the table`;
    const kind = typeof access === 'string' ? access : 'scope';
    const answer = await knocking.as(identity, route, typeof access === 'string' ? null : access.scope);
    const turnedAway = TURNED_AWAY[kind]?.(answer) ?? false;
    if (turnedAway !== insideOf(access).includes(identity) && answer.status < 500) return null;
    return `${nameOf(route)}: ${answer.status} ${codeOf(answer)} ${answer.headers.location ?? ''}`;
  };

  it.each(IDENTITIES)(
    'lets in %s only where it belongs',
    async (identity) => {
      const faults: string[] = [];
      for (const route of routes) {
        const fault = await faultOf(identity, route);
        if (fault !== null) faults.push(fault);
      }
      expect(faults).toEqual([]);
    },
    120_000,
  );
});
