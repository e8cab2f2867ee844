import type { Account, TokenSet } from '../../domain/connection.js';
import type { Data } from '../../domain/data.js';
import type { Flow } from '../../domain/flow.js';
import { Secret } from '../../domain/secret.js';
import { boundOrigins, originsOf, type Provider } from '../../providers/provider.js';
import type { Deps } from '../connect-deps.js';
import { type DiscardDeps, discardTokens, toUnwanted } from '../ending/discard-tokens.js';
import { REVOCATION_LEASE, revokeRetired } from '../ending/revoke-tokens.js';
import { isClientStopped, ownClient, stopClient, trustClient } from '../tokens/clients.js';
import {
  ACCOUNT_UNKNOWN,
  CLIENT_CHANGED,
  type FlowEnd,
  notRedeemed,
  STOPPED,
  TOO_LATE,
} from './consent-failures.js';
import { obstacleOf } from './flow-checks.js';

/** What redeeming a code needs. */
export type RedeemDeps = DiscardDeps & Deps<'audit' | 'journal', 'flows'>;

/** `held`: the flow now waits for its viewer's yes. `taken-before`: this step was taken already. `failed`: how the flow must end. */
export type Redeemed =
  | { readonly kind: 'held' | 'taken-before' }
  | { readonly kind: 'failed'; readonly flow: Flow; readonly end: FlowEnd };

/**
 * Redeems the code for tokens (RFC 6749 §4.1.3) and asks the provider whose they are; the flow then holds them until a person says
 * yes. The flow's own step is taken first, so a code is sent at most once, however often the callback is visited.
 */
export async function redeemCode(
  deps: RedeemDeps,
  redirected: Flow,
  provider: Provider,
  code: string,
): Promise<Redeemed> {
  const returned = await deps.stores.flows.giveBack(redirected.id, deps.clock.now());
  // Its answer came before, perhaps by Back and once more: the browser is shown how far that got.
  if (returned === null) return { kind: 'taken-before' };
  const { flow, verifier } = returned;
  const end = await tradeCode(deps, flow, provider, { code: new Secret(code), verifier });
  return end === null ? { kind: 'held' } : { kind: 'failed', flow, end };
}

/** Null when the flow now holds tokens, otherwise how it ends. */
async function tradeCode(
  deps: RedeemDeps,
  flow: Flow,
  provider: Provider,
  grant: { readonly code: Secret; readonly verifier: Secret | null },
): Promise<FlowEnd | null> {
  const { authorizer, clock, directory } = deps;
  const obstacle = obstacleOf(directory, flow);
  if (obstacle !== null) return obstacle;
  const client = ownClient(provider, flow.viewer.host, flow.clientId);
  if (client === null || flow.redirectUri === null) return CLIENT_CHANGED(provider);
  const registration = { provider, client };
  if (await isClientStopped(deps, registration)) return STOPPED(provider);
  const askedAt = clock.now();
  const outcome = await authorizer.redeem(provider, client, { ...grant, redirectUri: flow.redirectUri });
  if (outcome.kind === 'tokens') {
    // Nothing comes before the tokens are written down: a server that is killed in between would lose them.
    const ended = await holdTokens(deps, flow, provider, { ...outcome.tokens, origins: originsOf(provider) });
    await trustClient(deps, registration);
    return ended;
  }
  // `unauthorized_client` may be about this code, which came through a viewer's browser: it must not stop everyone.
  if (outcome.kind === 'invalid-client' && outcome.code === 'invalid_client')
    await stopClient(deps, registration, { code: outcome.code, askedAt });
  return notRedeemed(provider, outcome);
}

/** Holds the tokens under the account they belong to; tokens that cannot be held are discarded. */
async function holdTokens(
  deps: RedeemDeps,
  flow: Flow,
  provider: Provider,
  tokens: TokenSet,
): Promise<FlowEnd | null> {
  const { clock, stores } = deps;
  const found = await findAccount(deps, provider, tokens);
  const account = 'account' in found ? found.account : null;
  const of = { ...flow, account, since: flow.startedAt };
  if ('ended' in found) {
    await discardTokens(deps, tokens, of);
    return found.ended;
  }
  const unwanted = toUnwanted(deps, tokens, of, REVOCATION_LEASE);
  if ((await stores.flows.hold(flow.id, tokens, account, clock.now(), unwanted)) !== null) return null;
  const kept = await stores.connections.byId(unwanted.id);
  if (kept !== null) await revokeRetired(deps, kept);
  return TOO_LATE;
}

/** `account` is null where the provider does not say; `ended` where it should have said and did not. */
async function findAccount(
  { upstream }: Deps<'upstream'>,
  provider: Provider,
  tokens: TokenSet,
): Promise<{ readonly account: Account | null } | { readonly ended: FlowEnd }> {
  if (provider.account === 'none') return { account: null };
  const { target, format, id, label } = provider.account;
  const bound = { token: tokens.accessToken, origins: boundOrigins(tokens, provider) };
  const answer = await upstream.ask(provider, bound, { target, format });
  if (answer.kind !== 'data') return { ended: ACCOUNT_UNKNOWN(provider, answer) };
  const found = textAt(answer.data, id);
  if (found === null) return { ended: ACCOUNT_UNKNOWN(provider, answer) };
  const labels = label.split(',').map((path) => textAt(answer.data, path));
  return { account: { id: found, label: labels.find((text) => text !== null) ?? found } };
}

const LONGEST_NAME = 255;

/** The text or number at a dot-separated path; null when there is none, or none that can name an account. */
const textAt = (data: Data, path: string): string | null => {
  let here: Data | undefined = data;
  for (const name of path.split('.')) {
    if (typeof here !== 'object' || here === null) return null;
    if (Array.isArray(here)) here = here[Number(name)];
    else here = Object.hasOwn(here, name) ? (here as { readonly [key: string]: Data })[name] : undefined;
    if (here === undefined) return null;
  }
  const text = typeof here === 'number' ? String(here) : here;
  return typeof text === 'string' && text !== '' && text.length <= LONGEST_NAME ? text : null;
};
