import type Router from '@koa/router';
import { AppError } from '../../domain/errors.js';
import { originRouter } from '../app.js';
import type { Context } from '../context.js';
import { sameOrigin } from '../origin-check.js';
import { connectingRoutes, vouchingRoutes } from './connect-pages.js';
import type { ErrorPage } from './error-text.js';
import {
  connectingAgainRoutes,
  connectionsRoutes,
  viewerDataRoutes,
  visitingRoutes,
} from './my-connections-pages.js';
import { type SitePages, sitePages } from './site-pages.js';
import type { SiteWeb } from './site-web.js';
import { viewerSessions } from './viewer-session.js';

type Addressed = Context & { readonly params: Readonly<Record<string, string | undefined>> };

interface Piece {
  readonly text: string;
  readonly code: boolean;
}

const LINK = /\[([^\]]+)\]\([^)]+\)/g;

/** Splits a text at its code marks; a link becomes its text, since it points within the documentation. */
const piecesOf = (text: string): readonly Piece[] =>
  text
    .replaceAll(LINK, '$1')
    .split('`')
    .map((piece, index) => ({ text: piece, code: index % 2 === 1 }))
    .filter((piece) => piece.text !== '');

/** A cell of the documentation's table as a sentence. */
const sentenceOf = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

/** `GET /errors/:code`: the page that the `type` of a problem document points to. */
const errorPageRoutes = (errors: ReadonlyMap<string, ErrorPage>, pages: SitePages) => ({
  one(ctx: Addressed): void {
    const found = errors.get(ctx.params.code ?? '');
    if (found === undefined) throw new AppError('route_unknown', { as: 'error_code_unknown' });
    const { code, status, meaning, fix } = found;
    pages.show(ctx, 'site/error-code', {
      // Part of the documentation, in English like the rest of it.
      locale: 'en',
      code,
      status,
      meaning: piecesOf(sentenceOf(meaning)),
      fix: piecesOf(sentenceOf(fix)),
    });
  },
});

/** The pages that people visit. What our own pages alone may send says so. The connect pages know nothing of the session of My connections. */
export const siteOriginRoutes = (web: SiteWeb): Router => {
  const pages = sitePages(web);
  const connecting = connectingRoutes(web, pages);
  const vouching = vouchingRoutes(web, pages);
  const withSession = viewerSessions(web);
  const connections = connectionsRoutes(web, pages, withSession);
  const again = connectingAgainRoutes(web, withSession);
  const visiting = visitingRoutes(web, pages, withSession);
  const viewerData = viewerDataRoutes(web, pages, withSession);
  const router = originRouter();
  const ours = sameOrigin(web.siteOrigin);

  const errors = errorPageRoutes(web.errorPages, pages);
  router.get('/errors/:code', errors.one);
  router.get('/', (ctx) => pages.home(ctx as unknown as Context));
  router.get('/connect', (ctx) => pages.connect(ctx as unknown as Context));
  router.post('/connect/open', ours, connecting.open);
  router.post('/connect/ask', ours, vouching.ask);
  router.post('/connect/vouched/:host', vouching.answer);
  router.get('/connect/vouched', vouching.vouched);
  router.post('/connect/go', ours, connecting.go);
  router.post('/connect/token', ours, connecting.token);
  router.get('/connect/callback/:provider', connecting.callback);
  router.post('/connect/callback/:provider', connecting.posted);
  router.get('/connect/finish', connecting.finish);
  router.post('/connect/accept', ours, connecting.accept);
  router.post('/connect/cancel', ours, connecting.cancel);
  router.post('/connect/other', ours, connecting.otherAccount);
  router.get('/connections', connections.list);
  router.post('/connections/open', ours, connections.open);
  router.post('/connections/visit', ours, visiting.open);
  router.get('/connections/enter', visiting.page);
  router.post('/connections/enter', ours, visiting.enter);
  router.post('/connections/close', ours, connections.close);
  router.post('/connections/choices/reset', ours, connections.resetChoices);
  router.post('/connections/accept', ours, again.accept);
  router.post('/connections/export', ours, viewerData.download);
  router.get('/connections/erase', viewerData.question);
  router.post('/connections/erase', ours, viewerData.erase);
  router.post('/connections/:id/disconnect', ours, connections.disconnect);
  router.post('/connections/:id/connect', ours, again.start);
  router.post('/connections/:id/facts', ours, connections.chooseFacts);
  return router;
};
