import { ANONYMOUS, asViewer } from '../../domain/actor.js';
import { AppError } from '../../domain/errors.js';
import type { Flow } from '../../domain/flow.js';
import type { Secret } from '../../domain/secret.js';
import type { Provider } from '../../providers/provider.js';
import { recorder } from '../audited-event.js';
import type { ConnectPorts, FlowNonces } from '../connect-ports.js';
import { type AuthorizationResponse, authorizationResponse } from './authorization-response.js';
import { errorCodeOf, NO_CODE, NOT_OURS, refusedBy } from './consent-failures.js';
import { ObservedIssuers } from './observed-issuer.js';
import { type End, redemption } from './redeem.js';

/** What the callback led to: a flow of this browser that went on or ended, or nothing that can be told. */
export type Callback = { readonly kind: 'flow'; readonly flow: string } | { readonly kind: 'neutral' };

/** More flows at once than this are nobody's; it bounds the one question that is asked about all of them. */
const MOST_NONCES = 20;

const notOurs = (): AppError => new AppError('state_mismatch');

/** Ends flows in the request of this id; null where nobody asked by HTTP. */
const endingIn = ({ audit, journal, stores }: ConnectPorts) => {
  const record = recorder(audit);
  return (requestId: string | null): End =>
    async (flow, from, { status, failure }) => {
      const traced = requestId === null ? failure : { ...failure, requestId };
      if ((await stores.flows.end(flow.id, [from], status, traced)) === null) return;
      const { provider } = flow;
      const { code, cause } = failure;
      if (status === 'failed')
        journal.warn('flow-failed', { flow: flow.id, provider, code, cause, requestId });
      else journal.note('flow-cancelled', { flow: flow.id, provider, by: 'provider', requestId });
      const outcome = status === 'failed' ? 'failed' : 'refused';
      await record('flow.refused', outcome, asViewer(flow.viewer), flow, code, traced);
    };
};

/**
 * The redirection endpoint (RFC 6749 §4.1.2). State, nonce cookie, provider and `iss` (RFC 9207) must all agree before the code is
 * redeemed, so that whoever finishes a flow is whoever began it (T2, T3, T16). Nothing is ever redeemed without `state`.
 */
export const finish = (ports: ConnectPorts) => {
  const { audit, clock, digest, directory } = ports;
  const { flows } = ports.stores;
  const record = recorder(audit);
  const ending = endingIn(ports);
  const redeem = redemption(ports);
  const observed = new ObservedIssuers(ports);

  const byState = async (state: string, provider: string, nonces: FlowNonces, end: End): Promise<Flow> => {
    const flow = await flows.byState(digest.sha256(state));
    const nonce = flow && nonces.of(flow.id);
    if (flow === null) {
      await audit.record({
        action: 'flow.refused',
        by: ANONYMOUS,
        outcome: 'refused',
        provider,
        code: 'state_mismatch',
      });
      throw notOurs();
    }
    if (!nonce || flow.nonceHash !== digest.sha256(nonce.reveal())) {
      await record('flow.refused', 'refused', ANONYMOUS, flow, 'nonce_mismatch');
      throw notOurs();
    }
    if (flow.provider !== provider) {
      await end(flow, 'redirected', NOT_OURS(providerOf(directory, flow.provider), 'redirect-uri-differs'));
      throw notOurs();
    }
    return flow;
  };

  /** An error of a server that sends no `state` with it: whose it is must be beyond doubt. */
  const withoutState = async (
    provider: Provider,
    answer: AuthorizationResponse,
    nonces: FlowNonces,
    end: End,
  ): Promise<Callback> => {
    if (answer.error === null || answer.code !== null || provider.errorsCarryState)
      return { kind: 'neutral' };
    const hashes = nonces
      .all()
      .slice(0, MOST_NONCES)
      .map((nonce: Secret) => digest.sha256(nonce.reveal()));
    const candidates = hashes.length === 0 ? [] : await flows.redirected(provider.id, hashes, clock.now());
    const [flow, another] = candidates;
    if (flow === undefined || another !== undefined) return { kind: 'neutral' };
    const code = errorCodeOf(provider, answer.error, answer.reasons);
    // Anyone can make this browser visit the callback with a text of theirs, so the description is not repeated here.
    await end(flow, 'redirected', refusedBy(provider, code, null));
    return { kind: 'flow', flow: flow.id };
  };

  return async (
    providerId: string,
    parameters: Iterable<readonly [string, string]>,
    nonces: FlowNonces,
    requestId: string | null = null,
  ): Promise<Callback> => {
    const provider = providerOf(directory, providerId);
    const answer = authorizationResponse(parameters);
    const end = ending(requestId);
    if (answer.state === null) return withoutState(provider, answer, nonces, end);
    const flow = await byState(answer.state, providerId, nonces, end);
    // Cancelled in the gadget while its window was at the provider: that window says so, and the code is not used.
    if (flow.status === 'cancelled') return { kind: 'flow', flow: flow.id };
    const foreign = foreignness(provider, answer);
    if (foreign !== null) await end(flow, 'redirected', NOT_OURS(provider, foreign));
    else if (answer.error !== null)
      await end(
        flow,
        'redirected',
        refusedBy(provider, errorCodeOf(provider, answer.error, answer.reasons), answer.description),
      );
    else if (answer.code === null) await end(flow, 'redirected', NO_CODE(provider));
    else if ((await redeem(flow, provider, answer.code, end)) && answer.issuer !== null)
      await observed.note(provider, answer.issuer);
    return { kind: 'flow', flow: flow.id };
  };
};

/**
 * Why an answer is another server's (RFC 9207 §2.4); null where it is not, as far as can be told. Where the record names no issuer there is nothing to compare with: the provider's
 * own redirect URI then keeps other servers' answers apart (RFC 9700 §4.4.2.2).
 */
const foreignness = (
  { issuer, issRequired }: Provider,
  answer: AuthorizationResponse,
): 'iss-missing' | 'iss-differs' | null => {
  if (answer.issuer === null) return issRequired ? 'iss-missing' : null;
  return issuer !== null && answer.issuer !== issuer ? 'iss-differs' : null;
};

const providerOf = (directory: ConnectPorts['directory'], id: string): Provider => {
  const provider = directory.provider(id);
  if (provider === undefined) throw new AppError('provider_unknown');
  return provider;
};
