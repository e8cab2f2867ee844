import { asViewer } from '../../domain/actor.js';
import type { TokenSet } from '../../domain/connection.js';
import type { Flow } from '../../domain/flow.js';
import { Secret } from '../../domain/secret.js';
import { endOfDay, type PastedToken } from '../../providers/pasted-token.js';
import { originsOf, type Provider } from '../../providers/provider.js';
import { recordEvent } from '../audited-event.js';
import type { Deps } from '../connect-deps.js';
import type { FlowEnd } from './consent-failures.js';

import { type BrowserFlow, findBrowserFlow, wrongStep } from './flow-checks.js';
import { readGrant } from './read-grant.js';
import { type RedirectDeps, requireGoingOn } from './redirect-flow.js';

/** What a person typed into the form of a provider that tokens are pasted for. */
export interface TypedToken {
  readonly token: string;
  /** The name of their account, where it is sent along. */
  readonly account: string;
  /** `YYYY-MM-DD`, or empty where they know of no end. */
  readonly expires: string;
}

/**
 * Why a token was not taken, so that it can be typed again: a key below `pasted.refused` of the catalogue. `token`: the provider does not
 * accept it; `unnamed` and what follows: the provider answered so when it was asked whose token it is.
 */
export type PasteRefusal =
  | 'empty'
  | 'unusable'
  | 'account'
  | 'date'
  | 'past'
  | 'throttled'
  | 'token'
  | 'unnamed'
  | 'scope'
  | 'forbidden'
  | 'absent'
  | 'busy'
  | 'down'
  | 'unreadable';

/** `held`: the provider took the token, and the flow waits for its viewer's yes. */
export type Pasted = { readonly kind: 'held' } | { readonly kind: 'refused'; readonly why: PasteRefusal };

export type PasteDeps = RedirectDeps & Deps<'idTokens' | 'upstream', 'pasteThrottle'>;

const LONGEST_TOKEN = 4096;
/** A header carries both as they are, or encoded (RFC 7617 §2: no colon in a name). */
const TOKEN = /^[\x21-\x7e]+$/;
const ACCOUNT = /^[^\p{C}:]{1,255}$/u;

const YEARS = 50 * 365 * 24 * 60 * 60_000;

/** What was typed, as it can be used; or why it cannot. */
const usable = (
  { asksAccount, asksExpiry }: PastedToken,
  typed: TypedToken,
  now: number,
): { readonly secret: Secret; readonly endsAt: number | null } | PasteRefusal => {
  const token = typed.token.trim();
  const account = typed.account.trim();
  if (token === '') return 'empty';
  if (token.length > LONGEST_TOKEN || !TOKEN.test(token)) return 'unusable';
  if (asksAccount && !ACCOUNT.test(account)) return 'account';
  const secret = new Secret(asksAccount ? `${account}:${token}` : token);
  const date = asksExpiry ? typed.expires.trim() : '';
  if (date === '') return { secret, endsAt: null };
  const endsAt = endOfDay(date);
  if (endsAt === null || endsAt > now + YEARS) return 'date';
  return endsAt <= now ? 'past' : { secret, endsAt };
};

/**
 * Takes the token that a person created at the provider, in the place of their going there: it is checked by asking the provider whose it is, and
 * held by the flow until they say yes. One that is not taken is kept nowhere, and can be typed again, ten times in a quarter of an hour.
 */
export async function pasteToken(
  deps: PasteDeps,
  id: string,
  nonce: Secret | null,
  typed: TypedToken,
): Promise<Pasted> {
  const { clock, stores } = deps;
  const flow = await findBrowserFlow(deps, id, nonce);
  const from = flow.mode === 'reauth' ? 'vouched' : 'opened';
  if (flow.intent === 'visit' || flow.status !== from || clock.now() >= flow.expiresAt) throw wrongStep();
  if (flow.mode === 'reauth' && flow.vouchedFor !== flow.viewer.id) throw wrongStep();
  const provider = await requireGoingOn(deps, flow, from);
  if (provider.pasted === undefined) throw wrongStep();
  const given = usable(provider.pasted, typed, clock.now());
  if (typeof given === 'string') return { kind: 'refused', why: given };
  if ((await stores.pasteThrottle.attempt(flow.viewer.id)) !== null)
    return refuse(deps, flow, 'throttled', 'throttled');
  return holdPasted(deps, flow, provider, {
    ...{ accessToken: given.secret, refreshToken: null, scopes: null },
    ...{ issuedAt: clock.now(), expiresAt: given.endsAt, origins: originsOf(provider) },
  });
}

async function holdPasted(
  deps: PasteDeps,
  flow: BrowserFlow,
  provider: Provider,
  typed: TokenSet,
): Promise<Pasted> {
  const { clock, stores } = deps;
  const granted = { tokens: typed, client: { id: '' }, answer: null, nonce: null, callbackValues: {} };
  const found = await readGrant(deps, provider, granted);
  if ('ended' in found) return refuseEnded(deps, flow, found.ended);
  const { account, facts, endsAt = null } = found;
  const tokens = endsAt === null ? found.tokens : { ...found.tokens, expiresAt: endsAt };
  const { id, nonceHash } = flow;
  if ((await stores.flows.holdPasted({ id, nonceHash, tokens, account, facts, now: clock.now() })) === null)
    throw wrongStep();
  return { kind: 'held' };
}

const refuseEnded = (deps: PasteDeps, flow: Flow, { failure }: FlowEnd): Promise<Pasted> =>
  refuse(deps, flow, (failure.values?.why ?? 'unreadable') as PasteRefusal, failure.cause ?? failure.code);

/** What the provider said no to is in the log: someone may be trying out tokens that are not theirs. */
async function refuse(deps: PasteDeps, flow: Flow, why: PasteRefusal, cause: string): Promise<Pasted> {
  const { id, provider, viewer } = flow;
  deps.journal.note('pasted-token-refused', { flow: id, provider, cause });
  const event = { outcome: 'refused', by: asViewer(viewer), code: 'pasted_token_refused', cause } as const;
  await recordEvent(deps, 'flow.refused', flow, event);
  return { kind: 'refused', why };
}
