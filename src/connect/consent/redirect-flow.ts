import { asViewer } from '../../domain/actor.js';
import type { Flow } from '../../domain/flow.js';
import type { Secret } from '../../domain/secret.js';
import type { Provider } from '../../providers/provider.js';
import type { UnwantedTokens } from '../../store/connections/unwanted-tokens.js';
import { about, permissionChange, recordEvent } from '../audited-event.js';
import { type Deps, redirectUriOf } from '../connect-deps.js';
import { type DiscardDeps, discardFlowTokens, toUnwanted, unwantedOf } from '../ending/discard-tokens.js';
import { revocationLease, revokeRetired } from '../ending/revoke-tokens.js';
import type { Registration } from '../tokens/clients.js';
import { CLIENT_CHANGED, type FlowEnd } from './consent-failures.js';
import { type BrowserFlow, findBrowserFlow, obstacleOf, wrongStep } from './flow-checks.js';
import { connectable } from './start-flow.js';

export type RedirectDeps = DiscardDeps & Deps<'audit' | 'journal', 'flows'>;

/**
 * Sends the viewer to the provider. Returns the authorization URL. Someone who came back without an answer (by the browser's Back
 * button, or from a page that did not load) may go there again; only the newest `state` counts.
 */
export async function redirectFlow(deps: RedirectDeps, id: string, nonce: Secret | null): Promise<string> {
  try {
    return await redirectOnce(deps, id, nonce);
  } catch (error) {
    // A second click that came between the look and the step: the browser follows the later answer.
    const flow = await findBrowserFlow(deps, id, nonce);
    if (flow.status !== 'redirected') throw error;
    return redirectOnce(deps, id, nonce);
  }
}

async function redirectOnce(deps: RedirectDeps, id: string, nonce: Secret | null): Promise<string> {
  const flow = await findBrowserFlow(deps, id, nonce);
  if (flow.intent === 'visit') throw wrongStep();
  const first = flow.mode === 'reauth' ? 'vouched' : 'opened';
  const from = flow.status === 'redirected' ? flow.status : first;
  return authorize(deps, flow, { from, selectAccount: flow.intent === 'other-account', unwanted: null });
}

/**
 * Not this account: discards the tokens just received and asks the provider for another account. Returns the authorization URL; null where
 * the person pastes another token.
 */
export async function changeAccount(
  deps: RedirectDeps,
  id: string,
  nonce: Secret | null,
): Promise<string | null> {
  const { audit, journal, stores } = deps;
  const flow = await findBrowserFlow(deps, id, nonce);
  if (deps.directory.provider(flow.provider)?.pasted !== undefined) {
    await dropPasted(deps, flow);
    return null;
  }
  const tokens = flow.status === 'pending' ? await stores.flows.tokens(flow) : null;
  const lease = revocationLease(deps);
  const unwanted = tokens && toUnwanted(deps, tokens, unwantedOf(flow), lease);
  const url = await authorize(deps, flow, { from: 'pending', selectAccount: true, unwanted });
  const kept = unwanted && (await stores.connections.byId(unwanted.id));
  const permission = kept === null ? 'nothing' : await revokeRetired(deps, kept, lease.holder);
  journal.note('account-declined', { flow: flow.id, provider: flow.provider, revoked: permission });
  await audit.record({
    ...{ action: 'flow.refused', outcome: 'refused', by: asViewer(flow.viewer), code: 'account_declined' },
    ...about(flow),
    changes: [permissionChange(permission)],
  });
  return url;
}

/** The token that was pasted is forgotten here, and stays what it is at the provider, where no one but its owner can delete it. */
async function dropPasted(deps: RedirectDeps, flow: BrowserFlow): Promise<void> {
  const { audit, clock, stores } = deps;
  const { id, nonceHash } = flow;
  if ((await stores.flows.dropPasted(id, nonceHash, clock.now())) === null) throw wrongStep();
  await audit.record({
    ...{ action: 'flow.refused', outcome: 'refused', by: asViewer(flow.viewer), code: 'account_declined' },
    ...about(flow),
  });
}

/** The provider of a flow that may go on as the records are now; one that may not is ended, and refused. */
export async function requireGoingOn(
  deps: RedirectDeps,
  flow: BrowserFlow,
  from: Flow['status'],
): Promise<Provider> {
  return (await requireRegistration(deps, flow, from)).provider;
}

async function requireRegistration(
  deps: RedirectDeps,
  flow: BrowserFlow,
  from: Flow['status'],
): Promise<Registration> {
  const obstacle = obstacleOf(deps.directory, flow);
  if (obstacle !== null) {
    await failFlow(deps, flow, from, obstacle);
    throw wrongStep();
  }
  const { provider, client } = connectable(deps.directory, flow.viewer.host, flow.provider);
  if (client.id !== flow.clientId) {
    await failFlow(deps, flow, from, CLIENT_CHANGED(provider));
    throw wrongStep();
  }
  return { provider, client };
}

/** Writes down the step, then makes the authorization request (RFC 6749 §4.1.1): `state` is an opaque handle, stored hashed. */
async function authorize(
  deps: RedirectDeps,
  flow: BrowserFlow,
  {
    from,
    selectAccount,
    unwanted,
  }: {
    readonly from: 'opened' | 'vouched' | 'redirected' | 'pending';
    readonly selectAccount: boolean;
    readonly unwanted: UnwantedTokens | null;
  },
): Promise<string> {
  const { authorizer, clock, digest, entropy, siteOrigin, stores } = deps;
  const { provider, client } = await requireRegistration(deps, flow, from);
  if (provider.pasted !== undefined) throw wrongStep();
  const state = entropy.secret();
  const verifier = provider.pkce === 'S256' ? entropy.secret() : null;
  const redirectUri = redirectUriOf(siteOrigin, provider.id);
  const redirected = await stores.flows.redirect({
    id: flow.id,
    nonceHash: flow.nonceHash,
    from,
    stateHash: digest.sha256(state.reveal()),
    verifier,
    redirectUri,
    now: clock.now(),
    unwanted,
  });
  if (redirected === null) throw wrongStep();
  const { scopes } = flow;
  return authorizer.authorizationUrl(provider, client, {
    state,
    redirectUri,
    verifier,
    scopes,
    selectAccount,
  });
}

/** A record was changed since the flow started: it can never continue, and its page says why. */
async function failFlow(
  deps: RedirectDeps,
  flow: Flow,
  from: Flow['status'],
  { status, failure }: FlowEnd,
): Promise<void> {
  const ended = await deps.stores.flows.end(flow.id, [from], status, failure);
  if (ended === null) return;
  await discardFlowTokens(deps, ended);
  const { id, provider, viewer } = flow;
  const { code } = failure;
  deps.journal.warn('flow-failed', { flow: id, provider, code });
  await recordEvent(deps, 'flow.refused', flow, { outcome: 'refused', by: asViewer(viewer), code });
}
