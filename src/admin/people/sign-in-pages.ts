import { Secret } from '../../domain/secret.js';
import type { Context } from '../../web/context.js';
import type { AdminWeb } from '../console-web.js';
import type { Entrance } from '../entrance.js';
import { pathHere } from '../local-path.js';
import { adminPages, seeOther } from '../page-frame.js';
import type { PublicRoute } from '../public-route.js';
import type { PasswordOutcome } from './sign-in.js';

/** What is said to somebody who tried too often. */
export const waitSentence = (seconds: number): string => {
  const minutes = Math.ceil(seconds / 60);
  const wait = seconds < 90 ? `${seconds} seconds` : `${minutes} minutes`;
  return `There were too many tries. Wait ${wait}, then try again.`;
};

const refusalOf = (
  outcome: Exclude<PasswordOutcome, { kind: 'right' }>,
): { readonly status: number; readonly error: string } =>
  outcome.kind === 'wrong'
    ? { status: 401, error: 'Name and password do not belong together.' }
    : { status: 429, error: waitSentence(outcome.seconds) };

/** `/admin/sign-in`: name and password, and the way to the identity provider where there is one. */
export const signInRoutes = (web: AdminWeb): readonly PublicRoute[] => {
  const pages = adminPages(web);

  const show = (
    ctx: Context,
    entrance: Entrance,
    model: { readonly to: string; readonly name: string; readonly error: string | null },
    status = 200,
  ): void => {
    const signedOut = { session: entrance.session, visitor: null };
    const all = { ...model, elsewhere: web.manage.signIn.elsewhere };
    pages.show(ctx, signedOut, 'admin/sign-in', all, { status, leaving: true });
  };

  return [
    {
      method: 'get',
      path: '/admin/sign-in',
      handle(ctx, entrance) {
        const query = new URLSearchParams(ctx.search);
        const to = pathHere(query.get('to'));
        const name = (query.get('name') ?? '').slice(0, 64);
        if (entrance.visitor !== null) seeOther(ctx, to);
        else show(ctx, entrance, { to, name, error: null });
      },
    },
    {
      method: 'post',
      path: '/admin/sign-in',
      async handle(ctx, entrance) {
        const { form, session } = entrance;
        const to = pathHere(form.get('to'));
        const name = (form.get('name') ?? '').slice(0, 256);
        const password = new Secret((form.get('password') ?? '').slice(0, 1024));
        const from = { address: ctx.state.client, requestId: ctx.state.requestId };
        const outcome = await web.manage.signIn.withPassword(name, password, from);
        if (outcome.kind === 'right') {
          await session.open(outcome.signedIn);
          seeOther(ctx, to);
          return;
        }
        if (outcome.kind === 'wait') ctx.set('Retry-After', String(outcome.seconds));
        const { status, error } = refusalOf(outcome);
        ctx.state.log.code = outcome.kind === 'wait' ? 'too_many_requests' : 'sign_in_failed';
        show(ctx, entrance, { to, name, error }, status);
      },
    },
  ];
};
