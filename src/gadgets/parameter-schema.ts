import * as z from 'zod';
import { type LanguageName, languages } from './languages/registry.js';

/** Attaches what editors show and what a fault says was expected. */
export const described = <T extends z.ZodType>(schema: T, description: string, example: unknown): T =>
  schema.meta({ description, examples: [example] });

/** What parameters and values taken from answers may be called. */
export const parameterName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'this is not a lower-case word like `card-numbers`');

/** One line of text for people. */
export const line = (max: number) =>
  z
    .string()
    .min(1, 'this is empty')
    .max(max, `this is longer than ${max} characters`)
    .regex(/^\P{Cc}*$/u, 'this is not one line of text');

const whole = (min: number, max: number) =>
  z.int().min(min, `this is less than ${min}`).max(max, `this is more than ${max}`);

const LARGEST = 999_999_999_999_999;

const maxLength = (fallback: number) =>
  described(whole(1, 10_000).default(fallback), 'Characters a value may have at most', fallback);

/** Languages that a parameter may hold conditions of, under the language's own name. */
const OF_LANGUAGES = languages().flatMap(([name, { conditions }]) => (conditions === null ? [] : [name]));

const kind = <Name extends string>(name: Name) =>
  described(
    z.literal(name),
    `The type of its values: text, identifier, integer, boolean, date, choice or ${OF_LANGUAGES.join(', ')}; or list`,
    'identifier',
  );

const scalars = {
  text: { type: kind('text'), maxLength: maxLength(200) },
  identifier: { type: kind('identifier'), maxLength: maxLength(64) },
  integer: {
    type: kind('integer'),
    min: described(whole(-LARGEST, LARGEST).default(0), 'The smallest value', 0),
    max: described(whole(-LARGEST, LARGEST).default(LARGEST), 'The greatest value', 500),
  },
  boolean: { type: kind('boolean') },
  date: { type: kind('date') },
  choice: {
    type: kind('choice'),
    values: described(z.array(line(200)).min(1, 'this is empty').max(100), 'The values it can have', [
      'open',
      'all',
    ]),
  },
};

const kinds = { error: 'there is no such type of values here' };

/** A single value with these keys beside those of its type. */
export const scalarUnion = <Keys extends z.ZodRawShape>(keys: Keys) =>
  z.discriminatedUnion(
    'type',
    [
      z.strictObject({ ...keys, ...scalars.text }),
      z.strictObject({ ...keys, ...scalars.identifier }),
      z.strictObject({ ...keys, ...scalars.integer }),
      z.strictObject({ ...keys, ...scalars.boolean }),
      z.strictObject({ ...keys, ...scalars.date }),
      z.strictObject({ ...keys, ...scalars.choice }),
    ],
    kinds,
  );

/** A single value, as an item of a list is described. */
const scalarSchema = scalarUnion({});

const single = z.union([z.string(), z.number(), z.boolean()]);

const common = {
  title: described(line(80), 'What people call it', 'Card numbers'),
  required: described(z.boolean().default(false), 'Whether a host page must give it', true),
  default: described(
    z
      .union([single, z.array(single)], { error: 'this is neither a value nor a list of values' })
      .exactOptional(),
    'Its value when the host page gives none',
    'Status',
  ),
};

const MAY_CHANGE = 'Whether viewers may change it within the gadget; what they choose is kept for them';

const viewer = { viewer: described(z.boolean().default(false), MAY_CHANGE, true) };

/** Beside the usual control, another one that types of this kind may have. */
const viewerOr = <Name extends string>(name: Name, meaning: string) => ({
  viewer: described(
    z
      .union([z.boolean(), z.literal(name)], { error: `this is none of true, false and ${name}` })
      .default(false),
    `${MAY_CHANGE}; \`${name}\` ${meaning}`,
    name,
  ),
});

/** A parameter as written in a definition. */
export const parameterSchema = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ ...common, ...scalars.text, ...viewer }),
    z.strictObject({ ...common, ...scalars.identifier, ...viewer }),
    z.strictObject({
      ...common,
      ...scalars.integer,
      ...viewerOr('more', 'as a button that shows more pages, where it bounds the pages of a request'),
    }),
    z.strictObject({ ...common, ...scalars.boolean, ...viewer }),
    z.strictObject({ ...common, ...scalars.date, ...viewer }),
    z.strictObject({ ...common, ...scalars.choice, ...viewerOr('tabs', 'by tabs, in place of a list') }),
    ...OF_LANGUAGES.map((name: LanguageName) =>
      z.strictObject({ ...common, type: kind(name), maxLength: maxLength(2000) }),
    ),
    z.strictObject({
      ...common,
      type: kind('list'),
      of: described(scalarSchema, 'What the items of the list are', { type: 'integer', min: 1 }),
      maxItems: described(whole(1, 1000).default(100), 'Items the list may have at most', 500),
    }),
  ],
  kinds,
);

export type ScalarManifest = z.output<typeof scalarSchema>;
export type ParameterManifest = z.output<typeof parameterSchema>;
