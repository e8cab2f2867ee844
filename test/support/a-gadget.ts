import type { Format, Gadget, Narrowing, Parameter, RequestPlan } from '../../src/domain/gadget.js';
import { planRequest } from '../../src/gadgets/request-plan.js';

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
  ...more,
});

/** A request as a definition has it. */
export interface Requested {
  readonly provider: string;
  readonly path: string;
  readonly query: readonly {
    readonly name: string;
    readonly template: string;
    readonly language: 'text' | 'mql';
  }[];
  readonly accept: string;
  readonly format: Format;
  readonly ttl: number;
  readonly required: boolean;
  readonly when: readonly string[];
  readonly narrow: readonly Narrowing[];
  readonly follow: { readonly rel: string; readonly pages: number };
}

/** The plan of a request with the defaults of a definition. */
export const request = (name: string, more: Partial<Requested> = {}): RequestPlan =>
  planRequest(name, {
    provider: 'mingle',
    path: `/${name}.xml`,
    accept: 'application/xml',
    format: 'xml',
    ttl: 30,
    required: true,
    ...more,
    when: [...(more.when ?? [])],
    query: Object.fromEntries(
      (more.query ?? []).map(({ name, template, language }) => [
        name,
        language === 'text' ? template : { [language]: template },
      ]),
    ),
    narrow: Object.fromEntries(
      (more.narrow ?? []).map(({ parameter, request, path }) => [parameter, { request, path }]),
    ),
  });

/** A gadget with the defaults of a definition. */
export const gadget = (more: Partial<Gadget> = {}): Gadget => ({
  id: 'example',
  title: 'Example',
  description: 'An example.',
  version: 'v1',
  parameters: [],
  requests: [],
  providers: [...new Set((more.requests ?? []).map((each) => each.provider))],
  view: 'example/view.njk',
  style: null,
  ...more,
});
