import {
  type Connection,
  type ConnectionFact,
  type ConnectionFacts,
  factValuesOf,
} from '../../domain/connection.js';
import type { Data } from '../../domain/data.js';
import type { Gadget, Given, Pages, RequestPlan } from '../../domain/gadget.js';
import { Secret } from '../../domain/secret.js';
import type { Clock } from '../../domain/system.js';
import { viewerOf } from '../../domain/viewer.js';
import { isForEdition, isWanted } from '../../gadgets/request-plan.js';
import { type FactRule, factsIn } from '../../providers/facts.js';
import { baseOf, originsOf, type Provider } from '../../providers/provider.js';
import { type FetchDeps, fetchAnswers } from '../../render/fetch-answers.js';
import type { UpstreamOutcome, UpstreamRequest } from '../../upstream/upstream-call.js';
import type { ContentModel } from '../../views/view-models.js';

/** A request as it would go out. */
export interface PreviewedRequest {
  readonly name: string;
  readonly provider: string;
  readonly method: string;
  /** Path and query below the provider's `api`, of the first that is made; null where none is. */
  readonly target: string | null;
  /** The base in front of it where it is known. */
  readonly api: string | null;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | null;
  /** How often it is made; more than once with `each`. */
  readonly times: number;
  /** Why it is not made; null where it is. */
  readonly why: string | null;
  /** Where its values come from, in sentences. */
  readonly sources: readonly string[];
  /** What else an author wants to know: format, time to live, pages. */
  readonly notes: readonly string[];
}

/** Where a provider's API is, where the workshop knows it. */
export type ApiOf = (provider: string) => Provider | null;

const NOWHERE = 'https://provider.invalid';

/** Which edition of a provider's API a sample is of, by the requests that it has answers to. */
const editionIn = (gadget: Gadget, model: ContentModel, provider: string): string | undefined =>
  gadget.requests
    .filter((each) => each.provider === provider && model.answers[each.name] !== undefined)
    .flatMap(({ inputs: { edition } }) =>
      edition === undefined || edition.isExcluding ? [] : edition.editions,
    )[0];

const stubOf = (
  id: string,
  known: Provider | null,
  edition: string | undefined,
  name: string | undefined,
): Provider => ({
  ...{ name: id, issuer: null, issRequired: false, authorizationEndpoint: NOWHERE, tokenEndpoint: NOWHERE },
  revocation: { kind: 'none' },
  grantTypes: { authorizationCode: 'authorization_code', refreshToken: 'refresh_token' },
  ...{ clientAuthentication: 'body', pkce: 'none', tokenType: 'any', errorCodes: {}, errorsCarryState: true },
  ...{ refreshSendsRedirectUri: false, account: 'none', accountPage: null, oneGrantPerAccount: false },
  ...{ scopes: [], authorizationParameters: {}, selectAccountParameters: {}, allowAddresses: [] },
  ...{ certificates: [], client: null, clients: {}, authorizationHeader: 'Bearer {token}' },
  ...(edition !== undefined && { edition }),
  ...known,
  // What is asked then says which request it was.
  id,
  api: known?.api ?? NOWHERE,
  ...(name !== undefined && { apis: { [name]: NOWHERE, ...known?.apis } }),
});

const NO_ONE = viewerOf('workshop', 'author');

/** A value that a fact could have: what it is called, where it may be anything. */
const standInOf = (name: string, rule: FactRule | undefined): ConnectionFact => {
  const [host = 'provider.invalid'] = rule?.hosts ?? [];
  const value = rule?.kind === 'origin' ? `https://${host.replace('*', 'my')}` : `my-${name}`;
  return { value, label: null, among: [] };
};

/** Every fact that a request names, or that its API is found by. */
const factsFor = (plan: RequestPlan | undefined, provider: Provider): ConnectionFacts => {
  const base = baseOf(provider, plan?.api ?? null) ?? '';
  const names = [...(plan?.facts ?? []), ...factsIn(base)];
  return Object.fromEntries(names.map((name) => [name, standInOf(name, provider.facts?.[name])]));
};

const connectionTo = (provider: string, facts: ConnectionFacts): Connection => ({
  ...({
    id: provider,
    viewer: NO_ONE,
    provider,
    clientId: '',
    account: { id: 'my-account', label: 'me' },
    scopes: [],
    facts,
  } as unknown as Connection),
  status: 'active',
  generation: 1,
});

type Answered = ReadonlyMap<string, readonly UpstreamRequest[]>;

const answerOf = (data: Data, now: number): UpstreamOutcome => ({
  ...{ kind: 'data', data, fetchedAt: now, sentAt: 0, freshUntil: 0 },
  ...{ stale: false, bytes: 0, pages: 1, more: false },
});

/** What a sample has for the next call of a request: of `each`, what it has for the next item. */
const sampleAnswer = (plan: RequestPlan, model: ContentModel, nth: number): Data | undefined => {
  const data = model.answers[plan.name]?.data;
  if (plan.inputs.each === null) return data;
  const entry = Array.isArray(data) ? data[nth] : undefined;
  return typeof entry === 'object' && entry !== null && 'data' in entry ? (entry.data as Data) : undefined;
};

/** The gadget with a provider of its own for each request, and answers as samples have them: what `pick` leaves of them. */
const traced = (gadget: Gadget): Gadget => ({
  ...gadget,
  scopes: {},
  requests: gadget.requests.map((request) => ({
    ...request,
    provider: request.name,
    answer: { ...request.answer, pick: null },
  })),
  providers: gadget.requests.map(({ name }) => name),
});

/** Makes the gadget's requests, and has the sample answer them. */
const rehearse = async (
  gadget: Gadget,
  model: ContentModel,
  apiOf: ApiOf,
  clock: Clock,
): Promise<Answered> => {
  const asked = new Map<string, UpstreamRequest[]>();
  const planOf = new Map(gadget.requests.map((request) => [request.name, request]));
  const deps: FetchDeps = {
    clock,
    access: {
      async fresh(_, provider) {
        const connection = connectionTo(provider.id, factsFor(planOf.get(provider.id), provider));
        const origins = originsOf(provider, factValuesOf(connection));
        return { kind: 'access', access: { connection, token: new Secret('-'), origins } };
      },
      renewed: async () => ({ kind: 'none' }),
      accepted: () => undefined,
    },
    connections: { find: async () => null },
    directory: {
      provider(name) {
        const provider = planOf.get(name)?.provider ?? name;
        return stubOf(name, apiOf(provider), editionIn(gadget, model, provider), planOf.get(name)?.api);
      },
    },
    upstream: {
      async get(_, request) {
        const { id } = request.provider;
        const before = asked.get(id) ?? [];
        asked.set(id, [...before, request]);
        const plan = planOf.get(id);
        const data = plan && sampleAnswer(plan, model, before.length);
        return data === undefined ? { kind: 'not-found', detail: null } : answerOf(data, clock.now());
      },
      kept: async () => null,
    },
  };
  const { parameters, locale, timeZone } = model;
  await fetchAnswers(deps, { gadget: traced(gadget), viewer: NO_ONE, parameters, locale, timeZone });
  return asked;
};

const whyNot = (gadget: Gadget, plan: RequestPlan, model: ContentModel): string => {
  const { when } = plan.inputs;
  if (!isWanted(plan.inputs, model.parameters))
    return `only made when ${when.join(' and ')} ${when.length === 1 ? 'has a value' : 'have values'}`;
  const { edition } = plan.inputs;
  if (edition !== undefined && !isForEdition(edition, editionIn(gadget, model, plan.provider))) {
    const names = edition.editions.join(' or ');
    return edition.isExcluding
      ? `not for the edition ${names} of the provider’s API, which the sample is of`
      : `only for the edition ${names} of the provider’s API, which the sample is not of`;
  }
  const missing = plan.inputs.needs.find((name) => model.answers[name] === undefined);
  if (missing !== undefined) return `the sample has no answer to “${missing}”, which it needs`;
  const needed = plan.inputs.given.filter(({ required }) => required).map(({ name }) => `{${name}}`);
  if (needed.length > 0) return `no value for ${needed.join(' or ')} in what it is taken from`;
  const { each } = plan.inputs;
  if (each !== null) return `“${each.request}” has no item${each.items === '' ? '' : ` at ${each.items}`}`;
  return 'its values cannot be used';
};

const takenText = ({ items, take }: Given): string => [items, take].filter((each) => each !== '').join('.');

const sourcesOf = (gadget: Gadget, { inputs, provider }: RequestPlan): readonly string[] => {
  const sent = (request: string): string => {
    const from = gadget.requests.find(({ name }) => name === request)?.provider;
    return from === undefined || from === provider ? '' : ` ${from} → ${provider}.`;
  };
  const { each } = inputs;
  return [
    ...inputs.given.map((given) => {
      const at = takenText(given);
      const match = given.match === null ? '' : ', by a pattern';
      return `{${given.name}} is taken from “${given.request}”${at === '' ? '' : ` (${at}${match})`}.${sent(given.request)}`;
    }),
    ...inputs.narrow.map(
      ({ parameter, request, path }) =>
        `{${parameter}} keeps what “${request}” knows (${path}).${sent(request)}`,
    ),
    ...(each === null
      ? []
      : each.given !== null
        ? [`{${each.as}} is each value of {${each.given}}, at most ${each.atMost}.`]
        : [
            `{${each.as}} is each item of “${each.request}”${each.items === '' ? '' : ` (${each.items})`}, at most ${each.atMost}.${sent(each.request)}`,
          ]),
  ];
};

const pagesOf = ({ further, upTo }: Pages): string => {
  if (upTo !== undefined) return `as many pages as {${upTo}} says`;
  return further === 1 ? 'up to one further page' : `up to ${further} further pages`;
};

const notesOf = ({ answer, ttl, required }: RequestPlan): readonly string[] => [
  `read as ${answer.format}${answer.pick === null ? '' : `, of which ${answer.pick} is picked`}`,
  ttl === 0 ? 'asked for every time' : `reused for ${ttl} s for the same person`,
  ...(answer.pages === null ? [] : [`${pagesOf(answer.pages)}, by ${answer.pages.step.by}`]),
  ...(required ? [] : ['optional: without it the rest is shown']),
];

const headersOf = (plan: RequestPlan, provider: Provider | null): PreviewedRequest['headers'] => [
  ['Accept', plan.accept],
  ...Object.entries(plan.headers ?? {}),
  ...(plan.body === null ? [] : ([['Content-Type', 'application/json']] as const)),
  [
    'Authorization',
    (provider?.authorizationHeader ?? 'Bearer {token}').replaceAll('{token}', '(the viewer’s own token)'),
  ],
];

/** Every request of a gadget as it would go out with these values, each answered by the sample. Nothing is sent. */
export async function previewRequests(
  gadget: Gadget,
  model: ContentModel,
  apiOf: ApiOf,
  clock: Clock,
): Promise<readonly PreviewedRequest[]> {
  const asked = await rehearse(gadget, model, apiOf, clock);
  return gadget.requests.map((plan) => {
    const calls = asked.get(plan.name) ?? [];
    const [first] = calls;
    const provider = apiOf(plan.provider);
    return {
      ...{ name: plan.name, provider: plan.provider, method: plan.method },
      target: first?.target ?? null,
      api: (provider && baseOf(provider, plan.api ?? null)) ?? null,
      headers: headersOf(plan, provider),
      body: first?.body ?? null,
      times: calls.length,
      why: first === undefined ? whyNot(gadget, plan, model) : null,
      sources: sourcesOf(gadget, plan),
      notes: notesOf(plan),
    };
  });
}
