import type { Actor } from '../../domain/actor.js';
import type { Admin } from '../../domain/administrator.js';
import type { Attempt, Passwords } from '../../domain/administrator-sign-in.js';
import type { Audit, AuditAction } from '../../domain/audit-event.js';
import type { Secret } from '../../domain/secret.js';
import type { ManagePorts } from '../admin-ports.js';
import { actorOf } from './acting.js';
import { normalized } from './password-rules.js';

export interface PasswordPorts extends ManagePorts {
  readonly passwords: Passwords;
}

/** From where a request came, and under which id it is in the log. */
export interface Sender {
  readonly address: string;
  readonly requestId: string;
}

/** What came of a name and a password. `wait`: too many tries; not even looked at, seconds until it will be. */
export type PasswordTry =
  | { readonly kind: 'right'; readonly admin: Admin }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'wait'; readonly seconds: number };

type SessionAction = Extract<
  AuditAction,
  'admin.signed-in' | 'admin.sign-in-refused' | 'admin.confirmed' | 'admin.signed-out'
>;

/** Writes down who came, was refused, and went. */
export const sessionEvents =
  (audit: Audit) =>
  (
    action: SessionAction,
    by: Actor,
    about: { readonly code?: string; readonly subject?: string },
    requestId: string,
  ): Promise<void> =>
    audit.record({
      action,
      by,
      outcome: action === 'admin.sign-in-refused' ? 'refused' : 'done',
      requestId,
      ...about,
    });

/**
 * Judges a name and a password: the same answer, after the same time, for an unknown name and a wrong password. What somebody typed
 * as a name is never written down: it may be a password.
 */
export const passwordTry = ({ stores, audit, passwords }: PasswordPorts) => {
  const tell = sessionEvents(audit);
  const compared = async (attempt: Attempt, password: Secret) => {
    const admin = await stores.admins.byName(attempt.account);
    const lane = await stores.signInThrottle.laneOf(attempt);
    const right = await passwords.verify(normalized(password), admin?.passwordHash ?? null, lane);
    return { admin, right };
  };

  /** `signedIn`: the id of the administrator whose session it is, where somebody proves it again. */
  return async (
    { name, password, signedIn }: { name: string; password: Secret; signedIn?: string },
    { address, requestId }: Sender,
    done: 'admin.signed-in' | 'admin.confirmed',
  ): Promise<PasswordTry> => {
    const attempt = { account: name, address, ...(signedIn !== undefined && { signedIn }) };
    const seconds = await stores.signInThrottle.attempt(attempt);
    if (seconds !== null) return { kind: 'wait', seconds };
    const { admin, right } = await compared(attempt, password).catch(async (error: unknown) => {
      // Whoever was not even heard has not guessed.
      await stores.signInThrottle.unjudged(attempt);
      throw error;
    });
    if (admin === null || !right) {
      const subject = admin === null ? {} : { subject: admin.id };
      await tell('admin.sign-in-refused', { kind: 'anonymous' }, { code: 'password', ...subject }, requestId);
      return { kind: 'wrong' };
    }
    await stores.signInThrottle.succeeded(attempt);
    await tell(done, actorOf(admin), { subject: admin.id, code: 'password' }, requestId);
    return { kind: 'right', admin };
  };
};
