import type { Actor } from '../../domain/actor.js';
import type { Admin } from '../../domain/administrator.js';
import { AppError } from '../../domain/errors.js';
import { Secret } from '../../domain/secret.js';
import { actorOf } from './acting.js';
import { normalized, requireStrong } from './password-rules.js';
import type { PasswordPorts } from './password-try.js';

/** How long an invitation is good, ms. */
const INVITATION_LIFE = 24 * 60 * 60_000;

/** A link that makes an administrator, or sets a password, once. */
export interface Invitation {
  /** The whole address. Whoever has it can use it: it is shown once, and never logged. */
  readonly link: Secret;
  readonly expiresAt: number;
}

/** How somebody becomes an administrator, or gets a new password: by a link that works once. */
export interface Invitations {
  /** While there is nobody: a link for the first one, which ends every older link. Null once there is somebody. */
  inviteFirst(): Promise<Invitation | null>;
  invite(by: Actor): Promise<Invitation>;
  /** A link that sets a new password; its use ends the administrator's sessions. Throws `admin_unknown`. */
  reset(id: string, by: Actor): Promise<Invitation>;
  /** Whose password this invitation sets, or null for a new administrator's; nothing is used up. Throws `invitation_invalid`. */
  invited(token: Secret): Promise<Admin | null>;
  /** Throws `invitation_invalid`, `body_invalid` (the name cannot be used) and `password_weak`; only success uses the invitation up. */
  accept(token: Secret, name: string, password: Secret): Promise<Admin>;
}

const NAME = /^[^\p{C}\p{Z}]([^\p{C}\p{Zl}\p{Zp}]{0,62}[^\p{C}\p{Z}])?$/u;

const invalid = (): AppError =>
  new AppError('invitation_invalid', 'This link was used, is too old, or was replaced by a newer one.');

export const invitations = (ports: PasswordPorts): Invitations => {
  const { audit, clock, entropy, digest, passwords, siteOrigin } = ports;
  const { admins } = ports.stores;

  const hashOf = (token: Secret): string => digest.sha256(token.reveal());
  const fresh = () => {
    const token = entropy.secret();
    const expiresAt = clock.now() + INVITATION_LIFE;
    // A fragment: no request carries it, so that no log, proxy or Referer has it.
    const link = new Secret(`${siteOrigin}/admin/setup#${token.reveal()}`);
    return { row: { tokenHash: hashOf(token), expiresAt }, invitation: { link, expiresAt } };
  };
  const invited = async (token: Secret): Promise<Admin | null> => {
    const found = await admins.invitation(hashOf(token), clock.now());
    if (found === null) throw invalid();
    if (found.admin === null) return null;
    const admin = await admins.byId(found.admin);
    if (admin === null) throw invalid();
    return admin;
  };

  return {
    invited,

    async inviteFirst() {
      const { row, invitation } = fresh();
      return (await admins.inviteFirst(row)) ? invitation : null;
    },

    async invite(by) {
      const { row, invitation } = fresh();
      await admins.invite({ ...row, admin: null });
      await audit.record({ action: 'admin.invited', by, outcome: 'done' });
      return invitation;
    },

    async reset(id, by) {
      const admin = await admins.byId(id);
      if (admin === null) throw new AppError('admin_unknown', 'There is no such administrator.');
      const { row, invitation } = fresh();
      await admins.invite({ ...row, admin: admin.id });
      await audit.record({ action: 'admin.invited', by, outcome: 'done', subject: admin.id, code: 'reset' });
      return invitation;
    },

    async accept(token, given, password) {
      const existing = await invited(token);
      const name = existing?.name ?? given.normalize('NFC');
      if (!NAME.test(name))
        throw new AppError(
          'body_invalid',
          'A name is one line of 1 to 64 characters without spaces at its ends.',
        );
      await requireStrong(password, name);
      const passwordHash = await passwords.hash(normalized(password));
      const invitation = { tokenHash: hashOf(token), id: entropy.id(), name, passwordHash, now: clock.now() };
      const admin = await admins.accept(invitation);
      if (admin === null) throw invalid();
      if (admin === 'name-taken')
        throw new AppError('body_invalid', 'Another administrator has this name. Choose another.');
      const action = existing === null ? 'admin.created' : 'admin.changed';
      await audit.record({
        action,
        by: actorOf(admin),
        outcome: 'done',
        subject: admin.id,
        code: 'invitation',
      });
      return admin;
    },
  };
};
