import { parseUrl } from '../../domain/parse-url.js';
import { boundOrigins, mayTravel, type Provider } from '../../providers/provider.js';
import type { UpstreamOutcome } from '../../upstream/upstream-call.js';
import type { ConnectPorts } from '../connect-ports.js';
import type { AcceptedAddresses } from './accepted-addresses.js';
import type { AskedAddress, RejectedAt } from './access-source.js';
import type { Held } from './held-connection.js';

/** A token that one answer rejected. `unproven`: nothing else was found out, so it stays in use. */
export type Judgement = 'dead' | 'good' | 'unproven';

/** A token that is younger was issued for this very gadget: what rejects it does not mean that it has died, ms. */
const NEW = 60_000;

const judgementOf = ({ kind }: UpstreamOutcome): Judgement => {
  if (kind === 'unauthorized') return 'dead';
  return kind === 'data' || kind === 'insufficient-scope' ? 'good' : 'unproven';
};

const accountOf = ({ account }: Provider): AskedAddress | null =>
  account === 'none' ? null : { target: account.target, format: account.format };

/**
 * Finds out whether a token is dead that cannot be refreshed, after one answer rejected it, since a resource may refuse in the same words
 * for reasons of its own. What is asked, in this order: the account request; another address that took this token before. Where neither
 * tells, the sign decides, and whether the very address took the token before.
 */
export async function judgeToken(
  { clock, upstream }: Pick<ConnectPorts, 'clock' | 'upstream'>,
  accepted: AcceptedAddresses,
  { connection, tokens }: Held,
  provider: Provider,
  at: RejectedAt,
): Promise<Judgement> {
  const token = { token: tokens.accessToken, origins: boundOrigins(tokens, provider) };
  const witnesses = [accountOf(provider), accepted.otherThan(connection, at.target)];
  for (const witness of witnesses) {
    if (witness === null) continue;
    if (parseUrl(witness.target) !== null && !mayTravel(token.origins, witness.target)) continue;
    const answer = await upstream.ask(provider, token, witness);
    // While the provider cannot be asked, nothing is decided.
    if (answer.kind === 'down' || answer.kind === 'rate-limited') return 'unproven';
    const judgement = judgementOf(answer);
    if (judgement !== 'unproven') return judgement;
  }
  if (accepted.has(connection, at.target)) return 'dead';
  return at.sign === 'certain' && clock.now() - tokens.issuedAt >= NEW ? 'dead' : 'unproven';
}
