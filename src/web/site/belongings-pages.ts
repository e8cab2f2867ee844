import { eraseViewer } from '../../connect/ending/erase-viewer.js';
import { exportViewer, listConnections } from '../../connect/viewers-connections.js';
import { asViewer } from '../../domain/actor.js';
import { shownOrigin } from '../../hosts/host.js';
import { readForm } from '../body.js';
import type { Context } from '../context.js';
import { frameAnswer, seeOther } from '../headers.js';
import { viewerLocale } from '../locale.js';
import { disconnectionSentence } from '../sentences.js';
import { localeOf, MINE } from './my-connections.js';
import type { SitePages } from './site-pages.js';
import type { SiteWeb } from './site-web.js';
import type { WithSession } from './viewer-session.js';

const LARGEST_BODY = 4 * 1024;

/** What a viewer may do with all that is kept of them: download it, or have it erased. */
export const belongingsRoutes = (web: SiteWeb, pages: SitePages, withSession: WithSession) => {
  const { connect, directory } = web;
  const SCRIPT = { script: 'connections.js' };
  return {
    /** `POST /connections/export`: a file. By POST, so that no link and no other page can make one. */
    download: (ctx: Context) =>
      withSession(ctx, async (session) => {
        await readForm(ctx, LARGEST_BODY);
        const visitor = session.visitor();
        if (visitor === null) return seeOther(ctx, MINE);
        const belongings = await exportViewer(connect, visitor.viewer);
        frameAnswer(ctx);
        ctx.set('Content-Disposition', 'attachment; filename="my-connections.json"');
        ctx.type = 'application/json';
        ctx.body = `${JSON.stringify(belongings, null, 2)}\n`;
      }),

    /** `GET /connections/erase`: what it would do. */
    question: (ctx: Context) =>
      withSession(ctx, async (session) => {
        const visitor = session.visitor();
        const host = visitor && directory.host(visitor.viewer.host);
        if (visitor === null || !host) return seeOther(ctx, MINE);
        const connections = await listConnections(connect, visitor.viewer);
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
