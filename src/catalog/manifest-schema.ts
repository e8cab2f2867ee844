import { z } from 'zod';
import { described, line, parameterSchema } from './parameter-schema.js';

const parameterName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'this is not a lower-case word like `card-numbers`');

const requestName = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'this is not a lower-case word like `cards`');

const providerId = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'this is not a lower-case word like `mingle`');

const query = z.record(
  z.string().min(1, 'this is empty').max(100),
  z.union(
    [
      described(z.string().max(4000), 'A text; {name} stands for a parameter', '{project}'),
      z.strictObject({
        mql: described(
          z.string().max(4000),
          'A query in MQL; {name} stands for a parameter, quoted as MQL needs it',
          'SELECT name WHERE number IN ({cards})',
        ),
      }),
    ],
    { error: 'this is neither a text nor a query such as { mql: SELECT … }' },
  ),
);

const requestSchema = z.strictObject({
  provider: described(providerId, 'The id of the provider that is asked', 'mingle'),
  path: described(
    z.string().max(1000),
    'A path below the provider’s `api`; {name} stands for a parameter',
    '/projects/{project}/cards.xml',
  ),
  query: described(query.default({}), 'The parameters of the query, by name', { page: '{page}' }),
  format: described(
    z.enum(['json', 'xml', 'atom', 'text']),
    'How the answer is read: json, xml, atom or text',
    'xml',
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
    'Follow the answer’s own links to further pages',
    { rel: 'next', pages: 4 },
  ),
});

/** A gadget's definition, as its author writes it. */
export const manifestSchema = z.strictObject({
  title: described(line(80), 'What people call the gadget', 'Card activity'),
  description: described(line(400), 'What it shows, in one sentence', 'The cards a change is about.'),
  parameters: described(z.record(parameterName, parameterSchema).default({}), 'What a host page may set', {
    project: { title: 'Project', type: 'identifier', required: true },
  }),
  requests: described(z.record(requestName, requestSchema).default({}), 'What is asked of which provider', {
    cards: { provider: 'mingle', path: '/projects/{project}/cards.xml', format: 'xml' },
  }),
});

export type Manifest = z.output<typeof manifestSchema>;
export type RequestManifest = z.output<typeof requestSchema>;
