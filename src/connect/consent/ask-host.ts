import { ANONYMOUS } from '../../domain/actor.js';
import { AppError } from '../../domain/errors.js';
import type { Flow } from '../../domain/flow.js';
import type { Secret } from '../../domain/secret.js';
import type { Host } from '../../hosts/host.js';
import type { HostTokens } from '../../hosts/host-tokens.js';
import { recordEvent, recordRefusals } from '../audited-event.js';
import type { Deps, FlowNonces } from '../connect-deps.js';
import { ANOTHER_PERSON } from './consent-failures.js';
import { findBrowserFlow, wrongStep } from './flow-checks.js';

const noRequest = (reason: string): AppError => new AppError('connect_request_invalid', {}, reason);

/**
 * Mode `reauth`: sends a browser to the page where its host says whose session it has. The request is an opaque handle, kept hashed
 * and answered once. Returns the address.
 */
export async function askHost(
  deps: Deps<'clock' | 'digest' | 'directory' | 'entropy', 'flows'>,
  id: string,
  nonce: Secret | null,
): Promise<string> {
  const { clock, digest, directory, entropy, stores } = deps;
  const { nonceHash, viewer } = await findBrowserFlow(deps, id, nonce);
  const url = directory.host(viewer.host)?.connectUrl ?? null;
  if (url === null) throw wrongStep();
  const request = entropy.secret();
  const requestHash = digest.sha256(request.reveal());
  const asked = await stores.flows.ask({ id, nonceHash, requestHash, now: clock.now() });
  if (asked === null) throw wrongStep();
  return `${url}${url.includes('?') ? '&' : '?'}request=${request.reveal()}`;
}

type VouchDeps = Deps<'audit' | 'clock' | 'directory', 'flows' | 'spentTokens'> & {
  readonly hostTokens: Pick<HostTokens, 'verifyFor'>;
};

/**
 * The host's answer: a token of purpose `connect`, once, for a request that waits. It comes from another site, without a cookie of
 * ours, so it decides nothing yet: who may continue is seen where the browser shows itself. Returns the flow's id.
 */
export async function vouchForFlow(deps: VouchDeps, hostId: string, token: Secret): Promise<string> {
  const host = deps.directory.host(hostId);
  if (host === undefined) throw new AppError('host_unknown');
  // What is refused may be anyone's: without a valid signature it is not the host.
  const step = { by: ANONYMOUS, provider: null, flow: null, host: host.id };
  return recordRefusals(deps, step, () => takeAnswer(deps, host, token));
}

async function takeAnswer(deps: VouchDeps, host: Host, token: Secret): Promise<string> {
  const { clock, hostTokens, stores } = deps;
  if (host.connectMode !== 'reauth')
    throw noRequest(
      `The connect mode of host “${host.id}” is “${host.connectMode}”, so nothing is asked of it.`,
    );
  const { viewer, flowHash, jti, replayableUntil } = await hostTokens.verifyFor(host, token, 'connect');
  if (!(await stores.spentTokens.spend(host.id, jti, replayableUntil)))
    throw new AppError('token_replayed', { as: 'token_replayed_answer' });
  const flow = await stores.flows.vouch({ requestHash: flowHash ?? '', viewer, now: clock.now() });
  if (flow === null)
    throw noRequest('“flow_hash” must be the base64url SHA-256 of a request that was not answered yet.');
  return flow.id;
}

/** More flows than this wait in no browser; it bounds the one question that is asked about all of them. */
const MOST_NONCES = 20;

/**
 * The flow of this browser that still waits for this host's answer, the newest of several; null when there is none. For a page that
 * leads on after an answer that could not be used.
 */
export async function findAskedFlow(
  { clock, digest, stores }: Deps<'clock' | 'digest', 'flows'>,
  host: string,
  nonces: FlowNonces,
): Promise<string | null> {
  const hashes = nonces
    .all()
    .slice(0, MOST_NONCES)
    .map((nonce) => digest.sha256(nonce.reveal()));
  const [newest] = hashes.length === 0 ? [] : await stores.flows.asked(host, hashes, clock.now());
  return newest?.id ?? null;
}

/**
 * What the host's answer means for the browser that shows itself: it continues when that browser traded the ticket and the host named
 * the very viewer who started the flow. Where the host named another person the flow is over: its link was in other hands.
 */
export async function checkVouchedFlow(
  deps: Deps<'audit' | 'digest' | 'directory' | 'journal', 'flows'>,
  id: string,
  nonce: Secret | null,
): Promise<Flow> {
  const { directory, journal, stores } = deps;
  const flow = await findBrowserFlow(deps, id, nonce);
  if (flow.status !== 'vouched' || flow.vouchedFor === flow.viewer.id) return flow;
  const name = directory.host(flow.viewer.host)?.name ?? flow.viewer.host;
  const { status, failure } = ANOTHER_PERSON(name);
  const ended = await stores.flows.end(id, ['vouched'], status, failure);
  if (ended === null) throw wrongStep();
  journal.warn('flow-of-another-person', { flow: id, host: flow.viewer.host });
  const event = { outcome: 'refused', by: ANONYMOUS, code: failure.code } as const;
  await recordEvent(deps, 'flow.refused', flow, event);
  return ended;
}
