import { asViewer } from '../../domain/actor.js';
import type { Flow } from '../../domain/flow.js';
import type { Secret } from '../../domain/secret.js';
import type { UnwantedTokens } from '../../store/connections/unwanted-tokens.js';
import { about, becomingOf, recorder } from '../audited-event.js';
import { type ConnectPorts, redirectUriOf } from '../connect-ports.js';
import { ASKING, withdrawal } from '../ending/revoke-tokens.js';
import { asUnwanted, takingFlowBack, unwantedOf } from '../ending/take-back.js';
import { connectable } from './begin.js';
import { browserFlow, wrongStep } from './browser-flow.js';
import { CHANGED_MEANWHILE, type FlowEnd } from './consent-failures.js';
import { hindranceOf } from './hindrance.js';

type Go = (flow: string, nonce: Secret | null) => Promise<string>;

/** Writes down the step, then makes the authorization request (RFC 6749 §4.1.1): `state` is an opaque handle, stored hashed. */
const departure = (ports: ConnectPorts) => {
  const { authorizer, clock, digest, directory, entropy, siteOrigin } = ports;
  const record = recorder(ports.audit);
  const takeBack = takingFlowBack(ports);

  /** A record was changed since the flow started: it can never go on, and its page says why. */
  const end = async (flow: Flow, from: Flow['status'], { status, failure }: FlowEnd): Promise<void> => {
    const ended = await ports.stores.flows.end(flow.id, [from], status, failure);
    if (ended === null) return;
    await takeBack(ended);
    ports.journal.warn('flow-failed', { flow: flow.id, provider: flow.provider, code: failure.code });
    await record('flow.refused', 'refused', asViewer(flow.viewer), flow, failure.code);
  };

  return async (
    flow: Flow & { readonly nonceHash: string },
    from: 'opened' | 'vouched' | 'redirected' | 'pending',
    selectAccount: boolean,
    unwanted: UnwantedTokens | null = null,
  ): Promise<string> => {
    const hindrance = hindranceOf(directory, flow);
    if (hindrance !== null) {
      await end(flow, from, hindrance);
      throw wrongStep();
    }
    const { provider, client } = connectable(directory, flow.viewer.host, flow.provider);
    if (client.id !== flow.clientId) {
      await end(flow, from, CHANGED_MEANWHILE(provider));
      throw wrongStep();
    }
    const state = entropy.secret();
    const verifier = provider.pkce === 'S256' ? entropy.secret() : null;
    const redirectUri = redirectUriOf(siteOrigin, provider.id);
    const gone = await ports.stores.flows.redirect({
      id: flow.id,
      nonceHash: flow.nonceHash,
      from,
      stateHash: digest.sha256(state.reveal()),
      verifier,
      redirectUri,
      now: clock.now(),
      unwanted,
    });
    if (gone === null) throw wrongStep();
    return authorizer.authorizationUrl(provider, client, {
      state,
      redirectUri,
      verifier,
      scopes: flow.scopes,
      selectAccount,
    });
  };
};

/**
 * The viewer goes on to the provider. Returns the authorization URL. Someone who came back without an answer (by the browser's Back
 * button, or from a page that did not load) may go there again; only the newest `state` counts.
 */
export const redirect = (ports: ConnectPorts): Go => {
  const find = browserFlow(ports);
  const depart = departure(ports);
  const go = async (id: string, nonce: Secret | null): Promise<string> => {
    const flow = await find(id, nonce);
    if (flow.intent === 'visit') throw wrongStep();
    const first = flow.mode === 'reauth' ? 'vouched' : 'opened';
    const from = flow.status === 'redirected' ? flow.status : first;
    return depart(flow, from, flow.intent === 'other-account');
  };
  return async (id, nonce) => {
    try {
      return await go(id, nonce);
    } catch (error) {
      // A second click that came between the look and the step: the browser follows the later answer.
      const flow = await find(id, nonce);
      if (flow.status !== 'redirected') throw error;
      return go(id, nonce);
    }
  };
};

/** Not this account: takes the tokens just received back and asks the provider for another account. */
export const otherAccount = (ports: ConnectPorts): Go => {
  const find = browserFlow(ports);
  const depart = departure(ports);
  const withdraw = withdrawal(ports);
  const { connections, flows } = ports.stores;
  return async (id, nonce) => {
    const flow = await find(id, nonce);
    const tokens = flow.status === 'pending' ? await flows.tokens(flow) : null;
    const unwanted = tokens && asUnwanted(ports, tokens, unwantedOf(flow), ASKING);
    const url = await depart(flow, 'pending', true, unwanted);
    const kept = unwanted && (await connections.byId(unwanted.id));
    const permission = kept === null ? 'nothing' : await withdraw(kept);
    ports.journal.note('account-declined', { flow: flow.id, provider: flow.provider, revoked: permission });
    await ports.audit.record({
      ...{ action: 'flow.refused', outcome: 'refused', by: asViewer(flow.viewer), code: 'account_declined' },
      ...about(flow),
      changes: [becomingOf(permission)],
    });
    return url;
  };
};
