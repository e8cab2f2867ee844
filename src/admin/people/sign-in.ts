import type { Admin } from '../../domain/administrator.js';
import type { Handshake, Identity, IdentityProvider, SignedIn } from '../../domain/administrator-sign-in.js';
import { AppError } from '../../domain/errors.js';
import type { Secret } from '../../domain/secret.js';
import { actorOf } from './acting.js';
import { mayComeIn } from './openid-admission.js';
import {
  type PasswordPorts,
  type PasswordTry,
  passwordTry,
  type Sender,
  sessionEvents,
} from './password-try.js';

const HOUR = 60 * 60_000;

/** However busy it is: after that a session ends, ms. */
export const LONGEST_SESSION = 12 * HOUR;

/** For how long proving who one is counts for what asks for it, ms. */
export const CONFIRMED_FOR = 5 * 60_000;

/** When somebody proved it who has not since they came in. */
const NEVER = 0;

export interface SignInPorts extends PasswordPorts {
  /** Null where nobody signs in by OpenID Connect. */
  readonly identityProvider: IdentityProvider | null;
}

/** What came of a password. `wait`: too many tries; not even looked at, seconds until it will be. */
export type PasswordOutcome =
  | { readonly kind: 'right'; readonly signedIn: SignedIn }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'wait'; readonly seconds: number };

/** How administrators come in, and how long they stay. */
export interface SignIn {
  /** What the other way in is called, where there is one. */
  readonly elsewhere: string | null;
  /** The same answer, after the same time, for an unknown name and a wrong password. */
  withPassword(name: string, password: Secret, from: Sender): Promise<PasswordOutcome>;
  /** The password again, of somebody who is signed in. */
  again(admin: Admin, password: Secret, from: Sender): Promise<PasswordOutcome>;
  /**
   * Where to send somebody who signs in elsewhere; `again`: whoever is signed in, and shall prove it again, null for all others. Throws
   * `route_unknown` without such a way, and `too_many_requests`.
   */
  depart(again: Admin | null, from: Sender): Promise<{ readonly url: string; readonly handshake: Handshake }>;
  /** Judges the way back; only who was asked `again` has just proved who they are. Throws `sign_in_failed` for whoever may not come in. */
  arrive(parameters: URLSearchParams, handshake: Handshake, from: Sender): Promise<SignedIn>;
  /** Whose session this is; null when it is over: too old, or the administrator was removed, changed, or may not come in any more. */
  present(signedIn: SignedIn): Promise<Admin | null>;
  isConfirmed(signedIn: SignedIn): boolean;
  left(admin: Admin, requestId: string): Promise<void>;
}

export const signIn = (ports: SignInPorts): SignIn => {
  const { stores, audit, clock, identityProvider } = ports;

  const tell = sessionEvents(audit);
  const judge = passwordTry(ports);
  const signedInNow = (admin: Admin, by: SignedIn['by']): SignedIn => {
    const now = clock.now();
    return { admin: admin.id, version: admin.version, at: now, confirmedAt: now, by };
  };
  const outcomeOf = (tried: PasswordTry): PasswordOutcome =>
    tried.kind === 'right' ? { kind: 'right', signedIn: signedInNow(tried.admin, 'password') } : tried;

  const provider = (): IdentityProvider => {
    if (identityProvider === null) throw new AppError('route_unknown', 'There is nothing at this address.');
    return identityProvider;
  };

  const admitted = async (identity: Identity, requestId: string): Promise<Admin> => {
    const { issuer, allow, name } = provider();
    if (!mayComeIn(identity, allow)) {
      await tell('admin.sign-in-refused', { kind: 'anonymous' }, { code: 'not-allowed' }, requestId);
      throw new AppError(
        'sign_in_failed',
        `You are known to ${name}, but you are not among those who look after this server.`,
        'Add the person’s subject or verified e-mail address to admin.oidc.allow, and start the server anew.',
      );
    }
    const now = clock.now();
    const admin = { id: ports.entropy.id(), name: identity.email ?? identity.subject, issuer, now };
    return stores.admins.admit({ ...admin, subject: identity.subject });
  };

  return {
    elsewhere: identityProvider?.name ?? null,

    async withPassword(name, password, from) {
      const tried = await judge({ name, password }, from, 'admin.signed-in');
      if (tried.kind === 'right') await stores.admins.signedIn(tried.admin.id, clock.now());
      return outcomeOf(tried);
    },

    async again(admin, password, from) {
      const { id: signedIn, name } = admin;
      return outcomeOf(await judge({ name, password, signedIn }, from, 'admin.confirmed'));
    },

    async depart(again, { address }) {
      const { begin } = provider();
      const from = { address, ...(again !== null && { signedIn: again.id }) };
      if ((await stores.signInThrottle.departure(from)) !== null)
        throw new AppError(
          'too_many_requests',
          'There were too many tries. Wait a quarter of an hour, then try again.',
        );
      return begin(again !== null);
    },

    async arrive(parameters, handshake, { address, requestId }) {
      const identity = await provider().finish(parameters, handshake);
      const admin = await admitted(identity, requestId);
      const action = handshake.again ? 'admin.confirmed' : 'admin.signed-in';
      await stores.signInThrottle.arrived(address);
      await tell(action, actorOf(admin), { subject: admin.id, code: 'oidc' }, requestId);
      if (!handshake.again) await stores.admins.signedIn(admin.id, clock.now());
      const signedIn = signedInNow(admin, identity);
      // Who has a session there comes in without being asked: that proves nothing of who sits here now.
      return handshake.again ? signedIn : { ...signedIn, confirmedAt: NEVER };
    },

    async present(signedIn) {
      if (clock.now() >= signedIn.at + LONGEST_SESSION) return null;
      // Whoever was taken off the list is out with the next request.
      if (signedIn.by !== 'password' && !(identityProvider && mayComeIn(signedIn.by, identityProvider.allow)))
        return null;
      const admin = await stores.admins.byId(signedIn.admin);
      return admin?.version === signedIn.version ? admin : null;
    },

    isConfirmed: ({ confirmedAt }) => clock.now() < confirmedAt + CONFIRMED_FOR,

    left: (admin, requestId) => tell('admin.signed-out', actorOf(admin), { subject: admin.id }, requestId),
  };
};
