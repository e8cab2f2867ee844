import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express from 'express';
import session from 'express-session';
import helmet from 'helmet';
import { destination, pino } from 'pino';
import { request } from 'undici';
import { cardsOf, issuesOf, rememberedPage, saveToken, setup, viewerOf } from './shared.mjs';

/*
 * The gadget as someone writes it by hand with Express, express-session and EJS: who is looking is in a session, their token in a database.
 * The session store is the quickest there is, in memory: one that survives a restart would cost each request a read.
 */
const app = express();
app.set('trust proxy', 'loopback');
app.set('view engine', 'ejs');
app.set('views', join(fileURLToPath(import.meta.url), '..', 'views'));

const log = pino(destination({ dest: 1, sync: false }));
app.use((req, res, next) => {
  const started = performance.now();
  res.on('finish', () =>
    log.info({ method: req.method, path: req.path, status: res.statusCode, ms: performance.now() - started }),
  );
  next();
});
app.get('/readyz', (_req, res) => {
  res.send('ready');
});
app.use(
  helmet({
    contentSecurityPolicy: { directives: { frameAncestors: ['http://localhost:9'] } },
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    xFrameOptions: false,
  }),
);
app.use(
  session({
    name: 'sid',
    secret: setup.secret,
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto', maxAge: 900_000 },
  }),
);

const render = (view, model) =>
  new Promise((resolve, reject) =>
    app.render(view, model, (error, html) => (error ? reject(error) : resolve(html))),
  );
const signedIn = (req, res, next) => {
  if (req.session.viewer === undefined) res.status(401).send('Reload the page.');
  else next();
};
const sendPrivate = (res, html) => res.set('Cache-Control', 'private, no-cache').type('html').send(html);

app.post('/launch', express.urlencoded({ extended: false }), async (req, res) => {
  const viewer = await viewerOf(req.body.token);
  await new Promise((resolve, reject) =>
    req.session.regenerate((error) => (error ? reject(error) : resolve())),
  );
  req.session.viewer = viewer;
  sendPrivate(res, await render('frame', { title: 'Cards' }));
});

const redirectUri = `http://127.0.0.1:${setup.port}/callback`;
app.get('/login', signedIn, (req, res) => {
  req.session.state = randomBytes(16).toString('base64url');
  const url = new URL('/oauth/authorize', setup.provider);
  url.search = new URLSearchParams({
    ...{ response_type: 'code', client_id: 'bench', redirect_uri: redirectUri, state: req.session.state },
  }).toString();
  res.redirect(url.href);
});
app.get('/callback', signedIn, async (req, res) => {
  const { state } = req.session;
  delete req.session.state;
  if (state === undefined || req.query.state !== state) {
    res.status(400).send('Start again.');
    return;
  }
  const { body } = await request(`${setup.provider}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      ...{ grant_type: 'authorization_code', code: String(req.query.code), redirect_uri: redirectUri },
      ...{ client_id: 'bench', client_secret: setup.secret },
    }).toString(),
  });
  await saveToken(req.session.viewer, await body.json());
  res.redirect('/cards');
});

app.get('/cards', signedIn, async (req, res) => {
  const { viewer } = req.session;
  sendPrivate(res, await rememberedPage(viewer, async () => render('cards', await cardsOf(viewer))));
});
app.get('/cold/cards', signedIn, async (req, res) => {
  sendPrivate(res, await render('cards', await cardsOf(req.session.viewer)));
});
app.get('/cold/issues', signedIn, async (req, res) => {
  sendPrivate(res, await render('issues', await issuesOf(req.session.viewer)));
});

const server = app.listen(setup.port, '127.0.0.1');
process.on('SIGTERM', () => {
  server.closeAllConnections();
  server.close();
  process.exit(0);
});
