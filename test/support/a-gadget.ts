import type { Gadget, GadgetRequest, Parameter } from '../../src/domain/gadget.js';

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

/** A request with the defaults of a definition. */
export const request = (name: string, more: Partial<GadgetRequest> = {}): GadgetRequest => ({
  name,
  provider: 'mingle',
  path: `/${name}.xml`,
  query: [],
  accept: 'application/xml',
  format: 'xml',
  ttl: 30,
  required: true,
  when: [],
  narrow: [],
  follow: null,
  ...more,
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
