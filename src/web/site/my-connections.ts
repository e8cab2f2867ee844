import { Secret } from '../../domain/secret.js';
import { shownOrigin } from '../../hosts/host.js';
import { readForm, readJson, textOf } from '../body.js';
import type { Context } from '../context.js';
import { frameAnswer } from '../headers.js';
import { requireSameOrigin } from '../origin-check.js';
import { seeOther } from './see-other.js';
import type { SitePages } from './site-pages.js';
import type { SiteWeb } from './site-web.js';
import type { ViewerSession, WithSession } from './viewer-session.js';

type Addressed = Context & { readonly params: Readonly<Record<string, string | undefined>> };

/** The query tells the page's script that this window has already told who its viewer is. */
export const MINE = '/connections?mine';

const LARGEST_BODY = 4 * 1024;
const LONGEST_ID = 64;

/** My connections: what one viewer of one host connected, with Disconnect. A ticket from a gadget opens it. */
export const connectionsRoutes = (web: SiteWeb, pages: SitePages, withSession: WithSession) => {
  const { directory, siteOrigin } = web;
  const SCRIPT = { script: 'connections.js' };

  const list = async (ctx: Context, session: ViewerSession): Promise<void> => {
    const visitor = session.visitor();
    const host = visitor && directory.host(visitor.viewer.host);
    if (visitor === null || !host) {
      pages.show(ctx, 'connections/need-opener', { gadgetOrigin: web.gadgetOrigin }, SCRIPT);
      return;
    }
    const model = {
      viewer: { name: visitor.name },
      host: { name: host.name, origin: shownOrigin(host, visitor) },
      connections: await web.connections(visitor.viewer),
      notice: session.takeNotice(),
      gadgetOrigin: web.gadgetOrigin,
    };
    pages.show(ctx, 'connections/list', model, SCRIPT);
  };

  return {
    /** `GET /connections` */
    list: (ctx: Context) => withSession(ctx, (session) => list(ctx, session)),

    /** `POST /connections/open`: a ticket for a session, whoever had one before. */
    open: (ctx: Context) =>
      withSession(ctx, async (session) => {
        requireSameOrigin(ctx, siteOrigin);
        const body = await readJson(ctx, LARGEST_BODY);
        await session.open(await web.takeTicket(new Secret(textOf(body, 'ticket', 64))));
        frameAnswer(ctx);
        ctx.body = { opened: true };
      }),

    /** `POST /connections/:id/disconnect` */
    disconnect: (ctx: Addressed) =>
      withSession(ctx, async (session) => {
        requireSameOrigin(ctx, siteOrigin);
        await readForm(ctx, LARGEST_BODY);
        const visitor = session.visitor();
        if (visitor !== null) {
          const id = (ctx.params.id ?? '').slice(0, LONGEST_ID);
          const { revoked, message } = await web.disconnectOne(visitor.viewer, id);
          session.leave({
            kind: revoked === 'revoked' || revoked === 'nothing' ? 'good' : 'warning',
            message,
          });
        }
        seeOther(ctx, MINE);
      }),

    /** `POST /connections/close`: signs out. */
    close: (ctx: Context) =>
      withSession(ctx, async (session) => {
        requireSameOrigin(ctx, siteOrigin);
        await readForm(ctx, LARGEST_BODY);
        session.close();
        pages.show(ctx, 'connections/closed', {}, SCRIPT);
      }),
  };
};
