import { asViewer } from '../../domain/actor.js';
import { AppError } from '../../domain/errors.js';
import type { Flow } from '../../domain/flow.js';
import type { Secret } from '../../domain/secret.js';
import type { Digest } from '../../domain/system.js';
import type { Viewer } from '../../domain/viewer.js';
import { about } from '../audited-event.js';
import type { Deps } from '../connect-deps.js';
import { type DiscardDeps, discardFlowTokens } from '../ending/discard-tokens.js';
import { CODE_WRONG } from './consent-failures.js';
import { type BrowserFlow, comesAfter, requireOwnFlow, wrongStep } from './flow-checks.js';

/** How long a code may be typed, ms; how often, for one flow; and how often for all flows of one viewer while they are kept. */
export const CODE_LIFE = 5 * 60_000;
export const TRIES_OF_FLOW = 5;
export const TRIES_OF_VIEWER = 15;

/** Twenty letters without vowels: none is taken for another, and no words come up (RFC 8628 §6.1). */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const LENGTH = 8;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The letters that a digest's text comes to; a digit that would favour some letters is passed over. */
const lettersOf = (text: string): string =>
  // The last digit of 256 bits holds four of them only.
  Array.from(text.slice(0, -1), (digit) => DIGITS.indexOf(digit))
    .filter((value) => value < 3 * LETTERS.length)
    .map((value) => LETTERS[value % LETTERS.length])
    .join('');

/**
 * The eight letters that follow from these texts, of which one must be secret: the same each time, so that they need not be stored.
 * Each of the 20⁸ codes is as likely as any other.
 */
export const codeFrom = (digest: Digest, texts: readonly (string | number)[]): string => {
  let letters = '';
  for (let round = 0; letters.length < LENGTH; round += 1)
    letters += lettersOf(digest.sha256(JSON.stringify(['code', ...texts, round])));
  return letters.slice(0, LENGTH);
};

/** A code as people read it: `BCDF-GHJK`. */
export const formatCode = (code: string): string => `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`;

/** What a person typed as a code, whatever case, spaces and hyphens they used; null for what cannot be one. */
export const parseCode = (typed: string): string | null => {
  const code = typed.replace(/[\s\p{Pd}]+/gu, '').toUpperCase();
  return code.length === LENGTH && Array.from(code).every((letter) => LETTERS.includes(letter)) ? code : null;
};

/** Whether two digests are the same, found out in the same time wherever they differ. */
export const isSameDigest = (one: string, other: string): boolean => {
  let difference = one.length ^ other.length;
  for (let index = 0; index < one.length; index += 1)
    difference |= one.charCodeAt(index) ^ other.charCodeAt(index);
  return difference === 0;
};

/**
 * Mode `code`: the code of a flow follows from the nonce of the browser that said yes. That browser can be shown it as often as it
 * asks, and no one else can, for only a hash of it is kept.
 */
export const codeOf = (
  { digest }: Deps<'digest'>,
  flow: Pick<Flow, 'id'>,
  nonce: Secret,
  expiresAt: number,
): string => codeFrom(digest, [flow.id, expiresAt, nonce.reveal()]);

const hashOf = ({ digest }: Deps<'digest'>, flow: string, code: string): string =>
  digest.sha256(JSON.stringify(['typed', flow, code]));

/** What the page shows of a flow that waits for its code; null when there is none to show, or it is too old. */
export const shownCode = (deps: Deps<'digest' | 'clock'>, flow: Flow, nonce: Secret): string | null =>
  flow.status === 'coded' && flow.code !== null && deps.clock.now() < flow.code.expiresAt
    ? formatCode(codeOf(deps, flow, nonce, flow.code.expiresAt))
    : null;

/** The person said yes: makes the code that is to be typed, or a new one when the last is too old. */
export async function offerCode(
  deps: Deps<'clock' | 'digest', 'flows'>,
  flow: BrowserFlow,
  nonce: Secret,
): Promise<Flow | null> {
  const now = deps.clock.now();
  const codeExpiresAt = Math.min(now + CODE_LIFE, flow.expiresAt);
  const codeHash = hashOf(deps, flow.id, codeOf(deps, flow, nonce, codeExpiresAt));
  const { id, nonceHash } = flow;
  return deps.stores.flows.offerCode({ id, nonceHash, codeHash, codeExpiresAt, now });
}

/** Mode `code`: a window whose code was not typed goes on to nothing; what would have come next ends with it. */
export async function endUnreached({ clock, stores }: Deps<'clock', 'flows'>, flow: Flow): Promise<void> {
  if (flow.mode !== 'code' || flow.further.length === 0) return;
  for (const next of await stores.flows.pending(flow.viewer, clock.now()))
    if (comesAfter(next, flow)) await stores.flows.end(next.id, ['opened'], 'cancelled', null);
}

type EnterDeps = DiscardDeps & Deps<'audit' | 'journal', 'flows'>;

/**
 * The code as its viewer typed it into a gadget, never the other way round: the person who said yes has given it to them. The right one
 * makes the flow accepted; the fifth wrong one ends it, and what it holds is revoked. Says nothing of a flow that waits for no code.
 */
export async function enterCode(deps: EnterDeps, id: string, viewer: Viewer, typed: string): Promise<void> {
  const { clock, stores } = deps;
  const { flows } = stores;
  const flow = await flows.byId(id);
  if (flow === null) throw wrongStep();
  await requireOwnFlow(deps, flow, viewer);
  if (flow.status !== 'coded') return;
  const code = parseCode(typed);
  if (code === null) throw new AppError('connect_code_wrong', { as: 'connect_code_unreadable' });
  const limits = { ofFlow: TRIES_OF_FLOW, ofViewer: TRIES_OF_VIEWER, now: clock.now() };
  const tried = await flows.tryCode(id, limits);
  if (tried === null) return refuseTry(deps, id);
  if (isSameDigest(tried.codeHash, hashOf(deps, id, code))) {
    await flows.acceptCode(id, tried.codeHash, clock.now());
    return;
  }
  const left = TRIES_OF_FLOW - (tried.flow.code?.tries ?? TRIES_OF_FLOW);
  if (left > 0) throw new AppError('connect_code_wrong', { left });
  await endWrongCode(deps, tried.flow);
}

/** No try was given: the code is too old, another request was faster, or this viewer has tried too often. */
async function refuseTry(deps: EnterDeps, id: string): Promise<void> {
  const { clock, stores } = deps;
  const flow = await stores.flows.byId(id);
  if (flow?.status !== 'coded' || flow.code === null || clock.now() >= flow.expiresAt) return;
  if (clock.now() >= flow.code.expiresAt) throw new AppError('connect_code_expired');
  if (flow.code.tries >= TRIES_OF_FLOW) return endWrongCode(deps, flow);
  throw new AppError('too_many_requests', { as: 'too_many_codes' });
}

async function endWrongCode(deps: EnterDeps, flow: Flow): Promise<void> {
  const { status, failure } = CODE_WRONG;
  if ((await deps.stores.flows.end(flow.id, ['coded'], status, failure)) === null) return;
  await endUnreached(deps, flow);
  const revoked = await discardFlowTokens(deps, flow);
  deps.journal.warn('flow-code-wrong', { flow: flow.id, provider: flow.provider, revoked });
  await deps.audit.record({
    action: 'flow.refused',
    by: asViewer(flow.viewer),
    outcome: 'refused',
    ...about(flow),
    code: failure.code,
  });
}
