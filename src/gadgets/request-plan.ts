import type {
  BodyValue,
  Compared,
  Each,
  EditionRule,
  Format,
  Given,
  Pages,
  ParameterValues,
  QueryField,
  RequestInputs,
  RequestPlan,
  Template,
} from '../domain/gadget.js';
import type { RefusalRule } from '../domain/refusal-rule.js';
import { bodyLeaves, bodyOf } from './request-body.js';
import { type GivenManifest, MOST_PAGES, type RequestManifest } from './request-schema.js';
import { templateOf } from './template-parts.js';
import { scalarType } from './value-types.js';

/*
 * A request is planned when its definition is loaded and resolved with the values of each rendering. What a plan may hold is in
 * `domain/gadget.ts`, what a definition may say in `request-schema.ts`, how values are written in `expand-request.ts` and `languages/`.
 */

const ACCEPT: Readonly<Record<Format, string>> = {
  json: 'application/json',
  xml: 'application/xml, text/xml;q=0.9',
  atom: 'application/atom+xml, application/rss+xml;q=0.9, application/xml;q=0.8',
  feed: 'application/atom+xml, application/rss+xml;q=0.9, application/xml;q=0.8',
  csv: 'text/csv, text/plain;q=0.9',
  ical: 'text/calendar',
  text: 'text/plain',
};

const queryFieldOf = (
  name: string,
  written: RequestManifest['query'][string],
  roots: readonly string[],
): QueryField => {
  if (typeof written !== 'object')
    return { name, language: null, template: templateOf(String(written), roots) };
  const [[language, text] = ['', '']] = Object.entries(written);
  return { name, language, template: templateOf(text, roots) };
};

/** A request and a path in its answer, as `pulls.items` names both. */
const sourceOf = (written: string): { readonly request: string; readonly items: string } => {
  const [request = '', ...keys] = written.split('.');
  return { request, items: keys.join('.') };
};

const comparedOf = (written: string | number | boolean | null): Compared =>
  typeof written === 'string' && written.includes('{') ? templateOf(written) : written;

const matchOf = (written: string | undefined): Given['match'] => {
  if (written === undefined) return null;
  const [, parameter] = /^\{([a-z][a-z0-9-]*)\}$/.exec(written) ?? [];
  return parameter === undefined ? { pattern: written } : { parameter };
};

const givenOf = (name: string, written: GivenManifest): Given => {
  const { from, take, where, match, unique, atMost, required } = written;
  const scalar = scalarType(written);
  return {
    name,
    ...sourceOf(from),
    take,
    where: Object.entries(where).map(([path, value]) => ({
      path,
      oneOf: (Array.isArray(value) ? value : [value]).map(comparedOf),
    })),
    match: matchOf(match),
    unique,
    type: atMost === undefined ? scalar : { kind: 'list', of: scalar, maxItems: atMost },
    required,
  };
};

const editionOf = (written: NonNullable<RequestManifest['edition']>): EditionRule => {
  const isExcluding = typeof written === 'object' && 'not' in written;
  return { editions: [isExcluding ? written.not : written].flat(), isExcluding };
};

const inputsOf = ({ when, edition, narrow, given, each }: RequestManifest): RequestInputs => {
  const narrowings = Object.entries(narrow).map(([parameter, source]) => ({ parameter, ...source }));
  const taken = Object.entries(given).map(([name, source]) => givenOf(name, source));
  // A value that this request takes comes before a request of that name.
  const listed = taken.find(({ name }) => name === each?.of);
  const of: Each | null =
    each === undefined
      ? null
      : {
          ...(listed === undefined ? sourceOf(each.of) : { request: listed.request, items: '' }),
          ...{ given: listed?.name ?? null, as: each.as, atMost: each.atMost },
        };
  const needs = [...narrowings, ...taken, ...(of === null ? [] : [of])].map(({ request }) => request);
  const rule = edition !== undefined && { edition: editionOf(edition) };
  return { when, ...rule, narrow: narrowings, given: taken, each: of, needs: [...new Set(needs)] };
};

/** What a body is expanded from. */
const templatesIn = (body: BodyValue | null): readonly Template[] =>
  body === null
    ? []
    : bodyLeaves(body).flatMap(({ value }) => {
        if (value.kind === 'value') return [{ text: '', parts: [value.part] }];
        return value.kind === 'text' ? [value.template] : [];
      });

/** GraphQL over HTTP sends a query beside its variables. */
const sentBody = ({ body, graphql, variables }: RequestManifest): unknown =>
  graphql === undefined ? (body ?? {}) : { query: graphql, variables: variables ?? {} };

/** GraphQL says no within a 200 (GraphQL §7.1.2); the codes are those of its usual servers. */
const refusedBy = ({ graphql }: RequestManifest): RefusalRule | null =>
  graphql === undefined
    ? null
    : {
        when: { errors: { present: true } },
        code: 'errors.0.extensions.code',
        expired: ['UNAUTHENTICATED', 'AUTHENTICATION_ERROR'],
      };

/** The part of an answer that is shown; of GraphQL's below its `data`. */
const pickOf = ({ pick, graphql }: RequestManifest): string | null => {
  if (graphql === undefined) return pick ?? null;
  return pick === undefined ? 'data' : `data.${pick}`;
};

const below = (prefix: string, path: string): string => `${prefix}${path}`;

const siblingOf = (path: string, name: string): string => [...path.split('.').slice(0, -1), name].join('.');

/** A number of pages, or the parameter that has it: it may be as many as any request may read. */
const boundsOf = (atMost: number | string): Pick<Pages, 'further' | 'upTo'> =>
  typeof atMost === 'number'
    ? { further: atMost - 1 }
    : { further: MOST_PAGES - 1, upTo: atMost.slice(1, -1) };

/** Pages that are read after the first at most, with these values. */
export const furtherPages = ({ further, upTo }: Pages, values: ParameterValues): number => {
  if (upTo === undefined) return further;
  const pages = values[upTo];
  return typeof pages === 'number' ? Math.min(further, pages - 1) : 0;
};

/** How further pages are read. Paths of GraphQL lie below its `data`, and what is sent is a variable. */
const pagesOf = ({ pages, follow, graphql }: RequestManifest): Pages | null => {
  if (pages === undefined) {
    const { rel, pages: further } = follow ?? { rel: '', pages: 0 };
    const step = { by: 'feed', rel } as const;
    return follow === undefined ? null : { step, items: 'entries', further };
  }
  const data = graphql === undefined ? '' : 'data.';
  const bounds = boundsOf(pages.atMost);
  const items = 'items' in pages && pages.items !== undefined ? below(data, pages.items) : '';
  switch (pages.by) {
    case 'feed':
      return { step: { by: 'feed', rel: pages.rel }, items: 'entries', ...bounds };
    case 'link':
      return { step: { by: 'link', rel: pages.rel }, items, ...bounds };
    case 'token':
      return {
        step: { by: 'token', next: below(data, pages.next), send: sentAs(pages.send, graphql) },
        items,
        ...bounds,
      };
    case 'cursor': {
      const info = below(data, pages.info ?? siblingOf(pages.items, 'pageInfo'));
      return { step: { by: 'cursor', info, send: sentAs(pages.send, graphql) }, items, ...bounds };
    }
    default: {
      const { by, first, size = null, total } = pages;
      const at = total === undefined ? null : below(data, total);
      return { step: { by, send: sentAs(pages.send, graphql), first, size, total: at }, items, ...bounds };
    }
  }
};

const sentAs = (send: string, graphql: string | undefined): string =>
  graphql === undefined ? send : `variables.${send}`;

/** The plan of a request, from its definition. */
export function planRequest(name: string, written: RequestManifest): RequestPlan {
  const { provider, path, query, format, refused, accept, ttl, required, each } = written;
  const roots = each === undefined ? [] : [each.as];
  const isPost = written.method === 'POST' || written.graphql !== undefined;
  const posted = isPost ? bodyOf(sentBody(written), roots) : null;
  const fixed = Object.entries(written.headers).map(
    ([header, value]) => [header.toLowerCase(), value] as const,
  );
  const segments = path.split('/').map((segment) => templateOf(segment, roots));
  const fields = Object.entries(query).map(([field, value]) => queryFieldOf(field, value, roots));
  const templates = [...segments, ...fields.map(({ template }) => template), ...templatesIn(posted)];
  const names = templates.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.kind === 'value' ? [part.name] : [])),
  );
  return {
    name,
    provider,
    ...(written.api !== undefined && { api: written.api }),
    effect: 'read',
    method: isPost ? 'POST' : 'GET',
    path: { text: path, prefix: path.split('{', 1)[0] ?? '', segments },
    query: fields,
    accept: accept ?? ACCEPT[format],
    headers: fixed.length === 0 ? null : Object.fromEntries(fixed),
    isGraphql: written.graphql !== undefined,
    body: posted,
    inputs: inputsOf(written),
    namesAccount: names.some((each) => each === 'account.id' || each.startsWith('facts.')),
    facts: [...new Set(names.filter((each) => each.startsWith('facts.')))].map((each) =>
      each.slice('facts.'.length),
    ),
    namesDay: names.some((each) => each.startsWith('today.') || each.startsWith('week.')),
    answer: {
      format,
      refused: refused === undefined ? refusedBy(written) : { ...refused, code: refused.code ?? null },
      pick: pickOf(written),
      pages: pagesOf(written),
    },
    ttl,
    required,
  };
}

/** Whether a request is made with these values: each parameter of its `when` has one (a list: at least one item). */
export const isWanted = ({ when }: Pick<RequestInputs, 'when'>, values: ParameterValues): boolean =>
  when.every((name) => {
    const value = values[name];
    return typeof value === 'object' ? value.length > 0 : value !== undefined;
  });

/** Whether a request is for a provider whose record names this edition, or none. */
export const isForEdition = (rule: EditionRule | undefined, edition: string | undefined): boolean =>
  rule === undefined || (edition !== undefined && rule.editions.includes(edition)) !== rule.isExcluding;

/** Whether there is no edition of a provider with which both requests are made. */
export const isNeverBoth = (one: RequestPlan, other: RequestPlan): boolean => {
  const [first, second] = [one.inputs.edition, other.inputs.edition];
  const editions = [...(first?.editions ?? []), ...(second?.editions ?? []), undefined];
  return (
    one.provider === other.provider &&
    !editions.some((each) => isForEdition(first, each) && isForEdition(second, each))
  );
};
