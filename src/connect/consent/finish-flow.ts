import { ANONYMOUS, asViewer } from '../../domain/actor.js';
import { AppError } from '../../domain/errors.js';
import type { Flow, FlowStatus } from '../../domain/flow.js';
import { Secret } from '../../domain/secret.js';
import { nonceOf } from '../../providers/authorizer.js';
import { originsOf, type Provider } from '../../providers/provider.js';
import { recordEvent } from '../audited-event.js';
import type { ConnectDeps, Deps, FlowNonces } from '../connect-deps.js';
import { type DiscardDeps, discardTokens, toUnwanted } from '../ending/discard-tokens.js';
import { revocationLease, revokeRetired } from '../ending/revoke-tokens.js';
import { grantMark, isClientStopped, ownClient, stopClient, trustClient } from '../tokens/clients.js';
import {
  CLIENT_CHANGED,
  errorCodeOf,
  type FlowEnd,
  NO_CODE,
  NOT_OURS,
  notRedeemed,
  refusedBy,
  STOPPED,
  TOO_LATE,
} from './consent-failures.js';
import { obstacleOf } from './flow-checks.js';
import { factParameters, type Granted, readGrant } from './read-grant.js';

/** What an authorization server sent through the browser (RFC 6749 §4.1.2, RFC 9207 §2); null where it said nothing. */
interface AuthorizationResponse {
  readonly state: string | null;
  readonly code: string | null;
  readonly error: string | null;
  readonly description: string | null;
  /** What some servers say beside, or in place of, an error's code. */
  readonly reasons: readonly string[];
  readonly issuer: string | null;
  /** What else it says that the record has a fact of. */
  readonly callbackValues: Readonly<Record<string, string>>;
}

/** The parameters that mean something here. Servers send many more. */
export const RESPONSE_PARAMETERS = [
  'state',
  'code',
  'error',
  'error_description',
  'error_reason',
  'error_subcode',
  'iss',
] as const;

type Name = (typeof RESPONSE_PARAMETERS)[number];

/** Characters. Some servers put all they know into their codes. */
const LONGEST = 16 * 1024;

const isOurs = (name: string): name is Name => (RESPONSE_PARAMETERS as readonly string[]).includes(name);

/**
 * Reads the callback's parameters: an empty one counts as omitted, one given twice is refused, unknown ones are ignored, whatever they
 * are (RFC 6749 §3.1). `error_uri` is never read.
 */
const parseResponse = (
  parameters: Iterable<readonly [string, string]>,
  callbackValues: readonly string[],
): AuthorizationResponse => {
  const values = new Map<string, string>();
  for (const [name, value] of parameters) {
    if (value === '' || (!isOurs(name) && !callbackValues.includes(name))) continue;
    if (values.has(name)) throw new AppError('parameter_repeated', { as: 'answer_repeated' });
    if (value.length > LONGEST && name !== 'error_description')
      throw new AppError(
        'parameter_invalid',
        { as: 'answer_too_long' },
        `Its “${name}” has ${value.length} characters; ${LONGEST} are taken.`,
      );
    values.set(name, value.slice(0, LONGEST));
  }
  const read = (name: Name): string | null => values.get(name) ?? null;
  return {
    state: read('state'),
    code: read('code'),
    error: read('error') ?? read('error_reason') ?? read('error_subcode'),
    description: read('error_description'),
    reasons: [read('error_reason'), read('error_subcode')].filter((reason) => reason !== null),
    issuer: read('iss'),
    callbackValues: Object.fromEntries([...values].filter(([name]) => callbackValues.includes(name))),
  };
};

/** What the callback led to: a flow of this browser that went on or ended, or nothing that can be said. */
export type Callback = { readonly kind: 'flow'; readonly flow: string } | { readonly kind: 'neutral' };

/** The browser that came back, and the request in which it did; null where no one asked by HTTP. */
export interface Returning {
  readonly nonces: FlowNonces;
  readonly requestId?: string | null;
}

type FinishDeps = RedeemDeps & Deps<'audit' | 'observedIssuers'>;

/**
 * The redirection endpoint (RFC 6749 §4.1.2). State, nonce cookie, provider and `iss` (RFC 9207) must all agree before the code is
 * redeemed, so that only the browser that started a flow can finish it (T2, T3, T16). Nothing is ever redeemed without `state`.
 */
export async function finishFlow(
  deps: FinishDeps,
  providerId: string,
  parameters: Iterable<readonly [string, string]>,
  returning: Returning,
): Promise<Callback> {
  const provider = requireProvider(deps.directory, providerId);
  const answer = parseResponse(parameters, factParameters(provider));
  if (answer.state === null) return finishWithoutState(deps, provider, answer, returning);
  const flow = await findByState(deps, answer.state, providerId, returning);
  // Cancelled in the gadget while its window was at the provider: that window says so, and the code is not used.
  if (flow.status === 'cancelled') return { kind: 'flow', flow: flow.id };
  const refused = refusalIn(provider, answer);
  if (refused !== null) await endFlow(deps, flow, 'redirected', refused, returning);
  else await finishWithCode(deps, flow, provider, answer, returning);
  return { kind: 'flow', flow: flow.id };
}

async function finishWithCode(
  deps: FinishDeps,
  flow: Flow,
  provider: Provider,
  { code, state, issuer, callbackValues }: AuthorizationResponse,
  returning: Returning,
): Promise<void> {
  if (code === null) return endFlow(deps, flow, 'redirected', NO_CODE(provider), returning);
  const outcome = await redeemCode(deps, flow, provider, { code, state: state ?? '', callbackValues });
  if (outcome.kind === 'failed') await endFlow(deps, outcome.flow, 'returned', outcome.end, returning);
  if (outcome.kind === 'held' && issuer !== null) await deps.observedIssuers.note(provider, issuer);
}

/** How an answer without a usable code ends its flow; null for one to go on with. */
const refusalIn = (provider: Provider, answer: AuthorizationResponse): FlowEnd | null => {
  const foreign = foreignness(provider, answer);
  if (foreign !== null) return NOT_OURS(provider, foreign);
  if (answer.error === null) return null;
  return refusedBy(provider, errorCodeOf(provider, answer.error, answer.reasons), answer.description);
};

/**
 * Why an answer is another server's (RFC 9207 §2.4); null where it is not, as far as is known. Where the record names no issuer there
 * is nothing to compare with: the provider's own redirect URI then keeps other servers' answers apart (RFC 9700 §4.4.2.2).
 */
const foreignness = (
  { issuer, issRequired }: Provider,
  answer: AuthorizationResponse,
): 'iss-missing' | 'iss-differs' | null => {
  if (answer.issuer === null) return issRequired ? 'iss-missing' : null;
  return issuer !== null && answer.issuer !== issuer ? 'iss-differs' : null;
};

const notOurs = (): AppError => new AppError('state_mismatch');

async function findByState(
  deps: FinishDeps,
  state: string,
  provider: string,
  returning: Returning,
): Promise<Flow> {
  const { audit, digest, directory, stores } = deps;
  const flow = await stores.flows.byState(digest.sha256(state));
  const refused = { by: ANONYMOUS, outcome: 'refused' } as const;
  if (flow === null) {
    await audit.record({ action: 'flow.refused', ...refused, provider, code: 'state_mismatch' });
    throw notOurs();
  }
  const nonce = returning.nonces.of(flow.id);
  if (!nonce || flow.nonceHash !== digest.sha256(nonce.reveal())) {
    await recordEvent(deps, 'flow.refused', flow, { ...refused, code: 'nonce_mismatch' });
    throw notOurs();
  }
  if (flow.provider !== provider) {
    const differs = NOT_OURS(requireProvider(directory, flow.provider), 'redirect-uri-differs');
    await endFlow(deps, flow, 'redirected', differs, returning);
    throw notOurs();
  }
  return flow;
}

/** More flows at once than this are no person's; it bounds the one question that is asked about all of them. */
const MOST_NONCES = 20;

/** An error of a server that sends no `state` with it: which flow it is about must be beyond doubt. */
async function finishWithoutState(
  deps: FinishDeps,
  provider: Provider,
  answer: AuthorizationResponse,
  returning: Returning,
): Promise<Callback> {
  const { clock, digest, stores } = deps;
  if (answer.error === null || answer.code !== null || provider.errorsCarryState) return { kind: 'neutral' };
  const nonces = returning.nonces.all().slice(0, MOST_NONCES);
  const hashes = nonces.map((nonce) => digest.sha256(nonce.reveal()));
  const candidates =
    hashes.length === 0 ? [] : await stores.flows.redirected(provider.id, hashes, clock.now());
  const [flow, another] = candidates;
  if (flow === undefined || another !== undefined) return { kind: 'neutral' };
  const code = errorCodeOf(provider, answer.error, answer.reasons);
  // Anyone can make this browser visit the callback with a text of theirs, so the description is not repeated here.
  await endFlow(deps, flow, 'redirected', refusedBy(provider, code, null), returning);
  return { kind: 'flow', flow: flow.id };
}

/** Ends a flow that is at `from`, naming the request in which it ended. */
async function endFlow(
  deps: Deps<'audit' | 'journal', 'flows'>,
  flow: Flow,
  from: FlowStatus,
  { status, failure }: FlowEnd,
  { requestId = null }: Returning,
): Promise<void> {
  const traced = requestId === null ? failure : { ...failure, requestId };
  if ((await deps.stores.flows.end(flow.id, [from], status, traced)) === null) return;
  const { id, provider, viewer } = flow;
  const { code, cause } = failure;
  if (status === 'failed') deps.journal.warn('flow-failed', { flow: id, provider, code, cause, requestId });
  else deps.journal.note('flow-cancelled', { flow: id, provider, by: 'provider', requestId });
  const outcome = status === 'failed' ? 'failed' : 'refused';
  await recordEvent(deps, 'flow.refused', flow, {
    ...{ outcome, by: asViewer(viewer), code },
    ...(cause !== undefined && { cause }),
    ...(requestId !== null && { requestId }),
  });
}

const requireProvider = (directory: ConnectDeps['directory'], id: string): Provider => {
  const provider = directory.provider(id);
  if (provider === undefined) throw new AppError('provider_unknown');
  return provider;
};

/** What redeeming a code needs. */
export type RedeemDeps = DiscardDeps & Deps<'audit' | 'idTokens' | 'journal', 'flows'>;

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
  {
    code,
    state,
    callbackValues,
  }: Pick<AuthorizationResponse, 'callbackValues'> & { readonly code: string; readonly state: string },
): Promise<Redeemed> {
  const returned = await deps.stores.flows.giveBack(redirected.id, deps.clock.now());
  // Its answer came before, perhaps by Back and once more: the browser is shown how far that got.
  if (returned === null) return { kind: 'taken-before' };
  const { flow, verifier } = returned;
  const grant = { code: new Secret(code), verifier, nonce: nonceOf(state), callbackValues };
  const end = await tradeCode(deps, flow, provider, grant);
  return end === null ? { kind: 'held' } : { kind: 'failed', flow, end };
}

/** Null when the flow now holds tokens, otherwise how it ends. */
async function tradeCode(
  deps: RedeemDeps,
  flow: Flow,
  provider: Provider,
  grant: Pick<Granted, 'callbackValues'> & {
    readonly code: Secret;
    readonly verifier: Secret | null;
    readonly nonce: string;
  },
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
    const grantedBy = grantMark(deps, registration, flow.redirectUri);
    const ended = await holdTokens(deps, flow, provider, {
      ...{ tokens: { ...outcome.tokens, origins: originsOf(provider), grantedBy }, client },
      ...{ nonce: grant.nonce, callbackValues: grant.callbackValues, answer: outcome.answer ?? null },
    });
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
  granted: Granted,
): Promise<FlowEnd | null> {
  const { clock, stores } = deps;
  const found = await readGrant(deps, provider, granted);
  const account = 'account' in found ? found.account : null;
  const of = { ...flow, account, since: flow.startedAt };
  if ('ended' in found) {
    await discardTokens(deps, granted.tokens, of);
    return found.ended;
  }
  const { facts, tokens } = found;
  const lease = revocationLease(deps);
  const unwanted = toUnwanted(deps, tokens, of, lease);
  if ((await stores.flows.hold(flow.id, tokens, account, clock.now(), unwanted, facts)) !== null) return null;
  const kept = await stores.connections.byId(unwanted.id);
  if (kept !== null) await revokeRetired(deps, kept, lease.holder);
  return TOO_LATE;
}
