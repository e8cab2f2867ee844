import type { Account, TokenSet } from '../../domain/connection.js';
import type { Data } from '../../domain/data.js';
import type { Secret } from '../../domain/secret.js';
import { writtenTime } from '../../providers/pasted-token.js';
import { type AccountLookup, accountRequest, boundOrigins, type Provider } from '../../providers/provider.js';
import type { Deps } from '../connect-deps.js';
import { ACCOUNT_UNKNOWN, ACCOUNT_UNSAID, type FlowEnd } from './consent-failures.js';

/** What a code was traded for. */
export interface Granted {
  readonly tokens: TokenSet;
  readonly client: { readonly id: string };
  /** The whole token answer as JSON; null where it was not kept. */
  readonly answer: Secret | null;
  /** What an id token of this consent has to name. */
  readonly nonce: string | null;
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
