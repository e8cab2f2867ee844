import type { Actor } from '../../domain/actor.js';
import { type Admin, actorOf } from '../../domain/administrator.js';
import { AppError } from '../../domain/errors.js';
import { Secret } from '../../domain/secret.js';
import { adminViewer, CONSOLE_HOST } from '../../hosts/console-host.js';
import type { Deps } from '../admin-deps.js';
import { startBulkDisconnect } from '../connections/bulk-disconnects.js';
import { normalized, requireStrong } from './password-rules.js';

type ReadingDeps = Deps<never, 'admins'>;
type InvitingDeps = Deps<'audit' | 'clock' | 'digest' | 'entropy' | 'siteOrigin', 'admins'>;
type TokenDeps = Deps<'clock' | 'digest', 'admins'>;

/** How long an invitation works, ms. */
const INVITATION_LIFE = 24 * 60 * 60_000;

const NAME = /^[^\p{C}\p{Z}]([^\p{C}\p{Zl}\p{Zp}]{0,62}[^\p{C}\p{Z}])?$/u;

/** A link that makes an administrator, or sets a password, once. */
export interface Invitation {
  /** The whole address. Anyone who has it can use it: it is shown once, and never logged. */
  readonly link: Secret;
  readonly expiresAt: number;
}

export function listAdministrators({ stores }: ReadingDeps): Promise<readonly Admin[]> {
  return stores.admins.list();
}

/** Throws `admin_unknown`. */
export async function getAdministrator({ stores }: ReadingDeps, id: string): Promise<Admin> {
  const admin = await stores.admins.byId(id);
  if (admin === null) throw new AppError('admin_unknown', 'There is no such administrator.');
  return admin;
}

/** Regardless of the case of the name. Throws `admin_unknown`. */
export async function findAdministrator({ stores }: ReadingDeps, name: string): Promise<Admin> {
  const found = await stores.admins.byName(name);
  const admin = found && (await stores.admins.byId(found.id));
  if (admin === null) throw new AppError('admin_unknown', 'There is no administrator with that name.');
  return admin;
}

/** The password must have been checked just before. Ends the administrator's other sessions. Throws `password_weak`. */
export async function changePassword(
  { stores, audit, passwords }: Deps<'audit' | 'passwords', 'admins'>,
  admin: Admin,
  password: Secret,
): Promise<Admin> {
  await requireStrong(password, admin.name);
  const hash = await passwords.hash(normalized(password));
  const changed = await stores.admins.setPassword(admin.id, hash, admin.version);
  if (changed === null)
    throw new AppError('record_changed', 'Your password was just changed elsewhere. Sign in again.');
  const by = actorOf(admin);
  await audit.record({ action: 'admin.changed', by, outcome: 'done', subject: admin.id, code: 'password' });
  return changed;
}

/**
 * Their sessions and all open invitations end immediately, and what they connected in previews is revoked. Throws `admin_unknown` and
 * `admin_last`.
 */
export async function removeAdministrator(
  deps: Deps<'audit' | 'clock' | 'entropy', 'admins' | 'bulkDisconnects'>,
  id: string,
  by: Actor,
): Promise<void> {
  const admin = await getAdministrator(deps, id);
  if (!(await deps.stores.admins.remove(id))) {
    // Another administrator may have been faster.
    await getAdministrator(deps, id);
    throw new AppError('admin_last', 'You can’t remove the last administrator. Invite another one first.');
  }
  const changes = [{ path: 'name', before: admin.name, after: null }];
  await deps.audit.record({ action: 'admin.removed', by, outcome: 'done', subject: id, changes });
  await startBulkDisconnect(deps, { kind: 'viewer', host: CONSOLE_HOST, viewer: adminViewer(admin) }, by);
}

const hashOf = ({ digest }: Pick<InvitingDeps, 'digest'>, token: Secret): string =>
  digest.sha256(token.reveal());

/** A new invitation, and what is kept of it. */
function newInvitation(deps: Omit<InvitingDeps, 'audit' | 'stores'>) {
  const token = deps.entropy.secret();
  const expiresAt = deps.clock.now() + INVITATION_LIFE;
  // A fragment: no request carries it, so that no log, proxy or Referer has it.
  const link = new Secret(`${deps.siteOrigin}/admin/setup#${token.reveal()}`);
  return { row: { tokenHash: hashOf(deps, token), expiresAt }, invitation: { link, expiresAt } };
}

/** While there is no administrator: a link for the first one, which ends every older link. Null once there is one. */
export async function inviteFirstAdministrator(
  deps: Omit<InvitingDeps, 'audit'>,
): Promise<Invitation | null> {
  const { row, invitation } = newInvitation(deps);
  return (await deps.stores.admins.inviteFirst(row)) ? invitation : null;
}

export async function inviteAdministrator(deps: InvitingDeps, by: Actor): Promise<Invitation> {
  const { row, invitation } = newInvitation(deps);
  await deps.stores.admins.invite({ ...row, admin: null });
  await deps.audit.record({ action: 'admin.invited', by, outcome: 'done' });
  return invitation;
}

/** A link that sets a new password; using it ends the administrator's sessions. Throws `admin_unknown`. */
export async function resetPassword(deps: InvitingDeps, id: string, by: Actor): Promise<Invitation> {
  const admin = await getAdministrator(deps, id);
  const { row, invitation } = newInvitation(deps);
  await deps.stores.admins.invite({ ...row, admin: admin.id });
  await deps.audit.record({
    action: 'admin.invited',
    by,
    outcome: 'done',
    subject: admin.id,
    code: 'reset',
  });
  return invitation;
}

const invalid = (): AppError =>
  new AppError(
    'invitation_invalid',
    'This link was already used, has expired, or was replaced by a newer one.',
  );

/** Whose password this invitation sets, or null for a new administrator's; it stays valid. Throws `invitation_invalid`. */
export async function readInvitation(deps: TokenDeps, token: Secret): Promise<Admin | null> {
  const { admins } = deps.stores;
  const found = await admins.invitation(hashOf(deps, token), deps.clock.now());
  if (found === null) throw invalid();
  if (found.admin === null) return null;
  const admin = await admins.byId(found.admin);
  if (admin === null) throw invalid();
  return admin;
}

/** Throws `invitation_invalid`, `body_invalid` (the name cannot be used) and `password_weak`; only success uses the invitation up. */
export async function acceptInvitation(
  deps: TokenDeps & Deps<'audit' | 'entropy' | 'passwords', 'admins'>,
  token: Secret,
  given: string,
  password: Secret,
): Promise<Admin> {
  const { audit, clock, entropy, passwords, stores } = deps;
  const existing = await readInvitation(deps, token);
  const name = existing?.name ?? given.normalize('NFC');
  if (!NAME.test(name))
    throw new AppError(
      'body_invalid',
      'Enter a name of 1 to 64 characters on one line, without spaces at either end.',
    );
  await requireStrong(password, name);
  const passwordHash = await passwords.hash(normalized(password));
  const admin = await stores.admins.accept({
    tokenHash: hashOf(deps, token),
    id: entropy.id(),
    name,
    passwordHash,
    now: clock.now(),
  });
  if (admin === null) throw invalid();
  if (admin === 'name-taken')
    throw new AppError('body_invalid', 'Another administrator already has this name. Choose another.');
  await audit.record({
    action: existing === null ? 'admin.created' : 'admin.changed',
    by: actorOf(admin),
    outcome: 'done',
    subject: admin.id,
    code: 'invitation',
  });
  return admin;
}
