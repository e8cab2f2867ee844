import { AppError } from '../../../domain/errors.js';
import { Secret } from '../../../domain/secret.js';
import type { Context } from '../../context.js';
import type { Entrance } from '../entrance.js';
import { adminPages, seeOther } from '../pages.js';
import type { PublicRoute } from '../public-route.js';
import type { AdminWeb } from '../web.js';

const TOKEN = /^[\w-]{43}$/;

const tokenOf = (given: string | null | undefined): Secret => {
  if (!TOKEN.test(given ?? ''))
    throw new AppError('invitation_invalid', 'This link is not whole. Copy all of it, and open it again.');
  return new Secret(given ?? '');
};

/** `/admin/setup`: where the links lead that make an administrator, or set a new password. */
export const invitationRoutes = (web: AdminWeb): readonly PublicRoute[] => {
  const pages = adminPages(web);
  const { administrators } = web.manage;

  const show = async (
    ctx: Context,
    { session }: Entrance,
    token: Secret,
    { name, error, status }: { name: string; error: string | null; status: number },
  ): Promise<void> => {
    const existing = await administrators.invited(token);
    const model = { token: token.reveal(), existing: existing?.name ?? null, name, error };
    pages.show(ctx, { session, visitor: null }, 'admin/setup', model, { status });
  };

  return [
    {
      method: 'get',
      path: '/admin/setup',
      handle(ctx, entrance) {
        const token = tokenOf(new URLSearchParams(ctx.search).get('token'));
        return show(ctx, entrance, token, { name: '', error: null, status: 200 });
      },
    },
    {
      method: 'post',
      path: '/admin/setup',
      async handle(ctx, entrance) {
        const { form, session } = entrance;
        const token = tokenOf(form.get('token'));
        const name = form.get('name') ?? '';
        const password = new Secret(form.get('password') ?? '');
        try {
          if (password.reveal() !== form.get('again'))
            throw new AppError('password_weak', 'The two passwords are not the same.');
          const admin = await administrators.accept(token, name, password);
          session.close();
          seeOther(ctx, `/admin/sign-in?name=${encodeURIComponent(admin.name)}`);
        } catch (error) {
          const mendable =
            error instanceof AppError && ['password_weak', 'body_invalid'].includes(error.code);
          if (!mendable) throw error;
          ctx.state.log.code = error.code;
          await show(ctx, entrance, token, { name, error: error.message, status: 422 });
        }
      },
    },
  ];
};
