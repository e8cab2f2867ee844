import { asViewer } from '../../domain/actor.js';
import { shownOrigin } from '../../hosts/host.js';
import { readForm } from '../body.js';
import type { Context } from '../context.js';
import { frameAnswer } from '../headers.js';
import { viewerLocale } from '../locale.js';
import { requireSameOrigin } from '../origin-check.js';
import { disconnectionSentence } from '../sentences.js';
import { localeOf, MINE } from './my-connections.js';
import { seeOther } from './see-other.js';
import type { SitePages } from './site-pages.js';
import type { SiteWeb } from './site-web.js';
import type { WithSession } from './viewer-session.js';

const LARGEST_BODY = 4 * 1024;

/** What a viewer may do with all that is kept of them: take it along, or have it erased. */
export const belongingsRoutes = (web: SiteWeb, pages: SitePages, withSession: WithSession) => {
  const { directory, siteOrigin } = web;
  const SCRIPT = { script: 'connections.js' };
  return {
    /** `POST /connections/export`: a file. By POST, so that no link and no other page can make one. */
    download: (ctx: Context) =>
      withSession(ctx, async (session) => {
        requireSameOrigin(ctx, siteOrigin);
        await readForm(ctx, LARGEST_BODY);
        const visitor = session.visitor();
        if (visitor === null) return seeOther(ctx, MINE);
        const belongings = await web.exportOf(visitor.viewer);
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
        const connections = await web.connections(visitor.viewer);
        pages.show(ctx, 'connections/erase', {
          ...localeOf(visitor),
          viewer: { name: visitor.name },
          host: { name: host.name, origin: shownOrigin(host, visitor) },
          connections: connections.filter(({ status }) => status !== 'revoking'),
        });
      }),

    /** `POST /connections/erase`: does it, and says honestly what it did; nobody is known on this page any more. */
    erase: (ctx: Context) =>
      withSession(ctx, async (session) => {
        requireSameOrigin(ctx, siteOrigin);
        await readForm(ctx, LARGEST_BODY);
        const visitor = session.visitor();
        if (visitor === null) return seeOther(ctx, MINE);
        const { viewer } = visitor;
        const { disconnections, left } = await web.erase(viewer, asViewer(viewer));
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
