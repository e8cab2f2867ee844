import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import cookie from '@fastify/cookie';
import etag from '@fastify/etag';
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import oauth2 from '@fastify/oauth2';
import session from '@fastify/session';
import view from '@fastify/view';
import ejs from 'ejs';
import fastify from 'fastify';
import { destination } from 'pino';
import { cardsOf, issuesOf, rememberedPage, saveToken, setup, viewerOf } from './shared.mjs';

/*
 * The gadget as someone writes it by hand with Fastify, its plugins for sessions and OAuth 2.0, and EJS.
 * As with Express, sessions are in memory, which is the quickest there is.
 */
const app = fastify({
  // One line for each request, as the others write it; Fastify's own would be two.
  disableRequestLogging: true,
  logger: { stream: destination({ dest: 1, sync: false }) },
  trustProxy: 'loopback',
});
app.addHook('onResponse', async (req, res) => {
  req.log.info({ method: req.method, path: req.url, status: res.statusCode, ms: res.elapsedTime });
});
app.get('/readyz', () => 'ready');

await app.register(helmet, {
  contentSecurityPolicy: { directives: { frameAncestors: ['http://localhost:9'] } },
  crossOriginResourcePolicy: { policy: 'cross-origin' },
  xFrameOptions: false,
});
await app.register(formbody);
await app.register(etag);
await app.register(view, {
  engine: { ejs },
  root: join(fileURLToPath(import.meta.url), '..', 'views'),
  production: true,
  viewExt: 'ejs',
});
await app.register(cookie);
await app.register(session, {
  cookieName: 'sid',
  secret: setup.secret,
  saveUninitialized: false,
  rolling: false,
  cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto', maxAge: 900_000 },
});
const redirectUri = `http://127.0.0.1:${setup.port}/callback`;
await app.register(oauth2, {
  name: 'mingle',
  credentials: {
    client: { id: 'bench', secret: setup.secret },
    auth: { authorizeHost: setup.provider, tokenHost: setup.provider },
    options: { authorizationMethod: 'body' },
  },
  startRedirectPath: '/login',
  callbackUri: redirectUri,
});

const signedIn = async (req, res) => {
  if (req.session.get('viewer') === undefined) return res.code(401).send('Reload the page.');
};
const sendPrivate = (res, html) =>
  res.header('Cache-Control', 'private, no-cache').type('text/html; charset=utf-8').send(html);

app.post('/launch', async (req, res) => {
  const viewer = await viewerOf(req.body.token);
  await req.session.regenerate();
  req.session.set('viewer', viewer);
  return sendPrivate(res, await res.viewAsync('frame', { title: 'Cards' }));
});
app.get('/callback', { preHandler: signedIn }, async (req, res) => {
  const { token } = await app.mingle.getAccessTokenFromAuthorizationCodeFlow(req, res);
  await saveToken(req.session.get('viewer'), token);
  return res.redirect('/cards');
});

const page = async (name, model) => app.view(name, model);
app.get('/cards', { preHandler: signedIn }, async (req, res) => {
  const viewer = req.session.get('viewer');
  return sendPrivate(res, await rememberedPage(viewer, async () => page('cards', await cardsOf(viewer))));
});
app.get('/cold/cards', { preHandler: signedIn }, async (req, res) =>
  sendPrivate(res, await page('cards', await cardsOf(req.session.get('viewer')))),
);
app.get('/cold/issues', { preHandler: signedIn }, async (req, res) =>
  sendPrivate(res, await page('issues', await issuesOf(req.session.get('viewer')))),
);

await app.listen({ port: setup.port, host: '127.0.0.1' });
process.on('SIGTERM', () => {
  app.server.closeAllConnections();
  app.close();
  process.exit(0);
});
