import { AppError } from '../../domain/errors.js';
import { Secret } from '../../domain/secret.js';
import type { Context } from '../../web/context.js';
import type { AdminWeb } from '../console-web.js';
import type { Entrance } from '../entrance.js';
import { adminPages, seeOther } from '../page-frame.js';
import type { PublicRoute } from '../public-route.js';

/** What is wrong with which field. */
interface Wrong {
  readonly field: 'name' | 'password' | 'again';
  readonly message: string;
}

/** Refusals that another try mends, by their codes. */
const FIELDS: Readonly<Partial<Record<string, Wrong['field']>>> = {
  password_weak: 'password',
  body_invalid: 'name',
};

/** Alone, or at the end of a link that somebody pasted. */
const TOKEN = /(?:^|#)([\w-]{43})$/;

const tokenOf = (given: string | undefined): Secret => {
  const [, token] = TOKEN.exec((given ?? '').trim()) ?? [];
  if (token === undefined)
    throw new AppError('invitation_invalid', 'This link is not whole. Copy all of it, and open it again.');
  return new Secret(token);
};

/**
 * `/admin/setup`: where the links lead that make an administrator, or set a new password. A link carries its token in the fragment, which
 * no request names: a script of the page takes it out of the address and sends it on; without script the link is pasted.
 */
export const invitationRoutes = (web: AdminWeb): readonly PublicRoute[] => {
  const pages = adminPages(web);
  const { administrators } = web.manage;

  const show = async (
    ctx: Context,
    { session }: Entrance,
    token: Secret,
    { name, error, status }: { name: string; error: Wrong | null; status: number },
  ): Promise<void> => {
    const existing = await administrators.invited(token);
    const model = { token: token.reveal(), existing: existing?.name ?? null, name, error };
    pages.show(ctx, { session, visitor: null }, 'admin/setup', model, { status });
  };

  return [
    {
      method: 'get',
      path: '/admin/setup',
      handle(ctx, { session }) {
        const options = { script: 'admin.js' };
        pages.show(ctx, { session, visitor: null }, 'admin/setup-link', {}, options);
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
          return again({ field: 'again', message: 'The two passwords are not the same.' });
        try {
          const admin = await administrators.accept(token, name, password);
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
