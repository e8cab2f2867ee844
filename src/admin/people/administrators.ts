import type { Actor } from '../../domain/actor.js';
import type { Admin } from '../../domain/administrator.js';
import { AppError } from '../../domain/errors.js';
import type { Secret } from '../../domain/secret.js';
import { adminViewer, CONSOLE_HOST } from '../../hosts/console-host.js';
import { startDeparture } from '../connections/departures.js';
import { actorOf } from './acting.js';
import { type Invitations, invitations } from './invitations.js';
import { normalized, requireStrong } from './password-rules.js';
import type { PasswordPorts } from './password-try.js';

/** Who looks after this server. */
export interface Administrators extends Invitations {
  list(): Promise<readonly Admin[]>;
  /** Whatever the case of the name. Throws `admin_unknown`. */
  named(name: string): Promise<Admin>;
  /** The password must have been proved just before. Ends the administrator's other sessions. Throws `password_weak`. */
  changePassword(admin: Admin, password: Secret): Promise<Admin>;
  /** Their sessions and all open invitations end at once, and what they connected in previews is taken back. Throws `admin_unknown` and `admin_last`. */
  remove(id: string, by: Actor): Promise<void>;
}

export const administrators = (ports: PasswordPorts): Administrators => {
  const { audit, passwords } = ports;
  const { admins } = ports.stores;
  const leaves = startDeparture(ports);
  const known = async (id: string): Promise<Admin> => {
    const admin = await admins.byId(id);
    if (admin === null) throw new AppError('admin_unknown', 'There is no such administrator.');
    return admin;
  };

  return {
    ...invitations(ports),

    list: () => admins.list(),

    async named(name) {
      const found = await admins.byName(name);
      const admin = found && (await admins.byId(found.id));
      if (admin === null) throw new AppError('admin_unknown', 'There is no administrator of that name.');
      return admin;
    },

    async changePassword(admin, password) {
      await requireStrong(password, admin.name);
      const hash = await passwords.hash(normalized(password));
      const changed = await admins.setPassword(admin.id, hash, admin.version);
      if (changed === null)
        throw new AppError('record_changed', 'Your password was changed elsewhere just now. Sign in again.');
      const by = actorOf(admin);
      await audit.record({
        action: 'admin.changed',
        by,
        outcome: 'done',
        subject: admin.id,
        code: 'password',
      });
      return changed;
    },

    async remove(id, by) {
      const admin = await known(id);
      if (!(await admins.remove(id))) {
        // Somebody else may have been quicker.
        await known(id);
        throw new AppError(
          'admin_last',
          'The last administrator cannot be removed. Invite another one first.',
        );
      }
      const changes = [{ path: 'name', before: admin.name, after: null }];
      await audit.record({ action: 'admin.removed', by, outcome: 'done', subject: id, changes });
      await leaves({ kind: 'viewer', host: CONSOLE_HOST, viewer: adminViewer(admin) }, by);
    },
  };
};
