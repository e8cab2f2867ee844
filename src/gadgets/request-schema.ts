import * as z from 'zod';
import { HEADER_VALUE } from '../domain/fixed-headers.js';
import { languages } from './languages/registry.js';
import { described, parameterName, scalarUnion } from './parameter-schema.js';

export const requestName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/, 'this is not a lower-case word like `cards`');

const providerId = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'this is not a lower-case word like `mingle`');

const query = z.record(
  z.string().min(1, 'this is empty').max(100),
  z.union(
    [
      described(z.string().max(4000), 'A text; {name} stands for a parameter', '{project}'),
      described(z.number(), 'A number that stays', 30),
      described(z.boolean(), 'true or false', true),
      ...languages().map(([name, { query }]) =>
        z.strictObject({ [name]: described(z.string().max(4000), query.description, query.example) }),
      ),
    ],
    { error: 'this is neither a text, a number, true or false, nor a query such as { mql: SELECT … }' },
  ),
);

const plainValue = z.union([z.string().max(200), z.number(), z.boolean(), z.null()]);
const plainOrList = z.union([plainValue, z.array(plainValue).max(50)]);
/** Neither JSONPath nor jq: a path has no `$` before it, no `[0]` and no `*` in it, and goes through lists by itself. */
const path = z
  .string()
  .regex(
    /^(?!\$(?:\.|$))[^.\s[\]*]+(\.[^.\s[\]*]+)*$/,
    'this is no path of keys joined by dots, which goes through lists by itself',
  );

const refusedSchema = z.strictObject({
  when: described(
    z
      .record(
        path,
        z.union([
          plainOrList,
          z.strictObject({ not: described(plainOrList, 'Anything that is there, but none of these', 0) }),
          z.strictObject({ present: described(z.boolean(), 'Whether anything is there', true) }),
        ]),
      )
      .refine((when) => Object.keys(when).length > 0, 'this names no condition'),
    'What a refusal holds, path by path: a value, a list of values, { not: value } or { present: true }',
    { ok: false },
  ),
  code: described(path.exactOptional(), 'Where it says why, keys joined by dots', 'error'),
  expired: described(
    z.array(z.string().min(1).max(200)).max(50).default([]),
    'Which of these codes mean that the access token is no longer good',
    ['token_expired', 'invalid_auth'],
  ),
});

const template = (example: string) =>
  described(z.string().max(200), 'A text; {name} stands for a parameter or a computed value', example);

const compared = z.union([template('{site}'), z.number(), z.boolean(), z.null()]);

const source = described(
  z
    .string()
    .regex(
      /^[a-z][a-z0-9_]{0,62}(\.[^.\s]+)*$/,
      'this is neither a request nor a request and a path, as in `pulls.items`',
    ),
  'The request whose answer is used, and where in it the items are, keys joined by dots',
  'pulls.items',
);

const given = {
  from: source,
  take: described(path, 'Where an item has the value, keys joined by dots', 'id'),
  where: described(
    z.record(path, z.union([compared, z.array(compared).min(1, 'this is empty').max(50)])).default({}),
    'Which items count: what they have at a path, one value or a list of them',
    { url: '{site}' },
  ),
  match: described(
    z.string().min(1, 'this is empty').max(500).exactOptional(),
    'A pattern (RE2), or {name} of a parameter that holds one: what its first group holds is taken, at each place of each text',
    '#(\\d+)',
  ),
  unique: described(z.boolean().default(false), 'Whether a list has each value once', true),
  atMost: described(
    z.int().min(1, 'this is less than 1').max(1000, 'this is more than 1000').exactOptional(),
    'How many values at most; with it the value is a list, without it the first one',
    50,
  ),
  required: described(z.boolean().default(true), 'Whether the request is not made without a value', false),
};

const givenSchema = scalarUnion(given);

const ITEM = 'pr';

const eachSchema = z.strictObject({
  of: source,
  as: described(parameterName, 'What templates call the item', ITEM),
  atMost: described(
    z.int().min(1, 'this is less than 1').max(50, 'this is more than 50').default(20),
    'For how many items at most',
    20,
  ),
});

const rel = described(
  z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'this is no link relation')
    .default('next'),
  'The relation of the links to follow',
  'next',
);
const send = (fallback: string) =>
  described(
    z.string().min(1, 'this is empty').max(100).default(fallback),
    'What the next page is asked for by: a parameter of the query, or a place in the body, keys joined by dots',
    fallback,
  );
const items = described(path, 'Where the items of a page are, keys joined by dots', 'issues');
/** Pages that any request may read, the first among them. */
export const MOST_PAGES = 20;

const atMost = described(
  z
    .union(
      [
        z.int().min(1, 'this is less than 1').max(MOST_PAGES, `this is more than ${MOST_PAGES}`),
        z
          .string()
          .regex(/^\{[a-z][a-z0-9-]*\}$/, 'this is neither a number nor the name of a parameter in braces'),
      ],
      { error: 'this is neither a number nor the name of a parameter in braces' },
    )
    .default(5),
  'Pages at most, the first included; or {name}, a parameter whose value is their number',
  3,
);
const by = <Name extends string>(name: Name) =>
  described(
    z.literal(name),
    'What leads to the next page: link, feed, token, cursor, page or offset',
    'link',
  );
const counting = (name: string, first: number) => ({
  send: send(name),
  first: described(z.int().min(0).max(1000).default(first), 'What the first page is', first),
  size: described(
    z.int().min(1, 'this is less than 1').max(1000, 'this is more than 1000').exactOptional(),
    'Items of a page that is not the last one',
    50,
  ),
  total: described(path.exactOptional(), 'Where the answer says how many items there are in all', 'total'),
  items: items.exactOptional(),
  atMost,
});

const pagesSchema = z.discriminatedUnion(
  'by',
  [
    z.strictObject({ by: by('link'), rel, items: items.exactOptional(), atMost }),
    z.strictObject({ by: by('feed'), rel, atMost }),
    z.strictObject({
      by: by('token'),
      next: described(path, 'Where the answer has the token of the next page', 'nextPageToken'),
      send: send('pageToken'),
      items,
      atMost,
    }),
    z.strictObject({
      by: by('cursor'),
      info: described(
        path.exactOptional(),
        'Where `pageInfo` is; beside the items unless it is said',
        'user.issues.pageInfo',
      ),
      send: send('after'),
      items,
      atMost,
    }),
    z.strictObject({ by: by('page'), ...counting('page', 1) }),
    z.strictObject({ by: by('offset'), ...counting('offset', 0) }),
  ],
  { error: 'there is no such way to further pages' },
);

const edition = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'this is not a lower-case word like `legacy`');
const editions = z.union([edition, z.array(edition).min(1, 'this is empty').max(20)]);

/** A request as written in a definition. */
export const requestSchema = z.strictObject({
  provider: described(
    providerId,
    'Which provider is asked: its id, unless the host’s record has another one play this role',
    'mingle',
  ),
  api: described(
    z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,31}$/, 'this is not a lower-case word like `calendar`')
      .exactOptional(),
    'Which of the provider’s APIs is asked, by its name in `apis` of the provider’s record; its `api` where this is left out',
    'calendar',
  ),
  path: described(
    z.string().max(1000),
    'A path below the provider’s `api`; {name} stands for a parameter',
    '/projects/{project}/cards.xml',
  ),
  query: described(query.default({}), 'The parameters of the query, by name', { page: '{page}' }),
  method: described(
    z.enum(['GET', 'POST']).default('GET'),
    'POST for an API that reads by it; the definition says so that it only reads',
    'POST',
  ),
  body: described(
    z.record(z.string(), z.unknown()).exactOptional(),
    'What a POST sends as JSON; a text that is {name} becomes that value, with its type',
    { filter: { assignee: '{user}' } },
  ),
  graphql: described(
    z.string().min(1, 'this is empty').max(20_000).exactOptional(),
    'A GraphQL query, sent by POST; its answer’s `data` is the answer, and `errors` are errors',
    'query($login: String!) { user(login: $login) { name } }',
  ),
  variables: described(
    z.record(z.string(), z.unknown()).exactOptional(),
    'The variables of the GraphQL query; a text that is {name} becomes that value, with its type',
    { login: '{user}' },
  ),
  headers: described(
    z.record(z.string(), z.string().regex(HEADER_VALUE, 'this is no value of a header')).default({}),
    'Fixed headers that choose what is answered',
    { 'Notion-Version': '2022-06-28' },
  ),
  pick: described(
    path.exactOptional(),
    'The part of the answer that the view and other requests see, keys joined by dots',
    'result.items',
  ),
  format: described(
    z.enum(['json', 'xml', 'feed', 'atom', 'csv', 'ical', 'text']).default('json'),
    'How the answer is read: json, xml, feed (Atom or RSS; atom is another name for it), csv, ical or text',
    'xml',
  ),
  refused: described(
    refusedSchema.exactOptional(),
    'How this API says no within a 200; by default as the provider’s record says',
    { when: { ok: false }, code: 'error', expired: ['token_expired'] },
  ),
  accept: described(
    z
      .string()
      .regex(/^[\x21-\x7e][\x20-\x7e]{0,199}$/, 'this is no value of an Accept header')
      .exactOptional(),
    'The Accept header, where the format does not settle it',
    'application/vnd.go.cd.v4+json',
  ),
  ttl: described(
    z.int().min(0, 'this is less than 0').max(3600, 'this is more than 3600').default(30),
    'Seconds an answer may be shown again without asking; 0 asks every time',
    30,
  ),
  required: described(
    z.boolean().default(true),
    'Whether the gadget shows nothing without this answer',
    false,
  ),
  when: described(
    z.array(parameterName).default([]),
    'Parameters without whose values the request is not made',
    ['cards'],
  ),
  edition: described(
    z
      .union([editions, z.strictObject({ not: described(editions, 'Any edition but these', 'legacy') })], {
        error: 'this is neither an edition, a list of them, nor { not: … }',
      })
      .exactOptional(),
    'The request is made only where the provider’s record says that its API is of this edition, or one of a list; with { not: … } of any other, or of none',
    'legacy',
  ),
  narrow: described(
    z
      .record(
        parameterName,
        z.strictObject({
          request: described(requestName, 'The request whose answer knows the items', 'definitions'),
          path: described(
            z.string().regex(/^[^.\s]+(\.[^.\s]+)*$/, 'this is no path of keys joined by dots'),
            'Where the items stand in that answer, keys joined by dots',
            'property_definitions.name',
          ),
        }),
      )
      .default({}),
    'List parameters of which only the items are asked for that another request’s answer knows',
    { properties: { request: 'definitions', path: 'property_definitions.name' } },
  ),
  given: described(
    z.record(parameterName, givenSchema).default({}),
    'Values taken from the answers of other requests, by the names they have in templates',
    { cloud: { from: 'sites', where: { url: '{site}' }, take: 'id', type: 'identifier' } },
  ),
  each: described(
    eachSchema.exactOptional(),
    'The request is made for each item of another answer, or for each value of a list in `given`',
    {
      of: 'pulls.items',
      as: ITEM,
      atMost: 20,
    },
  ),
  pages: described(pagesSchema.exactOptional(), 'How further pages of the answer are read', {
    by: 'link',
    atMost: 3,
  }),
  follow: described(
    z
      .strictObject({
        rel: described(
          z.string().regex(/^[\x21-\x7e]{1,200}$/, 'this is no link relation'),
          'The relation of the links to follow',
          'next',
        ),
        pages: described(
          z.int().min(1, 'this is less than 1').max(20, 'this is more than 20'),
          'How many pages more at most',
          4,
        ),
      })
      .exactOptional(),
    'Follow a feed’s own links to further pages: another name for pages by feed',
    { rel: 'next', pages: 4 },
  ),
});

export type RequestManifest = z.output<typeof requestSchema>;
export type GivenManifest = z.output<typeof givenSchema>;
