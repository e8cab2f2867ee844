import * as z from 'zod';
import { LANGUAGES } from '../../hosts/snippets/snippet-facts.js';
import { named } from '../api-schemas.js';

const idAndTitle = z.object({ id: z.string(), title: z.string() });

/** What a snippet is asked for: the gadget, and the values of its parameters. */
export const snippetsQuery = z
  .object({ gadget: z.string().optional() })
  .catchall(z.string())
  .meta({ description: 'The gadget, and its parameters by name' });

/** The same on the command line, and the language of the token endpoint that is printed. */
export const snippetOptions = z.object({
  gadget: z.string().exactOptional().describe('Id of the gadget (default: the first that the host may show)'),
  language: z.enum(LANGUAGES).default('node').describe(LANGUAGES.join(', ')),
  param: z.array(z.string()).exactOptional().describe('Values of the gadget’s parameters'),
});

export const snippets = named(
  'Snippets',
  'Everything to copy to embed a gadget. It contains no secret.',
  z.object({
    host: z.object({ id: z.string(), name: z.string(), mode: z.enum(['opener', 'reauth', 'code']) }),
    gadgets: z.array(idAndTitle).meta({ description: 'Those that the host may show' }),
    gadget: idAndTitle,
    flows: z
      .array(z.string())
      .meta({ description: 'What the gadget sends from one provider to another, in sentences' }),
    missing: z
      .array(z.object({ problem: z.string(), fix: z.string(), ofParameters: z.boolean() }))
      .meta({ description: 'What must be fixed before it can work' }),
    parameters: z.array(
      z.object({
        name: z.string(),
        title: z.string(),
        required: z.boolean(),
        kind: z.string(),
        choices: z.array(z.string()).nullable(),
        value: z.string().nullable(),
        isExample: z.boolean(),
      }),
    ),
    element: z.string(),
    doctor: z.string(),
    form: z.string(),
    headers: z.object({
      policy: z
        .array(z.tuple([z.string(), z.string()]))
        .meta({ description: 'Directive and source, for the page’s Content-Security-Policy' }),
      opener: z.string(),
      nginx: z.string(),
      helmet: z.string(),
    }),
    environment: z.array(z.object({ name: z.string(), holds: z.string() })),
    endpoints: z.array(
      z.object({
        language: z.enum(LANGUAGES),
        title: z.string(),
        file: z.string(),
        code: z.string(),
        install: z.string().nullable(),
      }),
    ),
  }),
);
