import type { Gadget } from '../domain/gadget.js';
import type { Provider } from '../providers/provider.js';

/** An API that a gadget asks for by a name which the record of its provider does not have. */
export interface UnknownApi {
  readonly gadget: string;
  readonly request: string;
  readonly api: string;
  readonly provider: string;
  /** The names that the record has. */
  readonly known: readonly string[];
}

type WithApis = Pick<Provider, 'apis'>;

/**
 * The APIs that this gadget's providers do not have; of a provider that is not known, nothing is said. Such a request answers `api-unknown`, and
 * what else the gadget shows stays.
 */
export const unknownApisOf = (
  gadget: Gadget,
  providerOf: (id: string) => WithApis | undefined,
): readonly UnknownApi[] =>
  gadget.requests.flatMap(({ name, api, provider }): readonly UnknownApi[] => {
    const record = api === undefined ? undefined : providerOf(provider);
    if (api === undefined || record === undefined) return [];
    const known = Object.keys(record.apis ?? {});
    return known.includes(api) ? [] : [{ gadget: gadget.id, request: name, api, provider, known }];
  });

const quoted = (name: string): string => `“${name}”`;

/** What is wrong, as a sentence without its full stop. */
export const unknownApiProblem = ({ gadget, request, api, provider, known }: UnknownApi): string =>
  `the request “${request}” of the gadget “${gadget}” asks the API “${api}”, and “${provider}” has ${known.length === 0 ? 'no further APIs' : `only ${known.map(quoted).join(', ')}`}`;

/** What to do about it. */
export const unknownApiFix = ({ api, provider }: UnknownApi): string =>
  `“${api}” in providers.${provider}.apis, or a provider that has it for this gadget`;
