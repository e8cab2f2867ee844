import { AppError } from '../../domain/errors.js';
import { Secret } from '../../domain/secret.js';
import type { AdminVisit } from '../console-route.js';
import type { AdminWeb } from '../console-web.js';
import type { SessionRoute } from '../session-route.js';
import { waitSentence } from './sign-in-pages.js';

const LIST = '/admin/administrators';

/** The page Administrators: who looks after this server, inviting, removing, and one's own password. */
export const administratorRoutes = (web: AdminWeb): readonly SessionRoute[] => {
  const { administrators } = web.manage;
  const section = 'administrators';

  const adminOf = async (visit: AdminVisit) => {
    const found = (await administrators.list()).find(({ id }) => id === visit.params.id);
    if (found === undefined) throw new AppError('admin_unknown', 'There is no such administrator.');
    return found;
  };
  const showPassword = (visit: AdminVisit, error: { field: string; message: string } | null, status = 200) =>
    visit.show('admin/password', { error }, { status });

  return [
    {
      method: 'get',
      path: LIST,
      section,
      async handle(visit) {
        const list = await administrators.list();
        visit.show('admin/administrators', { administrators: list, elsewhere: web.manage.signIn.elsewhere });
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
      // Answers with a page: the link is shown once, and kept nowhere.
      method: 'post',
      path: `${LIST}/invite`,
      section,
      confirm: true,
      async handle(visit) {
        const { link, expiresAt } = await administrators.invite(visit.by);
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
        const proof = await web.manage.signIn.again(admin, new Secret(form.get('current') ?? ''), from);
        if (proof.kind === 'wrong')
          return showPassword(visit, { field: 'current', message: 'That is not your password.' }, 403);
        if (proof.kind === 'wait') {
          ctx.set('Retry-After', String(proof.seconds));
          return showPassword(visit, { field: 'current', message: waitSentence(proof.seconds) }, 429);
        }
        const password = form.get('password') ?? '';
        if (password !== form.get('again'))
          return showPassword(visit, { field: 'again', message: 'The two passwords are not the same.' }, 422);
        try {
          const changed = await administrators.changePassword(admin, new Secret(password));
          await session.open({ ...proof.signedIn, version: changed.version });
        } catch (error) {
          if (!(error instanceof AppError && error.code === 'password_weak')) throw error;
          return showPassword(visit, { field: 'password', message: error.message }, 422);
        }
        visit.leave({ kind: 'good', message: 'Your password was changed. Your other sessions have ended.' });
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
        await administrators.remove(id, visit.by);
        visit.leave({ kind: 'good', message: `${name} is no administrator any more.` });
        visit.seeOther(LIST);
      },
    },
  ];
};
