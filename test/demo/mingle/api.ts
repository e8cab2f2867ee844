import type { Router } from '@koa/router';
import { tokenBearer } from '../provider/access.js';
import type { Grants } from '../provider/grants.js';
import { xml } from '../site/html.js';
import { isSecure } from '../site/secure.js';
import { field, type Handler, type Web, type WebState } from '../site/web.js';
import { refuseAccess, sendErrors, sendXml } from './answers.js';
import { cardXml, projectXml, propertyDefinitionXml, rowsXml } from './card-xml.js';
import { type Addresses, eventsFeed } from './feed.js';
import { cardByNumber, type Project } from './model.js';
import { executeMql, filterCards } from './mql/evaluator.js';
import { MqlError } from './mql/lexer.js';
import { murmursXml } from './murmurs.js';
import { mayRead, type Projects } from './projects.js';

export interface ApiOptions {
  readonly addresses: Addresses;
  readonly projects: Projects;
  readonly grants: Grants;
  readonly signInPath: string;
}

const cardsPerPage = 25;

/** Who asks: a token counts only over HTTPS and on `.xml`; without one, the person who is signed in. */
const recogniseCaller = (grants: Grants, signInPath: string): Handler => {
  const bearerOf = tokenBearer(grants, /Token token="(.*?)"/);
  return async (ctx, next) => {
    const bearer = bearerOf(ctx);
    if (!ctx.path.endsWith('.xml') && !ctx.state.person) return ctx.redirect(signInPath);
    if (bearer.kind !== 'none' && !isSecure(ctx)) {
      return sendErrors(ctx, 400, 'HTTPS is required for OAuth Authorizations');
    }
    if (bearer.kind === 'invalid') {
      ctx.status = 401;
      ctx.body = 'The OAuth token provided is invalid.';
      return;
    }
    if (bearer.kind === 'person') ctx.state.person = bearer.person;
    if (!ctx.state.person) {
      ctx.status = 401;
      ctx.set('WWW-Authenticate', 'Basic realm="Welcome Mingle"');
      ctx.body = 'Incorrect username or password.';
      return;
    }
    await next();
  };
};

/** The REST API, XML and Atom, of `/api/v2`: what each person may see, and Mingle's own refusals. */
export const addApi = (router: Router<WebState>, options: ApiOptions): void => {
  const { addresses, projects } = options;
  const { api } = addresses;

  const inProject =
    (answer: (ctx: Web, project: Project, login: string) => void): Handler =>
    (ctx) => {
      const project = projects.byIdentifier(ctx.params.project ?? '');
      const { person } = ctx.state;
      if (!project || !person) return refuseAccess(ctx, 404);
      if (!mayRead(project, person)) return refuseAccess(ctx, 403);
      try {
        answer(ctx, project, person.login);
      } catch (error) {
        if (!(error instanceof MqlError)) throw error;
        sendErrors(ctx, 422, error.message);
      }
    };

  router.all('/api/v2/{*rest}', recogniseCaller(options.grants, options.signInPath));

  router.get('/api/v2/projects.xml', (ctx: Web) => {
    const { person } = ctx.state;
    const visible = projects.all().filter((project) => person && mayRead(project, person));
    sendXml(
      ctx,
      xml`<projects type="array">${visible.map((project) => projectXml(api, project))}</projects>`,
    );
  });

  router.get(
    '/api/v2/projects/:project.xml',
    inProject((ctx, project) => sendXml(ctx, projectXml(api, project))),
  );

  router.get(
    '/api/v2/projects/:project/cards/execute_mql.xml',
    inProject((ctx, project, login) => {
      const mql = field(ctx.URL.searchParams, 'mql').trim();
      if (!mql) return sendErrors(ctx, 422, 'Parameter mql is required');
      sendXml(ctx, rowsXml(executeMql(project, mql, login)));
    }),
  );

  router.get(
    '/api/v2/projects/:project/cards/:number.xml',
    inProject((ctx, project) => {
      const card = cardByNumber(project, Number(ctx.params.number));
      return card ? sendXml(ctx, cardXml(api, project, card)) : refuseAccess(ctx, 404);
    }),
  );

  router.get(
    '/api/v2/projects/:project/cards.xml',
    inProject((ctx, project, login) => {
      const query = ctx.URL.searchParams;
      const column = field(query, 'sort');
      const descending = field(query, 'order').toUpperCase() === 'DESC';
      const cards = filterCards(
        project,
        field(query, 'filters[mql]'),
        login,
        column ? { column, descending } : null,
      );
      const pages = Math.max(1, Math.ceil(cards.length / cardsPerPage));
      const page = Math.min(Math.max(1, Math.trunc(Number(field(query, 'page'))) || 1), pages);
      const shown = cards.slice((page - 1) * cardsPerPage, page * cardsPerPage);
      const count = field(query, 'show_page_count') === 'true' && xml` page_count="${pages}"`;
      sendXml(
        ctx,
        xml`<cards type="array"${count}>${shown.map((card) => cardXml(api, project, card))}</cards>`,
      );
    }),
  );

  router.get(
    '/api/v2/projects/:project/property_definitions.xml',
    inProject((ctx, project) => {
      const definitions = project.properties.map((one, index) => propertyDefinitionXml(project, one, index));
      sendXml(ctx, xml`<property_definitions type="array">${definitions}</property_definitions>`);
    }),
  );

  router.get(
    '/api/v2/projects/:project/feeds/events.xml',
    inProject((ctx, project) => {
      const page = field(ctx.URL.searchParams, 'page');
      const feed = eventsFeed(addresses, project, page ? Number(page) : null);
      return feed ? sendXml(ctx, feed, 'application/atom+xml') : refuseAccess(ctx, 404);
    }),
  );

  router.get(
    '/api/v2/projects/:project/murmurs.xml',
    inProject((ctx, project) => {
      const page = Math.trunc(Number(field(ctx.URL.searchParams, 'page') || 1));
      sendXml(ctx, murmursXml(api, project.murmurs, page > 0 ? page : 1));
    }),
  );

  router.all('/api/v2/{*rest}', (ctx: Web) => refuseAccess(ctx, 404));
};
