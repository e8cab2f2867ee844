import type { Connection, TokenSet } from '../../domain/connection.js';
import { parseUrl } from '../../domain/parse-url.js';
import { type ClientCredentials, mayTravel, originsOf, type Provider } from '../../providers/provider.js';
import { type ConnectPorts, redirectUriOf } from '../connect-ports.js';

/*
 * A server may answer 200 to the revocation of tokens that have run out, and do nothing; their refresh token then goes on to work. A
 * server may also keep the tokens that a refresh replaced until the new ones are used for the first time (Doorkeeper does both). So
 * before tokens are revoked they are made such that revoking them is certain to end the grant: refreshed where they have run out, and
 * used once where they came from a refresh.
 */

type Deps = Pick<ConnectPorts, 'authorizer' | 'clock' | 'directory' | 'siteOrigin' | 'upstream'> & {
  readonly stores: Pick<ConnectPorts['stores'], 'connections'>;
};

/** A Connection on its way out, and its tokens. */
export interface Granted {
  readonly retired: Connection;
  readonly tokens: TokenSet;
}

/** Who asks the provider. */
export interface Registered {
  readonly provider: Provider;
  readonly client: ClientCredentials;
}

/**
 * Tokens as they can be revoked now. `isCertain`: a server that says it revoked them has ended the grant. `dead`: nothing of the grant
 * works any more. `later`: it cannot be found out just now.
 */
export type Revocable =
  | { readonly kind: 'tokens'; readonly tokens: readonly TokenSet[]; readonly isCertain: boolean }
  | { readonly kind: 'dead' }
  | { readonly kind: 'later' };

/** For so long after its end a grant waits for a server that cannot be asked about it, ms; then it is revoked without certainty. */
const PATIENCE = 60 * 60_000;
/** Tokens that run out within this are as good as run out: revoking takes its time. */
const MARGIN = 30_000;

const hasRunOut = ({ issuedAt, expiresAt }: TokenSet, now: number): boolean =>
  expiresAt !== null && expiresAt - now <= Math.min(MARGIN, (expiresAt - issuedAt) / 2);

/** Tokens that were kept on their own begin at version 1, those of a Connection at its flow's start; each refresh adds one. */
const isRefreshed = ({ id, flow, flowStartedAt, version }: Connection): boolean =>
  version > (flow === id ? 1 : flowStartedAt);

/** Makes a Connection's tokens such that they can be revoked. Keeps what a refresh gives before anything else is done. */
export async function makeRevocable(deps: Deps, granted: Granted, by: Registered): Promise<Revocable> {
  const { retired, tokens } = granted;
  const isLive = !hasRunOut(tokens, deps.clock.now());
  const revoke = (isCertain: boolean): Revocable => ({ kind: 'tokens', tokens: [tokens], isCertain });
  // An access token alone is all there is; one that was never refreshed has no forerunner.
  if (tokens.refreshToken === null) return revoke(isLive);
  if (isLive && tokens.expiresAt !== null && !isRefreshed(retired)) return revoke(true);
  if (isLive) {
    const use = await useOnce(deps, tokens, by.provider);
    if (use !== 'rejected') return revoke(use === 'used');
  }
  return refreshed(deps, granted, by);
}

async function refreshed(deps: Deps, granted: Granted, by: Registered): Promise<Revocable> {
  const { authorizer, clock, siteOrigin, stores } = deps;
  const { retired, tokens } = granted;
  const { provider, client } = by;
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
      // Where the row moved on, what moved it asks for itself.
      if ((await stores.connections.replaceRetired(retired, fresh)) === null) return { kind: 'later' };
      const use = await useOnce(deps, fresh, provider);
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
async function useOnce({ directory, upstream }: Deps, tokens: TokenSet, provider: Provider): Promise<Use> {
  const request = requestOf(directory, provider);
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

const requestOf = (directory: Deps['directory'], provider: Provider) => {
  if (provider.account !== 'none') {
    const { target, format } = provider.account;
    return { target, format };
  }
  const plain = directory
    .gadgets()
    .flatMap(({ requests }) => requests)
    .find(
      (each) => each.provider === provider.id && each.query.length === 0 && !each.path.text.includes('{'),
    );
  return plain === undefined
    ? ({ target: '/', format: 'text' } as const)
    : { target: plain.path.text, format: plain.answer.format };
};
