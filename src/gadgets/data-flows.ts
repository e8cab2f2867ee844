import type { Gadget, ParameterType, RequestPlan } from '../domain/gadget.js';
import { OWN_IMAGES } from './manifest.js';

/** What is sent to a provider out of another one's answers. */
export interface DataFlow {
  readonly from: string;
  readonly to: string;
  /** What is sent, in words: “numbers”. */
  readonly kinds: readonly string[];
}

const nounOf = (type: ParameterType): string => {
  const { kind } = type.kind === 'list' ? type.of : type;
  switch (kind) {
    case 'integer':
      return 'numbers';
    case 'identifier':
      return 'identifiers';
    case 'date':
      return 'dates';
    default:
      return 'texts';
  }
};

const sourcesOf = ({
  inputs,
}: RequestPlan): readonly { readonly request: string; readonly noun: string }[] => [
  ...inputs.given.map(({ request, type }) => ({ request, noun: nounOf(type) })),
  ...inputs.narrow.map(({ request }) => ({ request, noun: 'texts' })),
  // Values that are taken for it are said to be.
  ...(inputs.each === null || inputs.each.given !== null
    ? []
    : [{ request: inputs.each.request, noun: 'values' }]),
];

/** What flows from one provider to another in a gadget, in the order of its requests. */
export const flowsOf = ({ requests }: Pick<Gadget, 'requests'>): readonly DataFlow[] => {
  const flows = new Map<string, DataFlow>();
  for (const request of requests) {
    for (const { request: source, noun } of sourcesOf(request)) {
      const from = requests.find(({ name }) => name === source)?.provider;
      const to = request.provider;
      if (from === undefined || from === to) continue;
      const key = JSON.stringify([from, to]);
      const kinds = flows.get(key)?.kinds ?? [];
      flows.set(key, { from, to, kinds: [...new Set([...kinds, noun])] });
    }
  }
  return [...flows.values()];
};

// Made where it is needed: what Node reads for the first one would be read at every start.
const inWords = (texts: readonly string[]): string =>
  new Intl.ListFormat('en', { type: 'conjunction' }).format(texts);

const postSentences = (
  { requests }: Pick<Gadget, 'requests'>,
  nameOf: (provider: string) => string,
): readonly string[] =>
  requests
    .filter(({ method }) => method === 'POST')
    .map(({ name, provider, isGraphql, path }) => {
      const how = isGraphql ? 'a GraphQL query' : 'a POST';
      return `The request “${name}” sends ${how} to ${path.text} of ${nameOf(provider)}, declared to only read.`;
    });

/** Which hosts are asked for pictures, and with what. */
const imageSentences = (
  { images, providers }: Pick<Gadget, 'images' | 'providers'>,
  nameOf: (provider: string) => string,
): readonly string[] => {
  const hosts = images.filter((each) => each !== OWN_IMAGES);
  const own = providers.map(nameOf);
  return [
    ...(hosts.length === 0 ? [] : [`Images are fetched from ${inWords(hosts)}, without the viewer’s token.`]),
    ...(images.length === hosts.length || own.length === 0
      ? []
      : [`Images are fetched from ${inWords(own)}, with the viewer’s token where they are part of the API.`]),
  ];
};

/** The same in sentences for an administrator: “Numbers from GoCD are sent to Mingle.” And which requests are no plain GETs. */
export const flowSentences = (
  gadget: Pick<Gadget, 'requests' | 'images' | 'providers'>,
  nameOf: (provider: string) => string,
): readonly string[] => [
  ...flowsOf(gadget).map(({ from, to, kinds }) => {
    const sent = inWords(kinds);
    return `${sent.charAt(0).toUpperCase()}${sent.slice(1)} from ${nameOf(from)} are sent to ${nameOf(to)}.`;
  }),
  ...postSentences(gadget, nameOf),
  ...imageSentences(gadget, nameOf),
];
