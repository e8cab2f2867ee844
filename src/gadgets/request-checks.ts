import { allowedHeaders, headerFault } from '../domain/fixed-headers.js';
import type { Mistake } from './manifest.js';
import type { RequestManifest } from './request-schema.js';

/** Comments and texts, in which nothing of the structure counts. */
const SKIPPED = /#[^\n\r]*|"""(?:\\"""|[\s\S])*?"""|"(?:\\.|[^"\\\n\r])*"/g;

const STRUCTURE = /[{}()]|[A-Za-z_]\w*/g;

/** A document without arguments and variables, however they nest. */
const withoutArguments = (text: string): string => {
  const shorter = text.replace(/\([^()]*\)/g, ' ');
  return shorter === text ? text : withoutArguments(shorter);
};

/** The words that begin the document's definitions, in order; null where its brackets do not match. */
const definitionsIn = (text: string): readonly string[] | null => {
  const kinds: string[] = [];
  let depth = 0;
  let isBefore = true;
  for (const [token] of withoutArguments(text).matchAll(STRUCTURE)) {
    // A query without a name starts with its brace.
    if (isBefore) kinds.push(token === '{' ? 'query' : token);
    if (token === '{') depth += 1;
    if (token === '}') depth -= 1;
    isBefore = token === '}' && depth === 0;
    if (depth < 0 || token === '(' || token === ')') return null;
  }
  return depth === 0 ? kinds : null;
};

/**
 * What is wrong with a GraphQL document of a gadget, as a sentence without its full stop; null for one query, with any number of
 * fragments (GraphQL §2.2, §2.3). What it asks for is for the server to say.
 */
export const graphqlFault = (document: string): string | null => {
  const kinds = definitionsIn(document.replace(SKIPPED, ' '));
  if (kinds === null) return 'its brackets do not match';
  const other = kinds.find((kind) => kind !== 'query' && kind !== 'fragment');
  if (other !== undefined) return `it has a ${other}, and a gadget only reads`;
  const queries = kinds.filter((kind) => kind === 'query').length;
  return queries === 1 ? null : `it has ${queries === 0 ? 'no query' : 'more than one query'}`;
};

type Found = Omit<Mistake, 'path'> & { readonly at: Mistake['path'] };

/** Characters of a body as JSON, before values are filled in. */
const LONGEST_BODY = 32_000;

const nothing = (key: string, without: string, example: string | null): Found => ({
  at: [key],
  problem: `this does nothing ${without}`,
  expected: 'only keys that have an effect: an ignored key would mislead readers',
  example,
});

const isFeed = ({ format }: RequestManifest): boolean => format === 'feed' || format === 'atom';

const hasNoPages = ({ format }: RequestManifest): boolean => format === 'text' || format === 'ical';

/** The names of a query's variables, as they are set and sent: without their sign. */
const variablesIn = (graphql: string): readonly string[] =>
  [...graphql.replace(SKIPPED, ' ').matchAll(/\$([A-Za-z_]\w*)/g)].flatMap(([, name]) => name ?? []);

/** Keys that the format has no use for. */
const formatMistakes = (written: RequestManifest): readonly Found[] => {
  const { follow, pick, refused, format } = written;
  const found: Found[] = [];
  if (follow !== undefined && !isFeed(written))
    found.push(
      nothing('follow', `for the format ${format}`, hasNoPages(written) ? null : 'pages: { by: link }'),
    );
  const isText = format === 'text' || format === 'csv';
  if (isText && pick !== undefined) found.push(nothing('pick', `for the format ${format}`, null));
  if ((isText || format === 'ical') && refused !== undefined)
    found.push(nothing('refused', `for the format ${format}`, null));
  return found;
};

/** Pages that no answer in the format has, whatever else is said of them; null where it can have them. */
const neverPages = (written: RequestManifest, by: string): Found | null => {
  const { format, graphql } = written;
  if (hasNoPages(written))
    return {
      at: ['pages'],
      problem: `an answer in the format ${format} has no pages`,
      expected: 'no "pages": it is read as a whole',
      example: null,
    };
  if ((by === 'feed') === isFeed(written)) return null;
  const at = ['pages', 'by'];
  const problem = `the format ${format} has no pages by ${by}`;
  if (isFeed(written))
    return { at, problem, expected: 'feed, as feeds name their next page', example: 'by: feed' };
  return graphql === undefined
    ? { at, problem, expected: 'link, token, page or offset', example: 'by: link' }
    : { at, problem, expected: 'cursor, token, page or offset', example: 'by: cursor' };
};

/** How further pages are read, where that cannot be. */
const pagesMistakes = (written: RequestManifest): readonly Found[] => {
  const { pages, follow, format, graphql } = written;
  if (pages === undefined) return [];
  const found: Found[] = [];
  if (follow !== undefined) found.push(nothing('follow', 'beside "pages"', null));
  const never = neverPages(written, pages.by);
  if (never !== null) return [...found, never];
  if (pages.by === 'cursor' && graphql === undefined)
    found.push({
      at: ['pages', 'by'],
      problem: 'cursors are those of GraphQL',
      expected: 'token, for an answer that holds what the next page is asked for by',
      example: 'by: token',
    });
  if (format === 'xml' && 'items' in pages === false)
    found.push({
      at: ['pages'],
      problem: '"items" is missing, and XML is never a list by itself',
      expected: 'where the items of a page are',
      example: 'items: cards.card',
    });
  if (graphql !== undefined && 'send' in pages && !new RegExp(`\\$${pages.send}\\b`).test(graphql))
    found.push({
      at: ['pages', 'send'],
      problem: `the query has no variable $${pages.send}`,
      expected: 'the variable that the next page is asked for by',
      example: variablesIn(graphql).find((each) => each !== pages.send) ?? null,
    });
  return found;
};

const bodyMistakes = ({ method, body, graphql, format }: RequestManifest): readonly Found[] => {
  if (graphql !== undefined) {
    const found: Found[] = [];
    if (body !== undefined)
      found.push({
        at: ['body'],
        problem: 'a GraphQL query is the body already',
        expected: 'its variables in "variables"',
        example: null,
      });
    if (format !== 'json')
      found.push(nothing('format', 'for GraphQL, whose answers are JSON', 'format: json'));
    return found;
  }
  if (body !== undefined && method !== 'POST')
    return [
      { at: ['body'], problem: 'a GET has no body', expected: 'POST as "method"', example: 'method: POST' },
    ];
  if (body === undefined && method === 'POST')
    return [
      { at: ['method'], problem: 'this POST sends nothing', expected: 'a "body"', example: 'body: {}' },
    ];
  if (JSON.stringify(body ?? {}).length > LONGEST_BODY)
    return [
      {
        at: ['body'],
        problem: `this is longer than ${LONGEST_BODY} characters`,
        expected: 'a shorter body',
        example: null,
      },
    ];
  return [];
};

const graphqlMistakes = ({ graphql, variables }: RequestManifest): readonly Found[] => {
  if (graphql === undefined)
    return variables === undefined ? [] : [nothing('variables', 'without "graphql"', null)];
  const fault = graphqlFault(graphql);
  const unknown = Object.keys(variables ?? {}).filter(
    (name) => !/^[A-Za-z_]\w*$/.test(name) || !new RegExp(`\\$${name}\\b`).test(graphql),
  );
  return [
    ...(fault === null
      ? []
      : [
          {
            at: ['graphql'],
            problem: `this cannot be sent: ${fault}`,
            expected: 'a document with one query, and fragments if need be',
            example: 'query { viewer { login } }',
          },
        ]),
    ...unknown.map((name) => ({
      at: ['variables', name],
      problem: `the query has no variable $${name}`,
      expected: 'the names that the query declares',
      example: variablesIn(graphql).find((each) => !Object.hasOwn(variables ?? {}, each)) ?? null,
    })),
  ];
};

const headerMistakes = ({ headers }: RequestManifest): readonly Found[] =>
  Object.entries(headers).flatMap(([name, value]) => {
    const fault = headerFault(name) ?? (/[{}]/.test(value) ? 'a header has no place for values' : null);
    return fault === null
      ? []
      : [
          {
            at: ['headers', name],
            problem: fault,
            expected: `a fixed value of one of ${allowedHeaders()}, or of an X-… header that says nothing of who asks`,
            example: 'Notion-Version: "2022-06-28"',
          },
        ];
  });

/** What a well-formed request says that cannot be meant: keys that do nothing, or exclude each other. */
export const requestMistakesIn = (name: string, written: RequestManifest): readonly Mistake[] =>
  [
    ...formatMistakes(written),
    ...pagesMistakes(written),
    ...bodyMistakes(written),
    ...graphqlMistakes(written),
    ...headerMistakes(written),
  ].map(({ at, ...words }) => ({ path: ['requests', name, ...at], ...words }));
