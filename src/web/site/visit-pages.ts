import type { SeenFlow } from '../../connect/consent/decide-flow.js';
import { enterConnections, openVisit, showVisit } from '../../connect/consent/visit.js';
import { AppError } from '../../domain/errors.js';
import { Secret } from '../../domain/secret.js';
import { readForm, readJson, textOf } from '../body.js';
import type { Context } from '../context.js';
import { frameAnswer, seeOther } from '../headers.js';
import { viewerLocale } from '../locale.js';
import { failureSentence } from '../sentences.js';
import { flowCookies } from './flow-cookies.js';
import { MINE } from './my-connections-pages.js';
import { codeLeft, namesOf, type SitePages, visitOf } from './site-pages.js';
import type { SiteWeb } from './site-web.js';
import type { WithSession } from './viewer-session.js';

const LARGEST_BODY = 4 * 1024;

/** What the page of a visit asks for: the host to be asked, the code to be typed or replaced, the last yes; or it is over. */
const stepOf = ({ mode, status, viewer, vouchedFor, shownCode }: SeenFlow): string => {
  if (mode === 'reauth') {
    if (status === 'opened' || status === 'asked') return 'ask';
    return status === 'vouched' && vouchedFor === viewer.id ? 'ready' : 'over';
  }
  if (status === 'coded') return shownCode === null ? 'stale' : 'code';
  return status === 'accepted' ? 'ready' : 'over';
};

/** The way to My connections by a link: each step is shown to the browser that opened it, and no other. */
export const visitingRoutes = (web: SiteWeb, pages: SitePages, withSession: WithSession) => {
  const { connect } = web;
  const cookies = flowCookies(web.siteOrigin);
  return {
    /** `POST /connections/visit`: JSON, as for the ticket of a connection (T5). */
    async open(ctx: Context): Promise<void> {
      const body = await readJson(ctx, LARGEST_BODY);
      const ticket = new Secret(textOf(body, 'ticket', 64));
      const { flow, nonce } = await openVisit(connect, ticket, cookies.read(ctx));
      cookies.write(ctx, flow.id, nonce);
      frameAnswer(ctx);
      ctx.body = { next: visitOf(flow.id) };
    },

    /** `GET /connections/enter` */
    async page(ctx: Context): Promise<void> {
      const { flow: id, early } = ctx.query;
      if (typeof id !== 'string') throw new AppError('parameter_invalid', { as: 'address_incomplete' });
      const flow = await showVisit(connect, id, cookies.read(ctx).of(id));
      const names = namesOf(web, flow);
      const locale = names.locale ?? viewerLocale(ctx, web.views);
      pages.show(
        ctx,
        'connections/enter',
        {
          ...names,
          step: stepOf(flow),
          code: flow.shownCode,
          codeLeft: codeLeft(web, flow, locale),
          asked: flow.status === 'asked',
          early: early === '',
          message: flow.failure && failureSentence(web.views, locale, flow.failure),
        },
        { script: 'connect.js', leaving: true },
      );
    },

    /** `POST /connections/enter`: a session for the visit's viewer, once that is proved. */
    enter: (ctx: Context) =>
      withSession(ctx, async (session) => {
        const id = (await readForm(ctx, LARGEST_BODY)).get('flow') ?? '';
        const visitor = await enterConnections(connect, id, cookies.read(ctx).of(id));
        if (visitor === null) return seeOther(ctx, `${visitOf(id)}&early`);
        await session.open(visitor);
        seeOther(ctx, MINE);
      }),
  };
};
