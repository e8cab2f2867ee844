import type { z } from 'zod';
import type { Format, Gadget, Narrowing, Parameter, RequestPlan } from '../../src/domain/gadget.js';
import { planRequest } from '../../src/gadgets/request-plan.js';
import { requestSchema } from '../../src/gadgets/request-schema.js';

/** A parameter with the defaults of a definition. */
export const parameter = (
  name: string,
  type: Parameter['type'],
  more: Partial<Parameter> = {},
): Parameter => ({
  name,
  title: more.title ?? name,
  type,
  required: false,
  default: null,
  viewer: null,
  ...more,
});

type Written = z.input<typeof requestSchema>;

/** A request as a definition has it, with some of its maps as lists. */
export interface Requested extends Omit<Written, 'query' | 'narrow' | 'format' | 'when'> {
  readonly format: Format;
  readonly when: readonly string[];
  readonly query: readonly {
    readonly name: string;
    readonly template: string;
    readonly language: string;
  }[];
  readonly narrow: readonly Narrowing[];
}

/** The plan of a request with the defaults of a definition. */
export const request = (name: string, more: Partial<Requested> = {}): RequestPlan =>
  planRequest(
    name,
    requestSchema.parse({
      provider: 'mingle',
      path: `/${name}.xml`,
      accept: 'application/xml',
      format: 'xml',
      ...more,
      query: Object.fromEntries(
        (more.query ?? []).map(({ name, template, language }) => [
          name,
          language === 'text' ? template : { [language]: template },
        ]),
      ),
      narrow: Object.fromEntries(
        (more.narrow ?? []).map(({ parameter, request, path }) => [parameter, { request, path }]),
      ),
    }),
  );

/** A gadget with the defaults of a definition. */
export const gadget = (more: Partial<Gadget> = {}): Gadget => ({
  id: 'example',
  title: 'Example',
  description: 'An example.',
  version: 'v1',
  parameters: [],
  requests: [],
  providers: [...new Set((more.requests ?? []).map((each) => each.provider))],
  images: [],
  view: 'example/view.njk',
  style: null,
  texts: {},
  ...more,
});
