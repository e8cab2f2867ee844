import {
  type Account,
  type ConnectionFact,
  type ConnectionFacts,
  factValuesOf,
  type TokenSet,
} from '../../domain/connection.js';
import type { Data } from '../../domain/data.js';
import { valueAt } from '../../domain/refusal-rule.js';
import type { Secret } from '../../domain/secret.js';
import { type FactRule, factValue } from '../../providers/facts.js';
import { writtenTime } from '../../providers/pasted-token.js';
import {
  type AccountLookup,
  accountRequest,
  boundOrigins,
  originsOf,
  type Provider,
  providerAt,
} from '../../providers/provider.js';
import type { Deps } from '../connect-deps.js';
import { ACCOUNT_UNKNOWN, ACCOUNT_UNSAID, FACT_MISSING, type FlowEnd } from './consent-failures.js';

/** What a code was traded for. */
export interface Granted {
  readonly tokens: TokenSet;
  readonly client: { readonly id: string };
  /** The whole token answer as JSON; null where it was not kept. */
  readonly answer: Secret | null;
  /** What an id token of this consent has to name. */
  readonly nonce: string | null;
  /** What the callback said that the record has a fact of. */
  readonly callbackValues: Readonly<Record<string, string>>;
}

/** Parameters of the callback that this provider's facts are read from. */
export const factParameters = ({ facts = {} }: Pick<Provider, 'facts'>): readonly string[] =>
  Object.values(facts).flatMap(({ from, at }) => (from === 'callback' ? [at] : []));

/** What a grant says: whose account it is, and the facts. Its tokens are bound to where these lead. */
type Read =
  | (Exclude<Found, { readonly ended: FlowEnd }> & {
      readonly facts: ConnectionFacts;
      readonly tokens: TokenSet;
    })
  | { readonly ended: FlowEnd };

/**
 * Reads what a grant says before anyone is asked whether to keep it: facts that came with the token first, since they may say where the
 * API is; then the account; then what has to be asked for.
 */
export async function readGrant(
  deps: Deps<'upstream' | 'idTokens'>,
  provider: Provider,
  granted: Granted,
): Promise<Read> {
  const early = factsReceived(provider, granted);
  if ('ended' in early) return early;
  const at = providerAt(provider, null, factValuesOf(early)) ?? provider;
  const tokens = { ...granted.tokens, origins: originsOfAll(provider, early.facts) };
  const found = await findAccount(deps, at, { ...granted, tokens });
  if ('ended' in found) return found;
  const asked = await factsAsked(deps, at, tokens);
  if ('ended' in asked) return asked;
  const facts = { ...early.facts, ...asked.facts };
  return { ...found, facts, tokens: { ...tokens, origins: originsOfAll(provider, facts) } };
}

/** Wherever the token may have to go, whichever of several a person chooses. */
const originsOfAll = (provider: Provider, facts: ConnectionFacts): readonly string[] => {
  const first = factValuesOf({ facts });
  const others = Object.entries(facts).flatMap(([name, { among }]) =>
    among.flatMap(({ value }) => originsOf(provider, { ...first, [name]: value })),
  );
  return [...new Set([...originsOf(provider, first), ...others])];
};

type FactsFound = { readonly facts: ConnectionFacts } | { readonly ended: FlowEnd };

const rulesFrom = ({ facts = {} }: Provider, from: readonly FactRule['from'][]) =>
  Object.entries(facts).filter(([, rule]) => from.includes(rule.from));

/** Facts that came with the token, or through the browser: there the callback's `state` says that it is an answer to our request. */
const factsReceived = (provider: Provider, { answer, callbackValues }: Granted): FactsFound => {
  const facts: Record<string, ConnectionFact> = {};
  const data = (answer === null ? null : JSON.parse(answer.reveal())) as Data;
  for (const [name, rule] of rulesFrom(provider, ['token', 'callback'])) {
    const written =
      rule.from === 'token'
        ? textAt(data, rule.at)
        : Object.hasOwn(callbackValues, rule.at)
          ? callbackValues[rule.at]
          : null;
    const value = factValue(rule, written);
    if (value === null) return { ended: FACT_MISSING(provider, rule.title, `fact: ${name}`) };
    facts[name] = { value, label: null, among: [] };
  }
  return { facts };
};

/** Of one answer; more are nothing to choose among. */
const MOST_CHOICES = 50;

/** Facts that have to be asked for, with all that there is to choose among; the first counts until the person says otherwise. */
async function factsAsked(
  { upstream }: Deps<'upstream'>,
  provider: Provider,
  tokens: TokenSet,
): Promise<FactsFound> {
  const facts: Record<string, ConnectionFact> = {};
  const bound = { token: tokens.accessToken, origins: boundOrigins(tokens, provider) };
  for (const [name, rule] of rulesFrom(provider, ['request'])) {
    const missing = (cause: string) => ({
      ended: FACT_MISSING(provider, rule.title, `fact: ${name} ${cause}`),
    });
    const answer = await upstream.ask(provider, bound, { target: rule.target ?? '/', format: 'json' });
    if (answer.kind !== 'data') return missing(answer.kind);
    const items = rule.items === '' ? answer.data : valueAt(answer.data, rule.items);
    const among = (Array.isArray(items) ? (items as readonly Data[]) : [items ?? null]).flatMap((item) => {
      const value = factValue(rule, textAt(item, rule.at));
      return value === null ? [] : [{ value, label: rule.label === null ? null : textAt(item, rule.label) }];
    });
    const different = [...new Map(among.map((each) => [each.value, each])).values()].slice(0, MOST_CHOICES);
    const [first] = different;
    if (first === undefined) return missing('empty');
    facts[name] = { ...first, among: different };
  }
  return { facts };
}

type Found =
  | {
      readonly account: Account | null;
      /** When a pasted token ends, where that stands in the same answer. */
      readonly endsAt?: number | null;
    }
  | { readonly ended: FlowEnd };

/** `account` is null where the provider does not say; `ended` where it should have said and did not. */
export async function findAccount(
  deps: Deps<'upstream' | 'idTokens'>,
  provider: Provider,
  granted: Granted,
): Promise<Found> {
  const { account } = provider;
  if (account === 'none') return { account: null };
  const request = accountRequest(account);
  if (request === null) return accountInAnswer(deps, provider, granted);
  const { tokens } = granted;
  const bound = { token: tokens.accessToken, origins: boundOrigins(tokens, provider) };
  const answer = await deps.upstream.ask(provider, bound, request);
  if (answer.kind !== 'data') return { ended: ACCOUNT_UNKNOWN(provider, answer) };
  const isSigned = 'format' in account && account.format === 'jwt';
  if (isSigned) return accountInToken(deps, provider, granted, { kind: 'userinfo', token: answer.data });
  const found = accountIn(account, answer.data);
  if (found === null) return { ended: ACCOUNT_UNKNOWN(provider, answer) };
  const expiresAt = provider.pasted?.expiresAt ?? null;
  return expiresAt === null
    ? { account: found }
    : { account: found, endsAt: writtenTime(textAt(answer.data, expiresAt)) };
}

/** The token answer is the authorization server's own word, which came over TLS; its id token is checked all the same. */
async function accountInAnswer(deps: Deps<'idTokens'>, provider: Provider, granted: Granted): Promise<Found> {
  const { account } = provider;
  if (account === 'none' || granted.answer === null)
    return { ended: ACCOUNT_UNSAID(provider, 'answer-missing') };
  const answer = JSON.parse(granted.answer.reveal()) as Data;
  if ('from' in account && account.from === 'id-token') {
    const at =
      textAt(answer, 'id_token', LONGEST_TOKEN) ??
      textAt(answer, `${provider.tokenAt}.id_token`, LONGEST_TOKEN);
    if (at === null) return { ended: ACCOUNT_UNSAID(provider, 'id-token-missing') };
    return accountInToken(deps, provider, granted, { kind: 'id-token', token: at });
  }
  const found = accountIn(account, answer);
  return found === null ? { ended: ACCOUNT_UNSAID(provider, 'id-missing') } : { account: found };
}

async function accountInToken(
  { idTokens }: Deps<'idTokens'>,
  provider: Provider,
  { client, nonce }: Granted,
  { kind, token }: { readonly kind: 'id-token' | 'userinfo'; readonly token: Data },
): Promise<Found> {
  if (provider.account === 'none') return { account: null };
  const verified = await idTokens.verify(provider, client, String(token), { kind, nonce });
  if ('fault' in verified) return { ended: ACCOUNT_UNSAID(provider, verified.fault) };
  const found = accountIn(provider.account, verified.claims as Data);
  return found === null ? { ended: ACCOUNT_UNSAID(provider, 'id-missing') } : { account: found };
}

const accountIn = ({ id, label }: Exclude<AccountLookup, 'none'>, data: Data): Account | null => {
  const found = textAt(data, id);
  if (found === null) return null;
  const labels = label.split(',').map((path) => textAt(data, path));
  return { id: found, label: labels.find((text) => text !== null) ?? found };
};

const LONGEST_NAME = 255;
const LONGEST_TOKEN = 16 * 1024;

/** The text or number at a dot-separated path; null when there is none, or none that can name an account. */
const textAt = (data: Data, path: string, longest = LONGEST_NAME): string | null => {
  let here: Data | undefined = data;
  for (const name of path.split('.')) {
    if (typeof here !== 'object' || here === null) return null;
    if (Array.isArray(here)) here = here[Number(name)];
    else here = Object.hasOwn(here, name) ? (here as { readonly [key: string]: Data })[name] : undefined;
    if (here === undefined) return null;
  }
  const text = typeof here === 'number' ? String(here) : here;
  return typeof text === 'string' && text !== '' && text.length <= longest ? text : null;
};
