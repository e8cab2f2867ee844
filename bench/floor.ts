import { createSecretKey, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import Router from '@koa/router';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { jwtVerify } from 'jose';
import Koa from 'koa';
import nunjucks from 'nunjucks';
import { destination, pino } from 'pino';
import sqlite3 from 'sqlite3';
import { Pool } from 'undici';
import { addFilters } from '../src/views/filters/all.js';
import { Messages, type MessageValues } from '../src/views/messages.js';

/** What the floor serves: the very bytes and headers that Oriel was seen to send. */
export interface FloorSetup {
  readonly port: number;
  readonly root: string;
  readonly database: string;
  readonly provider: string;
  readonly secret: string;
  readonly warm: { readonly headers: Readonly<Record<string, string>>; readonly body: string };
  readonly launch: { readonly headers: Readonly<Record<string, string>>; readonly body: string };
  /** What the template of the cold gadget is given beside the answers. */
  readonly model: Readonly<Record<string, unknown>>;
  readonly target: string;
  readonly definitions: string;
  /** The path of the gadget that reads JSON. */
  readonly issues: string;
}

const setup = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as FloorSetup;
const log = pino(
  { base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` },
  destination({ dest: 1, sync: false }),
);

const app = new Koa();
const router = new Router();

// The same line for each request as the product writes.
app.use(async (ctx, next) => {
  const started = performance.now();
  const requestId = randomUUID();
  ctx.set('X-Request-Id', requestId);
  await next();
  log.info({
    gadget: 'mingle-cards',
    state: 'content',
    requestId,
    method: ctx.method,
    route: (ctx as { _matchedRoute?: string })._matchedRoute,
    client: ctx.req.socket.remoteAddress,
    status: ctx.status,
    ms: Math.round((performance.now() - started) * 10) / 10,
  });
});

const warmBody = Buffer.from(setup.warm.body);
router.get('/warm', (ctx) => {
  ctx.set(setup.warm.headers);
  ctx.body = warmBody;
});

router.get('/same', (ctx) => {
  ctx.set(setup.warm.headers);
  ctx.status = 200;
  if (ctx.fresh) ctx.status = 304;
  else ctx.body = warmBody;
});

const database = new sqlite3.Database(setup.database);
database.serialize(() => {
  database.run('pragma journal_mode = wal');
  database.run('pragma synchronous = full');
  database.run('create table launch (jti text primary key, session text not null, expires bigint not null)');
});
const insert = database.prepare('insert into launch values (?, ?, ?)');
const key = createSecretKey(Buffer.from(setup.secret));
const launchBody = Buffer.from(setup.launch.body);

const bodyOf = async (request: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

router.post('/launch', async (ctx) => {
  const form = new URLSearchParams(await bodyOf(ctx.req));
  const { payload } = await jwtVerify(form.get('token') ?? '', key, {
    algorithms: ['HS256'],
    clockTolerance: 30,
  });
  await new Promise<void>((resolve, reject) => {
    insert.run(payload.jti, randomUUID(), Date.now() + 900_000, (error: Error | null) =>
      error ? reject(error) : resolve(),
    );
  });
  ctx.set(setup.launch.headers);
  ctx.body = launchBody;
});

const pool = new Pool(setup.provider, { connections: 64 });
const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@', parseTagValue: false });
const files = new nunjucks.FileSystemLoader(
  ['templates', 'gadgets', 'bench/gadgets'].map((folder) => join(setup.root, folder)),
);
/** Views import the pieces by this name. */
const pieces = {
  getSource: (name: string) => (name === 'oriel' ? { ...files.getSource('oriel.njk'), path: name } : null),
} as unknown as nunjucks.ILoader;
const templates = new nunjucks.Environment([pieces, files]);
addFilters(templates);
const messages = new Messages(join(setup.root, 'templates', 'messages'));
templates.addGlobal('t', (key: string, values?: MessageValues) => messages.html('en', key, values));
templates.addGlobal('tText', (key: string, values?: MessageValues) => messages.text('en', key, values));
const view = templates.getTemplate('states/content.njk', true);

const fetchText = async (path: string, accept: string): Promise<string> => {
  // The same call as the product makes: the same headers, a deadline for the whole, the body as bytes.
  const headers = {
    'accept-encoding': 'gzip, br',
    accept,
    authorization: `Token token="${'0'.repeat(64)}"`,
    'user-agent': 'Oriel',
  };
  const answer = await pool.request({ method: 'GET', path, headers, signal: AbortSignal.timeout(10_000) });
  return Buffer.from(await answer.body.arrayBuffer()).toString();
};

const fetchXml = async (path: string): Promise<unknown> => {
  const xml = await fetchText(path, 'application/xml');
  if (XMLValidator.validate(xml) !== true) throw new Error('not XML');
  return parser.parse(xml);
};

router.get('/cold', async (ctx) => {
  const fetchedAt = Date.now();
  await fetchXml(setup.definitions);
  const data = await fetchXml(setup.target);
  const answer = { data, fetchedAt, stale: false, pages: 1, more: false };
  const html = view.render({ ...setup.model, answers: { cards: answer } });
  ctx.set(setup.warm.headers);
  ctx.body = html;
});

router.get('/cold-json', async (ctx) => {
  const fetchedAt = Date.now();
  const data: unknown = JSON.parse(await fetchText(setup.issues, 'application/json'));
  const answer = { data, fetchedAt, stale: false, pages: 1, more: false };
  const gadget = { id: 'cold-issues', title: 'Issues', view: 'cold-issues/view.njk' };
  const html = view.render({ ...setup.model, gadget, answers: { issues: answer } });
  ctx.set(setup.warm.headers);
  ctx.body = html;
});

router.get('/readyz', (ctx) => {
  ctx.body = 'ready';
});

app.use(router.routes());
const server = app.listen(setup.port, '127.0.0.1');
process.on('SIGTERM', () => {
  server.closeAllConnections();
  server.close();
  process.exit(0);
});
