import type { FlowProgress } from '../../connect/consent/activate-flow.js';
import type { SeenFlow } from '../../connect/consent/decide-flow.js';
import { acceptSessionFlow, startSessionFlow } from '../../connect/consent/session-flow.js';
import { enterConnections, openVisit, showVisit } from '../../connect/consent/visit.js';
import { disconnectOwnConnection } from '../../connect/ending/disconnect.js';
import { eraseViewer } from '../../connect/ending/erase-viewer.js';
import {
  changeFacts,
  exportViewer,
  listChoices,
  listConnections,
  takeTicket,
  type Visitor,
} from '../../connect/viewers-connections.js';
import { asViewer } from '../../domain/actor.js';
import { AppError } from '../../domain/errors.js';
import type { FlowIntent } from '../../domain/flow.js';
import { Secret } from '../../domain/secret.js';
import { shownOrigin } from '../../hosts/host.js';
import { readForm, readJson, textOf } from '../body.js';
import type { Context } from '../context.js';
import { frameAnswer, seeOther } from '../headers.js';
import { viewerLocale } from '../locale.js';
import { disconnectionSentence, failureSentence } from '../sentences.js';
import type { Notice } from '../web-session.js';
import { chosenIn } from './connect-pages.js';
import { flowCookies } from './flow-cookies.js';
import { codeLeft, namesOf, type SitePages, visitOf } from './site-pages.js';
import type { SiteWeb } from './site-web.js';
import type { Said, ViewerSession, WithSession } from './viewer-session.js';

type Addressed = Context & { readonly params: Readonly<Record<string, string | undefined>> };

/** The query tells the page's script that this window has already said who its viewer is. */
export const MINE = '/connections?mine';

const LARGEST_BODY = 4 * 1024;
const LONGEST_ID = 64;

/** The locale of a visitor, for a page's model; that of the browser where the visitor has none. */
export const localeOf = (visitor: Visitor | null): { readonly locale?: string } =>
  visitor?.locale === undefined ? {} : { locale: visitor.locale };

const noticeIn = (views: SiteWeb['views'], locale: string, said: Said | null): Notice | null => {
  if (said === null) return null;
  if (said.kind === 'failed')
    return { kind: 'warning', message: failureSentence(views, locale, said.failure) };
  if (said.kind !== 'disconnected')
    return {
      kind: said.kind === 'superseded' ? 'warning' : 'good',
      message: views.say(locale, `connections.${said.kind}`),
    };
  const { revoked } = said.disconnection;
  return {
    kind: revoked === 'revoked' || revoked === 'nothing' ? 'good' : 'warning',
    message: disconnectionSentence(views, locale, said.disconnection),
  };
};

/** My connections: what one viewer of one host connected, with Disconnect. A ticket from a gadget opens it. */
export const connectionsRoutes = (web: SiteWeb, pages: SitePages, withSession: WithSession) => {
  const { connect, directory } = web;
  const SCRIPT = { script: 'connections.js' };

  const list = async (ctx: Context, session: ViewerSession): Promise<void> => {
    const visitor = session.visitor();
    const host = visitor && directory.host(visitor.viewer.host);
    if (visitor === null || !host) {
      pages.show(ctx, 'connections/need-opener', { gadgetOrigin: web.gadgetOrigin }, SCRIPT);
      return;
    }
    const model = {
      ...localeOf(visitor),
      viewer: { name: visitor.name },
      host: { name: host.name, origin: shownOrigin(host, visitor) },
      connections: await listConnections(connect, visitor.viewer, visitor.locale),
      choices: await listChoices(connect, visitor.viewer, visitor.locale),
      notice: noticeIn(web.views, visitor.locale ?? viewerLocale(ctx, web.views), session.takeSaid()),
      gadgetOrigin: web.gadgetOrigin,
    };
    pages.show(ctx, 'connections/list', model, SCRIPT);
  };

  return {
    /** `GET /connections` */
    list: (ctx: Context) => withSession(ctx, (session) => list(ctx, session)),

    /** `POST /connections/open`: a ticket for a session, in the place of any other. */
    open: (ctx: Context) =>
      withSession(ctx, async (session) => {
        const body = await readJson(ctx, LARGEST_BODY);
        const ticket = new Secret(textOf(body, 'ticket', 64));
        await session.open(await takeTicket(connect, ticket));
        frameAnswer(ctx);
        ctx.body = { opened: true };
      }),

    /** `POST /connections/:id/disconnect` */
    disconnect: (ctx: Addressed) =>
      withSession(ctx, async (session) => {
        await readForm(ctx, LARGEST_BODY);
        const visitor = session.visitor();
        if (visitor !== null) {
          const id = (ctx.params.id ?? '').slice(0, LONGEST_ID);
          const disconnection = await disconnectOwnConnection(connect, visitor.viewer, id);
          session.leave({ kind: 'disconnected', disconnection });
        }
        seeOther(ctx, MINE);
      }),

    /** `POST /connections/:id/facts`: another of several, such as another site. */
    chooseFacts: (ctx: Addressed) =>
      withSession(ctx, async (session) => {
        const fields = await readForm(ctx, LARGEST_BODY);
        const visitor = session.visitor();
        if (visitor === null) return seeOther(ctx, MINE);
        await changeFacts(
          connect,
          visitor.viewer,
          (ctx.params.id ?? '').slice(0, LONGEST_ID),
          chosenIn(fields),
        );
        session.leave({ kind: 'chosen' });
        seeOther(ctx, MINE);
      }),

    /** `POST /connections/choices/reset`: forgets what the viewer chose in one gadget. */
    resetChoices: (ctx: Context) =>
      withSession(ctx, async (session) => {
        const gadget = (await readForm(ctx, LARGEST_BODY)).get('gadget') ?? '';
        const visitor = session.visitor();
        if (visitor === null) return seeOther(ctx, MINE);
        if (gadget === '') throw new AppError('body_invalid', '“gadget” must be the id of a gadget.');
        await connect.stores.viewerChoices.reset(visitor.viewer, gadget.slice(0, LONGEST_ID));
        session.leave({ kind: 'reset' });
        seeOther(ctx, MINE);
      }),

    /** `POST /connections/close`: signs out. */
    close: (ctx: Context) =>
      withSession(ctx, async (session) => {
        await readForm(ctx, LARGEST_BODY);
        const visitor = session.visitor();
        session.close();
        pages.show(ctx, 'connections/closed', localeOf(visitor), SCRIPT);
      }),
  };
};

/** What a viewer may do with all that is kept of them: download it, or have it erased. */
export const viewerDataRoutes = (web: SiteWeb, pages: SitePages, withSession: WithSession) => {
  const { connect, directory } = web;
  const SCRIPT = { script: 'connections.js' };
  return {
    /** `POST /connections/export`: a file. By POST, so that no link and no other page can make one. */
    download: (ctx: Context) =>
      withSession(ctx, async (session) => {
        await readForm(ctx, LARGEST_BODY);
        const visitor = session.visitor();
        if (visitor === null) return seeOther(ctx, MINE);
        const everything = await exportViewer(connect, visitor.viewer);
        frameAnswer(ctx);
        ctx.set('Content-Disposition', 'attachment; filename="my-connections.json"');
        ctx.type = 'application/json';
        ctx.body = `${JSON.stringify(everything, null, 2)}\n`;
      }),

    /** `GET /connections/erase`: what it would do. */
    question: (ctx: Context) =>
      withSession(ctx, async (session) => {
        const visitor = session.visitor();
        const host = visitor && directory.host(visitor.viewer.host);
        if (visitor === null || !host) return seeOther(ctx, MINE);
        const connections = await listConnections(connect, visitor.viewer, visitor.locale);
        pages.show(ctx, 'connections/erase', {
          ...localeOf(visitor),
          viewer: { name: visitor.name },
          host: { name: host.name, origin: shownOrigin(host, visitor) },
          connections: connections.filter(({ status }) => status !== 'revoking'),
        });
      }),

    /** `POST /connections/erase`: does it, and says honestly what it did; the session is over then. */
    erase: (ctx: Context) =>
      withSession(ctx, async (session) => {
        await readForm(ctx, LARGEST_BODY);
        const visitor = session.visitor();
        if (visitor === null) return seeOther(ctx, MINE);
        const { viewer } = visitor;
        const { disconnections, left } = await eraseViewer(connect, viewer, asViewer(viewer));
        session.close();
        const host = directory.host(viewer.host)?.name ?? viewer.host;
        const locale = visitor.locale ?? viewerLocale(ctx, web.views);
        const ended = disconnections.map((each) => disconnectionSentence(web.views, locale, each));
        pages.show(
          ctx,
          'connections/erased',
          { locale, disconnections: ended, left, host: { name: host } },
          SCRIPT,
        );
      }),
  };
};

const intentOf = (value: string | undefined): FlowIntent => {
  if (value === 'connect' || value === 'other-account') return value;
  throw new AppError('body_invalid', '“intent” must be “connect” or “other-account”.');
};

const saidOf = ({ status, failure }: FlowProgress): Said => {
  if (status === 'active') return { kind: 'active' };
  return failure === null ? { kind: 'superseded' } : { kind: 'failed', failure };
};

/** Connecting again from My connections: the flow starts and ends in the session, and passes the ordinary connect pages between. */
export const connectingAgainRoutes = (web: SiteWeb, withSession: WithSession) => {
  const { connect } = web;
  const cookies = flowCookies(web.siteOrigin);
  return {
    /** `POST /connections/:id/connect` */
    start: (ctx: Addressed) =>
      withSession(ctx, async (session) => {
        const intent = intentOf((await readForm(ctx, LARGEST_BODY)).get('intent'));
        const visitor = session.visitor();
        if (visitor === null) return seeOther(ctx, MINE);
        const id = (ctx.params.id ?? '').slice(0, LONGEST_ID);
        const { flow, nonce } = await startSessionFlow(connect, visitor, id, intent);
        cookies.write(ctx, flow.id, nonce);
        seeOther(ctx, `/connect/finish?flow=${encodeURIComponent(flow.id)}`);
      }),

    /** `POST /connections/accept`: the yes, which needs the session that the flow was started in. */
    accept: (ctx: Context) =>
      withSession(ctx, async (session) => {
        const fields = await readForm(ctx, LARGEST_BODY);
        const flow = fields.get('flow') ?? '';
        const visitor = session.visitor();
        if (visitor === null) throw new AppError('session_expired', { as: 'session_expired_connections' });
        const nonce = cookies.read(ctx).of(flow);
        const chosen = chosenIn(fields);
        session.leave(saidOf(await acceptSessionFlow(connect, visitor.viewer, flow, nonce, chosen)));
        seeOther(ctx, MINE);
      }),
  };
};

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
