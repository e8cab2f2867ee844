import { asViewer } from '../../domain/actor.js';
import type { Flow } from '../../domain/flow.js';
import type { Secret } from '../../domain/secret.js';
import { recorder } from '../audited.js';
import { takingBack } from '../ending/take-back.js';
import { type ConnectPorts, redirectUriOf } from '../ports.js';
import { connectable } from './begin.js';
import { browserFlow, wrongStep } from './browser-flow.js';
import { hindranceOf } from './hindrance.js';

type Go = (flow: string, nonce: Secret | null) => Promise<string>;

/** Writes down the step, then makes the authorization request (RFC 6749 §4.1.1): `state` is an opaque handle, stored hashed. */
const departure = (ports: ConnectPorts) => {
  const { authorizer, clock, digest, directory, entropy, siteOrigin } = ports;
  return async (
    flow: Flow & { readonly nonceHash: string },
    from: 'opened' | 'vouched' | 'pending',
    selectAccount: boolean,
  ): Promise<string> => {
    const { provider, client } = connectable(directory, flow.viewer.host, flow.provider);
    if (client.id !== flow.clientId || hindranceOf(directory, flow) !== null) throw wrongStep();
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

/** The viewer goes on to the provider. Returns the authorization URL; each flow goes there once. */
export const redirect = (ports: ConnectPorts): Go => {
  const find = browserFlow(ports);
  const depart = departure(ports);
  return async (id, nonce) => {
    const flow = await find(id, nonce);
    return depart(flow, flow.mode === 'reauth' ? 'vouched' : 'opened', flow.intent === 'other-account');
  };
};

/** Not this account: takes the tokens just received back and asks the provider for another account. */
export const otherAccount = (ports: ConnectPorts): Go => {
  const find = browserFlow(ports);
  const depart = departure(ports);
  const record = recorder(ports.audit);
  const takeBack = takingBack(ports);
  return async (id, nonce) => {
    const flow = await find(id, nonce);
    const tokens = flow.status === 'pending' ? await ports.stores.flows.tokens(flow) : null;
    const url = await depart(flow, 'pending', true);
    if (tokens !== null) {
      const outcome = await takeBack(tokens, { ...flow, since: flow.startedAt });
      ports.journal.note('account-declined', { flow: flow.id, provider: flow.provider, outcome });
      await record('flow.refused', 'refused', asViewer(flow.viewer), flow, 'account_declined');
    }
    return url;
  };
};
