import type { EndOutcome, Withdrawal } from '../../domain/bulk-disconnect.js';
import type { Connection, TokenSet } from '../../domain/connection.js';
import { parseUrl } from '../../domain/parse-url.js';
import { gadgetNamed } from '../../hosts/bound-gadget.js';
import type { Host } from '../../hosts/host.js';
import { accountRequest, mayTravel, originsOf, type Provider } from '../../providers/provider.js';
import type { RevocationOutcome } from '../../providers/token-outcome.js';
import type { RevocationLease } from '../../store/connections/revocation-queries.js';
import { type ConnectDeps, type Deps, redirectUriOf } from '../connect-deps.js';
import { LONGEST_REVOCATION, newHolder } from '../leases.js';
import { isClientStopped, ownClient, type Registration } from '../tokens/clients.js';

/** What asking a provider to revoke tokens needs. */
export type RevokeDeps = Deps<
  'authorizer' | 'clock' | 'digest' | 'directory' | 'entropy' | 'peers' | 'siteOrigin' | 'upstream',
  'clientStops' | 'connections' | 'fingerprints'
>;

/** A Connection on its way out, and its tokens. */
interface Granted {
  readonly retired: Connection;
  readonly tokens: TokenSet;
}

/** Called with what became of a Connection's tokens before its row is deleted; not when they are kept. */
export type BeforeRemoval = (revoked: Withdrawal) => Promise<void>;

/** A lease for revoking tokens, from now on. */
export const revocationLease = (
  deps: Pick<RevokeDeps, 'clock' | 'entropy' | 'peers'>,
  over: string | null = null,
): RevocationLease => ({
  ...{ holder: newHolder(deps), over },
  until: deps.clock.now() + LONGEST_REVOCATION,
});

/**
 * Revokes a retired Connection's tokens (RFC 7009) as the holder of its lease, and deletes it, unless the provider is to be asked again
 * later. Where someone else has the lease, they do: of a refresh that was under way when it was retired, the process that asked for it revokes
 * what it brings. To use the same refresh token beside it would look like theft to a server that replaces them (RFC 9700 §4.14.2).
 */
export async function revokeRetired(
  deps: RevokeDeps,
  retired: Connection,
  holder: string,
): Promise<Withdrawal> {
  if (retired.leaseOwner !== holder) return 'kept';
  const { connections } = deps.stores;
  const leave = () => connections.leaveDue(retired.id, holder, retired.leaseUntil ?? 0);
  let revoked: Withdrawal;
  try {
    revoked = await revokeHeld(deps, retired);
  } catch (error) {
    // Where the store does not take it either, others see for how long it is held.
    await leave().catch(() => undefined);
    throw error;
  }
  if (revoked === 'kept') await leave();
  return revoked;
}

/** As `revokeRetired`, for who has made sure to hold the lease, and ends it where the tokens are kept. */
export async function revokeHeld(
  deps: RevokeDeps,
  retired: Connection,
  before?: BeforeRemoval,
): Promise<Withdrawal> {
  const { connections } = deps.stores;
  const tokens = await connections.tokens(retired);
  const revoked = tokens === null ? 'failed' : await revokeTokens(deps, { retired, tokens });
  if (revoked === 'kept') return revoked;
  await before?.(revoked);
  await connections.remove(retired.id, toEndOutcome(revoked));
  return revoked;
}

async function revokeTokens(deps: RevokeDeps, granted: Granted): Promise<Withdrawal> {
  if (await isGrantShared(deps, granted)) return 'shared';
  const { retired, tokens } = granted;
  const { viewer, provider: id, clientId } = retired;
  const provider = deps.directory.provider(id) ?? deps.directory.leaving(id);
  if (provider === undefined) return 'kept';
  if (provider.revocation.kind === 'none') return 'unsupported';
  const client = ownClient(provider, viewer.host, clientId);
  if (client === null || !mayTravel(tokens.origins, provider.revocation.endpoint)) return 'failed';
  const registration = { provider, client };
  if (await isClientStopped(deps, registration)) return 'kept';
  const revocable = await makeRevocable(deps, granted, registration);
  if (revocable.kind === 'later') return 'kept';
  if (revocable.kind === 'dead') return 'nothing';
  const [outcome = 'failed'] = await revokeEach(deps, registration, revocable.tokens);
  if (outcome === 'failed') return 'kept';
  return outcome === 'revoked' && !revocable.isCertain ? 'asked' : outcome;
}

/** One after the other: a server may invalidate tokens that it is asked about twice at once. */
async function revokeEach(
  { authorizer }: Pick<ConnectDeps, 'authorizer'>,
  { provider, client }: Registration,
  tokens: readonly TokenSet[],
): Promise<readonly RevocationOutcome[]> {
  const outcomes: RevocationOutcome[] = [];
  for (const each of tokens) outcomes.push(await authorizer.revoke(provider, client, each));
  return outcomes;
}

const toEndOutcome = (revoked: Withdrawal): EndOutcome =>
  revoked === 'revoked' || revoked === 'asked' || revoked === 'nothing' ? revoked : 'unrevoked';

const isSameSecret = (one: TokenSet['refreshToken'], other: TokenSet['refreshToken']): boolean =>
  one !== null && other !== null && one.reveal() === other.reveal();

const haveTokenInCommon = (one: TokenSet, other: TokenSet): boolean =>
  isSameSecret(one.accessToken, other.accessToken) || isSameSecret(one.refreshToken, other.refreshToken);

/** What an abandoned consent granted was kept on its own, and never refreshed. */
const neverConnected = ({ id, flow, version }: Connection): boolean => flow === id && version === 1;

/**
 * Whether revoking the tokens of `retired` would end a Connection that is in use. Many servers keep one grant for each account and
 * client, and some hand out the very same token again: the viewer's own present Connection is compared by account and by token. Tokens
 * that never made a Connection also give way to another viewer's where they are the same; disconnecting ends the grant for all.
 */
async function isGrantShared(
  { stores: { connections } }: Deps<never, 'connections'>,
  { retired, tokens }: Granted,
): Promise<boolean> {
  const isIn = async (other: Connection): Promise<boolean> => {
    const inUse = await connections.tokens(other);
    return inUse !== null && haveTokenInCommon(inUse, tokens);
  };
  // Read from the store, not from memory: one that another process has just ended is no longer in use.
  const present = (await connections.ofViewer(retired.viewer)).find(
    ({ provider, status }) => provider === retired.provider && status === 'active',
  );
  if (present?.clientId === retired.clientId) {
    if (retired.account !== null && present.account?.id === retired.account.id) return true;
    if (await isIn(present)) return true;
  }
  const others = neverConnected(retired) ? await connections.othersOfAccount(retired) : [];
  return (await Promise.all(others.map(isIn))).includes(true);
}

/*
 * A server may answer 200 to the revocation of tokens that have run out, and do nothing; their refresh token then still works. A
 * server may also keep the tokens that a refresh replaced until the new ones are used for the first time (Doorkeeper does both). So
 * before tokens are revoked they are made such that revoking them is certain to end the grant: refreshed where they have run out, and
 * used once where they came from a refresh.
 */

/**
 * Tokens as they can be revoked now. `isCertain`: a server that says it revoked them has ended the grant. `dead`: nothing of the grant
 * works any more. `later`: it cannot be found out just now.
 */
type Revocable =
  | { readonly kind: 'tokens'; readonly tokens: readonly TokenSet[]; readonly isCertain: boolean }
  | { readonly kind: 'dead' }
  | { readonly kind: 'later' };

/** For so long after its end a grant waits for a server that cannot be asked about it, ms; then it is revoked without certainty. */
const PATIENCE = 60 * 60_000;
/** Tokens that run out within this count as run out, ms: revoking takes its time. */
const MARGIN = 30_000;

const hasRunOut = ({ issuedAt, expiresAt }: TokenSet, now: number): boolean =>
  expiresAt !== null && expiresAt - now <= Math.min(MARGIN, (expiresAt - issuedAt) / 2);

/** Tokens that were kept on their own start at version 1, those of a Connection at its flow's start; each refresh adds one. */
const isRefreshed = ({ id, flow, flowStartedAt, version }: Connection): boolean =>
  version > (flow === id ? 1 : flowStartedAt);

/** Makes a Connection's tokens such that they can be revoked. Keeps what a refresh gives before anything else is done. */
async function makeRevocable(
  deps: RevokeDeps,
  granted: Granted,
  registration: Registration,
): Promise<Revocable> {
  const { retired, tokens } = granted;
  const isLive = !hasRunOut(tokens, deps.clock.now());
  const revoke = (isCertain: boolean): Revocable => ({ kind: 'tokens', tokens: [tokens], isCertain });
  // An access token alone is all there is; one that was never refreshed replaced no other.
  if (tokens.refreshToken === null) return revoke(isLive);
  if (isLive && tokens.expiresAt !== null && !isRefreshed(retired)) return revoke(true);
  if (isLive) {
    const use = await useOnce(deps, { tokens, retired }, registration.provider);
    if (use !== 'rejected') return revoke(use === 'used');
  }
  return refreshRetired(deps, granted, registration);
}

async function refreshRetired(
  deps: RevokeDeps,
  { retired, tokens }: Granted,
  { provider, client }: Registration,
): Promise<Revocable> {
  const { authorizer, clock, siteOrigin, stores } = deps;
  const asTheyAre: Revocable = { kind: 'tokens', tokens: [tokens], isCertain: false };
  if (!mayTravel(tokens.origins, provider.tokenEndpoint)) return asTheyAre;
  const laterOr = (otherwise: Revocable): Revocable =>
    clock.now() - retired.lastUsedAt < PATIENCE ? { kind: 'later' } : otherwise;
  await stores.connections.intendRefresh(retired, clock.now());
  const outcome = await authorizer.refresh(provider, client, tokens, redirectUriOf(siteOrigin, provider.id));
  switch (outcome.kind) {
    case 'tokens': {
      const { origins } = tokens;
      const fresh = origins === undefined ? outcome.tokens : { ...outcome.tokens, origins };
      // Where another process changed the row, that process revokes them.
      if ((await stores.connections.replaceRetired(retired, fresh)) === null) return { kind: 'later' };
      const use = await useOnce(deps, { tokens: fresh, retired }, provider);
      if (use === 'used') return { kind: 'tokens', tokens: [fresh], isCertain: true };
      const both: Revocable = { kind: 'tokens', tokens: [fresh, tokens], isCertain: false };
      return use === 'unreachable' ? laterOr(both) : both;
    }
    case 'invalid-grant':
      // After a refresh whose answer was lost, others may work that are not known here.
      return retired.refreshIntentAt === null ? { kind: 'dead' } : asTheyAre;
    case 'rate-limited':
    case 'unreachable':
    case 'protocol-error':
      return laterOr(asTheyAre);
    case 'invalid-client':
    case 'refused':
      return asTheyAre;
  }
}

type Use = 'used' | 'rejected' | 'unreachable' | 'unknown';

/** Makes one request with the token: the account request, else a gadget's without parameters, else the API's own address. */
async function useOnce(
  { directory, upstream }: Pick<ConnectDeps, 'directory' | 'upstream'>,
  { tokens, retired }: Granted,
  provider: Provider,
): Promise<Use> {
  const request = plainRequest(directory, provider, directory.host(retired.viewer.host));
  if (!mayTravel(tokens.origins, parseUrl(request.target) === null ? provider.api : request.target))
    return 'unknown';
  const answer = await upstream.ask(
    provider,
    { token: tokens.accessToken, origins: tokens.origins ?? originsOf(provider) },
    request,
  );
  const { kind } = answer;
  if (kind === 'data' || kind === 'insufficient-scope') return 'used';
  // A sign-in page in an API's place does not say that the token it was asked with is dead.
  if (kind === 'unauthorized')
    return answer.sign === 'certain' || answer.status === 401 ? 'rejected' : 'unknown';
  return kind === 'down' || kind === 'rate-limited' ? 'unreachable' : 'unknown';
}

const plainRequest = (directory: ConnectDeps['directory'], provider: Provider, host: Host | undefined) => {
  const ofAccount = accountRequest(provider.account);
  if (ofAccount !== null) return ofAccount;
  const ofHost = (host?.gadgets ?? []).flatMap((name) => gadgetNamed(directory, host, name) ?? []);
  const plain = [...ofHost, ...directory.gadgets()]
    .flatMap(({ requests }) => requests)
    .find(
      (each) => each.provider === provider.id && each.query.length === 0 && !each.path.text.includes('{'),
    );
  return plain === undefined
    ? ({ target: '/', format: 'text' } as const)
    : { target: plain.path.text, format: plain.answer.format };
};
