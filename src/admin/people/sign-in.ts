import type { Actor } from '../../domain/actor.js';
import { type Admin, actorOf } from '../../domain/administrator.js';
import type {
  AllowList,
  Attempt,
  Handshake,
  Identity,
  IdentityProvider,
  SignedIn,
} from '../../domain/administrator-sign-in.js';
import type { AuditAction } from '../../domain/audit-event.js';
import { AppError } from '../../domain/errors.js';
import type { Secret } from '../../domain/secret.js';
import type { AdminDeps, Deps } from '../admin-deps.js';
import { normalized } from './password-rules.js';

const HOUR = 60 * 60_000;

/** After that a session ends, whether or not it is used, ms. */
export const LONGEST_SESSION = 12 * HOUR;

/** How long a confirmed identity counts for pages that ask for one, ms. */
export const CONFIRMED_FOR = 5 * 60_000;

/** The time of confirmation of someone who has not confirmed since they signed in. */
const NEVER = 0;

type PasswordDeps = Deps<'audit' | 'clock' | 'passwords', 'admins' | 'signInThrottle'>;
type OpenIdDeps = Pick<AdminDeps, 'identityProvider'>;

/** From where a request came, and under which id it is in the log. */
export interface Sender {
  readonly address: string;
  readonly requestId: string;
}

/** What came of a password. `wait`: too many attempts; it was not checked, seconds until it will be. */
export type PasswordOutcome =
  | { readonly kind: 'right'; readonly signedIn: SignedIn }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'wait'; readonly seconds: number };

type PasswordCheck =
  | Exclude<PasswordOutcome, { kind: 'right' }>
  | { readonly kind: 'right'; readonly admin: Admin };

type SessionAction = Extract<
  AuditAction,
  'admin.signed-in' | 'admin.sign-in-refused' | 'admin.confirmed' | 'admin.signed-out'
>;

function recordSession(
  { audit }: Pick<AdminDeps, 'audit'>,
  action: SessionAction,
  by: Actor,
  about: { readonly code?: string; readonly subject?: string; readonly requestId: string },
): Promise<void> {
  return audit.record({
    action,
    by,
    outcome: action === 'admin.sign-in-refused' ? 'refused' : 'done',
    ...about,
  });
}

async function compare({ stores, passwords }: PasswordDeps, attempt: Attempt, password: Secret) {
  const admin = await stores.admins.byName(attempt.account);
  const lane = await stores.signInThrottle.laneOf(attempt);
  const right = await passwords.verify(normalized(password), admin?.passwordHash ?? null, lane);
  return { admin, right };
}

/**
 * Checks a name and a password: the same answer, after the same time, for an unknown name and a wrong password. What was typed as a name is
 * never written down: it may be a password. `signedIn`: the id of the administrator whose session it is, where they confirm it.
 */
export async function checkPassword(
  deps: PasswordDeps,
  { name, password, signedIn }: { name: string; password: Secret; signedIn?: string },
  { address, requestId }: Sender,
  done: 'admin.signed-in' | 'admin.confirmed',
): Promise<PasswordCheck> {
  const { signInThrottle } = deps.stores;
  const attempt = { account: name, address, ...(signedIn !== undefined && { signedIn }) };
  const seconds = await signInThrottle.attempt(attempt);
  if (seconds !== null) return { kind: 'wait', seconds };
  const { admin, right } = await compare(deps, attempt, password).catch(async (error: unknown) => {
    // An attempt that was never checked is no guess.
    await signInThrottle.unjudged(attempt);
    throw error;
  });
  if (admin === null || !right) {
    const subject = admin === null ? {} : { subject: admin.id };
    const about = { code: 'password', requestId, ...subject };
    await recordSession(deps, 'admin.sign-in-refused', { kind: 'anonymous' }, about);
    return { kind: 'wrong' };
  }
  await signInThrottle.succeeded(attempt);
  await recordSession(deps, done, actorOf(admin), { subject: admin.id, code: 'password', requestId });
  return { kind: 'right', admin };
}

function newSession({ clock }: Pick<AdminDeps, 'clock'>, admin: Admin, by: SignedIn['by']): SignedIn {
  const now = clock.now();
  return { admin: admin.id, version: admin.version, at: now, confirmedAt: now, by };
}

function outcomeOf(deps: Pick<AdminDeps, 'clock'>, checked: PasswordCheck): PasswordOutcome {
  return checked.kind === 'right'
    ? { kind: 'right', signedIn: newSession(deps, checked.admin, 'password') }
    : checked;
}

/** The same answer, after the same time, for an unknown name and a wrong password. */
export async function signInWithPassword(
  deps: PasswordDeps,
  name: string,
  password: Secret,
  from: Sender,
): Promise<PasswordOutcome> {
  const checked = await checkPassword(deps, { name, password }, from, 'admin.signed-in');
  if (checked.kind === 'right') await deps.stores.admins.signedIn(checked.admin.id, deps.clock.now());
  return outcomeOf(deps, checked);
}

/** The password again, of an administrator who is signed in. */
export async function confirmPassword(
  deps: PasswordDeps,
  { id: signedIn, name }: Admin,
  password: Secret,
  from: Sender,
): Promise<PasswordOutcome> {
  return outcomeOf(deps, await checkPassword(deps, { name, password, signedIn }, from, 'admin.confirmed'));
}

/** Deny by default: only those named by subject, or by an e-mail address that the identity provider verified, may sign in. */
const isAllowed = ({ subject, email }: Identity, { subjects, emails }: AllowList): boolean =>
  subjects.includes(subject) ||
  (email !== null && emails.some((allowed) => allowed.toLowerCase() === email.toLowerCase()));

function providerOf({ identityProvider }: OpenIdDeps): IdentityProvider {
  if (identityProvider === null) throw new AppError('route_unknown', 'There is nothing at this address.');
  return identityProvider;
}

/**
 * Where to send someone who signs in by OpenID Connect; `again`: the signed-in administrator who has to confirm it, null for everyone else.
 * Throws `route_unknown` where there is no identity provider, and `too_many_requests`.
 */
export async function startOpenIdSignIn(
  deps: OpenIdDeps & Deps<never, 'signInThrottle'>,
  again: Admin | null,
  { address }: Pick<Sender, 'address'>,
): Promise<{ readonly url: string; readonly handshake: Handshake }> {
  const provider = providerOf(deps);
  const from = { address, ...(again !== null && { signedIn: again.id }) };
  if ((await deps.stores.signInThrottle.redirect(from)) !== null)
    throw new AppError('too_many_requests', 'Too many attempts. Wait 15 minutes, then try again.');
  return provider.startSignIn(again !== null);
}

async function admit(
  deps: OpenIdDeps & Deps<'audit' | 'clock' | 'entropy', 'admins'>,
  identity: Identity,
  requestId: string,
): Promise<Admin> {
  const { issuer, allow, name } = providerOf(deps);
  if (!isAllowed(identity, allow)) {
    await recordSession(
      deps,
      'admin.sign-in-refused',
      { kind: 'anonymous' },
      { code: 'not-allowed', requestId },
    );
    throw new AppError(
      'sign_in_failed',
      `${name} knows you, but you’re not an administrator of this server.`,
      'Add the person’s subject or verified e-mail address to admin.oidc.allow, and restart the server.',
    );
  }
  const { subject, email } = identity;
  const admin = { id: deps.entropy.id(), name: email ?? subject, issuer, now: deps.clock.now() };
  return deps.stores.admins.admit({ ...admin, subject });
}

/**
 * Checks what the identity provider sent back; only someone who was asked `again` has just confirmed who they are. Throws `sign_in_failed`
 * for anyone who may not sign in.
 */
export async function finishOpenIdSignIn(
  deps: OpenIdDeps & Deps<'audit' | 'clock' | 'entropy', 'admins' | 'signInThrottle'>,
  parameters: URLSearchParams,
  handshake: Handshake,
  { address, requestId }: Sender,
): Promise<SignedIn> {
  const identity = await providerOf(deps).finishSignIn(parameters, handshake);
  const admin = await admit(deps, identity, requestId);
  const action = handshake.again ? 'admin.confirmed' : 'admin.signed-in';
  await deps.stores.signInThrottle.arrived(address);
  await recordSession(deps, action, actorOf(admin), { subject: admin.id, code: 'oidc', requestId });
  if (!handshake.again) await deps.stores.admins.signedIn(admin.id, deps.clock.now());
  const signedIn = newSession(deps, admin, identity);
  // With a session at the identity provider they may sign in without being asked: that confirms nothing about who sits here now.
  return handshake.again ? signedIn : { ...signedIn, confirmedAt: NEVER };
}

/** Whose session this is; null when it is over: too old, or the administrator was removed, changed, or may no longer sign in. */
export async function findSignedIn(
  { clock, identityProvider, stores }: OpenIdDeps & Deps<'clock', 'admins'>,
  signedIn: SignedIn,
): Promise<Admin | null> {
  if (clock.now() >= signedIn.at + LONGEST_SESSION) return null;
  // Someone who was taken off the list is signed out with their next request.
  if (signedIn.by !== 'password' && !(identityProvider && isAllowed(signedIn.by, identityProvider.allow)))
    return null;
  const admin = await stores.admins.byId(signedIn.admin);
  return admin?.version === signedIn.version ? admin : null;
}

export const isConfirmed = ({ clock }: Pick<AdminDeps, 'clock'>, { confirmedAt }: SignedIn): boolean =>
  clock.now() < confirmedAt + CONFIRMED_FOR;

/** To be called after the session was closed. */
export async function recordSignOut(
  deps: Pick<AdminDeps, 'audit'>,
  admin: Admin,
  requestId: string,
): Promise<void> {
  await recordSession(deps, 'admin.signed-out', actorOf(admin), { subject: admin.id, requestId });
}

/** Forgets invitations and sign-in attempts that are over. */
export async function sweepSignIns({
  stores,
  clock,
}: Deps<'clock', 'admins' | 'signInThrottle'>): Promise<void> {
  const now = clock.now();
  await stores.admins.sweep(now);
  await stores.signInThrottle.sweep(now);
}
