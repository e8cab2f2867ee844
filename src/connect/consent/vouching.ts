import { ANONYMOUS } from '../../domain/actor.js';
import { AppError } from '../../domain/errors.js';
import type { Flow } from '../../domain/flow.js';
import type { Secret } from '../../domain/secret.js';
import type { Host } from '../../hosts/host.js';
import type { HostTokens } from '../../hosts/host-tokens.js';
import { about, rememberingRefusals } from '../audited-event.js';
import type { ConnectPorts, FlowNonces } from '../connect-ports.js';
import { browserFlow, wrongStep } from './browser-flow.js';
import { ANOTHER_PERSON } from './consent-failures.js';

const noRequest = (reason: string): AppError => new AppError('connect_request_invalid', {}, reason);

/**
 * Mode `reauth`: sends a browser to the page where its host says whose session it has. The request is an opaque handle, kept hashed
 * and answered once. Returns the address.
 */
export const ask = (ports: ConnectPorts): ((id: string, nonce: Secret | null) => Promise<string>) => {
  const { clock, digest, directory, entropy } = ports;
  const find = browserFlow(ports);
  return async (id, nonce) => {
    const { nonceHash, viewer } = await find(id, nonce);
    const url = directory.host(viewer.host)?.connectUrl ?? null;
    if (url === null) throw wrongStep();
    const request = entropy.secret();
    const requestHash = digest.sha256(request.reveal());
    const asked = await ports.stores.flows.ask({ id, nonceHash, requestHash, now: clock.now() });
    if (asked === null) throw wrongStep();
    return `${url}${url.includes('?') ? '&' : '?'}request=${request.reveal()}`;
  };
};

/**
 * The host's answer: a token of purpose `connect`, once, for a request that waits. It comes from another site, without a cookie of
 * ours, so it decides nothing yet: who may go on is seen where the browser shows itself. Returns the flow's id.
 */
export const vouch = (
  ports: ConnectPorts,
  hostTokens: Pick<HostTokens, 'verifyFor'>,
): ((hostId: string, token: Secret) => Promise<string>) => {
  const { clock, directory } = ports;
  const { flows, spentTokens } = ports.stores;
  const remembering = rememberingRefusals(ports.audit);

  const take = async (host: Host, token: Secret): Promise<string> => {
    if (host.connectMode !== 'reauth')
      throw noRequest(
        `The connect mode of host “${host.id}” is “${host.connectMode}”, so nothing is asked of it.`,
      );
    const { viewer, flowHash, jti, replayableUntil } = await hostTokens.verifyFor(host, token, 'connect');
    if (!(await spentTokens.spend(host.id, jti, replayableUntil)))
      throw new AppError('token_replayed', { as: 'token_replayed_answer' });
    const flow = await flows.vouch({ requestHash: flowHash ?? '', viewer, now: clock.now() });
    if (flow === null)
      throw noRequest('“flow_hash” must be the base64url SHA-256 of a request that was not answered yet.');
    return flow.id;
  };

  return async (hostId, token) => {
    const host = directory.host(hostId);
    if (host === undefined) throw new AppError('host_unknown');
    // What is refused may be anybody's: who has not signed is not the host.
    return remembering({ by: ANONYMOUS, provider: null, flow: null, host: host.id }, () => take(host, token));
  };
};

/** More flows than this wait in no browser; it bounds the one question that is asked about all of them. */
const MOST_NONCES = 20;

/**
 * The flow of this browser that still waits for this host's answer, the newest of several; null when there is none. For a page that
 * leads on after an answer that could not be used.
 */
export const askedFlow = (
  ports: ConnectPorts,
): ((host: string, nonces: FlowNonces) => Promise<string | null>) => {
  const { clock, digest, stores } = ports;
  return async (host, nonces) => {
    const hashes = nonces
      .all()
      .slice(0, MOST_NONCES)
      .map((nonce) => digest.sha256(nonce.reveal()));
    const [newest] = hashes.length === 0 ? [] : await stores.flows.asked(host, hashes, clock.now());
    return newest?.id ?? null;
  };
};

/**
 * What the host's answer means for the browser that shows itself: it goes on when that browser traded the ticket and the host named
 * the very viewer who began the flow. Where the host named somebody else the flow is over: its link was in other hands.
 */
export const vouched = (ports: ConnectPorts): ((id: string, nonce: Secret | null) => Promise<Flow>) => {
  const find = browserFlow(ports);
  return async (id, nonce) => {
    const flow = await find(id, nonce);
    if (flow.status !== 'vouched' || flow.vouchedFor === flow.viewer.id) return flow;
    const name = ports.directory.host(flow.viewer.host)?.name ?? flow.viewer.host;
    const { status, failure } = ANOTHER_PERSON(name);
    const ended = await ports.stores.flows.end(id, ['vouched'], status, failure);
    if (ended === null) throw wrongStep();
    ports.journal.warn('flow-of-another-person', { flow: id, host: flow.viewer.host });
    await ports.audit.record({
      action: 'flow.refused',
      by: ANONYMOUS,
      outcome: 'refused',
      ...about(flow),
      code: failure.code,
    });
    return ended;
  };
};
