import { AppError } from '../../domain/errors.js';
import { Secret } from '../../domain/secret.js';
import type { Context } from '../../web/context.js';
import { waitSentence } from '../confirming.js';
import type { AdminVisit, ConsoleDeps, Entrance, PublicRoute, SessionRoute } from '../console-route.js';
import { seeOther, showPage } from '../page-frame.js';
import { confirmPassword } from './sign-in.js';
import {
  acceptInvitation,
  changePassword,
  getAdministrator,
  inviteAdministrator,
  listAdministrators,
  readInvitation,
  removeAdministrator,
} from './use-cases.js';

const LIST = '/admin/administrators';

/** The page Administrators: the list, inviting, removing, and one’s own password. */
export const administratorRoutes = (deps: ConsoleDeps): readonly SessionRoute[] => {
  const section = 'administrators';

  const adminOf = (visit: AdminVisit) => getAdministrator(deps, visit.params.id ?? '');
  const showPassword = (visit: AdminVisit, error: { field: string; message: string } | null, status = 200) =>
    visit.show('admin/password', { error }, { status });

  return [
    {
      method: 'get',
      path: LIST,
      section,
      async handle(visit) {
        const list = await listAdministrators(deps);
        visit.show('admin/administrators', {
          administrators: list,
          elsewhere: deps.identityProvider?.name ?? null,
        });
      },
    },
    {
      method: 'get',
      path: `${LIST}/invite`,
      section,
      confirm: true,
      handle: (visit) => visit.show('admin/invite', { invitation: null }),
    },
    {
      // The response is a page: the link is shown once, and kept nowhere.
      method: 'post',
      path: `${LIST}/invite`,
      section,
      confirm: true,
      async handle(visit) {
        const { link, expiresAt } = await inviteAdministrator(deps, visit.by);
        visit.show('admin/invite', { invitation: { link: link.reveal(), expiresAt } });
      },
    },
    {
      method: 'get',
      path: `${LIST}/password`,
      section,
      handle: (visit) => showPassword(visit, null),
    },
    {
      method: 'post',
      path: `${LIST}/password`,
      section,
      async handle(visit, ctx, { session }) {
        const { form, admin } = visit;
        const from = { address: ctx.state.client, requestId: ctx.state.requestId };
        const proof = await confirmPassword(deps, admin, new Secret(form.get('current') ?? ''), from);
        if (proof.kind === 'wrong')
          return showPassword(visit, { field: 'current', message: 'Wrong password.' }, 403);
        if (proof.kind === 'wait') {
          ctx.set('Retry-After', String(proof.seconds));
          return showPassword(visit, { field: 'current', message: waitSentence(proof.seconds) }, 429);
        }
        const password = form.get('password') ?? '';
        if (password !== form.get('again'))
          return showPassword(visit, { field: 'again', message: 'The passwords don’t match.' }, 422);
        try {
          const changed = await changePassword(deps, admin, new Secret(password));
          await session.open({ ...proof.signedIn, version: changed.version });
        } catch (error) {
          if (!(error instanceof AppError && error.code === 'password_weak')) throw error;
          return showPassword(visit, { field: 'password', message: error.message }, 422);
        }
        visit.leave({ kind: 'good', message: 'Password changed. Your other sessions have ended.' });
        visit.seeOther(LIST);
      },
    },
    {
      method: 'get',
      path: `${LIST}/:id/remove`,
      section,
      confirm: true,
      async handle(visit) {
        visit.show('admin/administrator-remove', { administrator: await adminOf(visit) });
      },
    },
    {
      method: 'post',
      path: `${LIST}/:id/remove`,
      section,
      confirm: true,
      async handle(visit) {
        const { id, name } = await adminOf(visit);
        await removeAdministrator(deps, id, visit.by);
        visit.leave({ kind: 'good', message: `${name} is no longer an administrator.` });
        visit.seeOther(LIST);
      },
    },
  ];
};

/** What is wrong with which field. */
interface Wrong {
  readonly field: 'name' | 'password' | 'again';
  readonly message: string;
}

/** Errors that another attempt can fix, by code: the field that shows them. */
const FIELDS: Readonly<Partial<Record<string, Wrong['field']>>> = {
  password_weak: 'password',
  body_invalid: 'name',
};

/** Alone, or at the end of a pasted link. */
const TOKEN = /(?:^|#)([\w-]{43})$/;

const tokenOf = (given: string | undefined): Secret => {
  const [, token] = TOKEN.exec((given ?? '').trim()) ?? [];
  if (token === undefined)
    throw new AppError(
      'invitation_invalid',
      'This link is incomplete. Copy the whole link, and open it again.',
    );
  return new Secret(token);
};

/**
 * `/admin/setup`: where the links lead that make an administrator, or set a new password. A link carries its token in the fragment, which
 * no request names: a script of the page takes it out of the address and sends it on; without script the link is pasted.
 */
export const invitationRoutes = (deps: ConsoleDeps): readonly PublicRoute[] => {
  const show = async (
    ctx: Context,
    { session }: Entrance,
    token: Secret,
    { name, error, status }: { name: string; error: Wrong | null; status: number },
  ): Promise<void> => {
    const existing = await readInvitation(deps, token);
    const model = { token: token.reveal(), existing: existing?.name ?? null, name, error };
    showPage(deps, ctx, { session, visitor: null }, 'admin/setup', model, { status });
  };

  return [
    {
      method: 'get',
      path: '/admin/setup',
      handle(ctx, { session }) {
        const options = { script: 'admin.js' };
        showPage(deps, ctx, { session, visitor: null }, 'admin/setup-link', {}, options);
      },
    },
    {
      method: 'post',
      path: '/admin/setup',
      async handle(ctx, entrance) {
        const { form, session } = entrance;
        const token = tokenOf(form.get('token'));
        if (!form.has('password')) return show(ctx, entrance, token, { name: '', error: null, status: 200 });
        const name = form.get('name') ?? '';
        const password = new Secret(form.get('password') ?? '');
        const again = (error: Wrong): Promise<void> =>
          show(ctx, entrance, token, { name, error, status: 422 });
        if (password.reveal() !== form.get('again'))
          return again({ field: 'again', message: 'The passwords don’t match.' });
        try {
          const admin = await acceptInvitation(deps, token, name, password);
          session.close();
          seeOther(ctx, `/admin/sign-in?name=${encodeURIComponent(admin.name)}`);
        } catch (error) {
          const field = error instanceof AppError ? FIELDS[error.code] : undefined;
          if (!(error instanceof AppError) || field === undefined) throw error;
          ctx.state.log.code = error.code;
          await again({ field, message: error.message });
        }
      },
    },
  ];
};
