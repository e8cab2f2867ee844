import { Secret } from '../../domain/secret.js';
import { confirmModel } from '../confirming.js';
import type { AdminWeb } from '../console-web.js';
import { pathHere } from '../local-path.js';
import type { SessionRoute } from '../session-route.js';
import { waitSentence } from './sign-in-pages.js';

/** Proving anew who one is, and signing out. */
export const sessionRoutes = (web: AdminWeb): readonly SessionRoute[] => [
  {
    method: 'get',
    path: '/admin/confirm',
    section: null,
    handle(visit, _ctx, { visitor }) {
      if (visitor === null) return;
      const to = pathHere(visit.query.get('to'));
      const asked = { action: '/admin/confirm', to, fields: new Map([['to', to]]), error: null };
      visit.show('admin/confirm', confirmModel(web, visitor, asked), { leaving: true });
    },
  },
  {
    method: 'post',
    path: '/admin/confirm',
    section: null,
    async handle(visit, ctx, { session, visitor }) {
      if (visitor === null) return;
      const to = pathHere(visit.form.get('to'));
      const password = new Secret((visit.form.get('confirm-password') ?? '').slice(0, 1024));
      const from = { address: ctx.state.client, requestId: ctx.state.requestId };
      const outcome = await web.manage.signIn.again(visit.admin, password, from);
      if (outcome.kind === 'right') {
        session.confirmed(outcome.signedIn.confirmedAt);
        visit.seeOther(to);
        return;
      }
      if (outcome.kind === 'wait') ctx.set('Retry-After', String(outcome.seconds));
      const error = outcome.kind === 'wait' ? waitSentence(outcome.seconds) : 'That is not your password.';
      const asked = { action: '/admin/confirm', to, fields: new Map([['to', to]]), error };
      const status = outcome.kind === 'wait' ? 429 : 403;
      visit.show('admin/confirm', confirmModel(web, visitor, asked), { status, leaving: true });
    },
  },
  {
    // Where the tab ends that was opened beside a filled-in form.
    method: 'get',
    path: '/admin/confirmed',
    section: null,
    handle: (visit) => visit.show('admin/confirmed', {}),
  },
  {
    method: 'post',
    path: '/admin/sign-out',
    section: null,
    async handle(visit, ctx, { session }) {
      session.close();
      await web.manage.signIn.left(visit.admin, ctx.state.requestId);
      visit.seeOther('/admin/sign-in');
    },
  },
];
