import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseConfig } from '../../src/config/read-config.js';
import { openLog } from '../../src/server/log.js';
import { Server, type ServerOptions } from '../../src/server.js';
import { freePort } from '../cli/command-line.js';

/** The repository: where `templates`, `gadgets` and `dist` are. */
export const ROOT = resolve(import.meta.dirname, '../..');
export const KEY = `k1:${Buffer.alloc(32, 7).toString('base64url')}`;

/** What `oriel.yaml` would hold, as far as a test says something about it. */
type Configuration = Readonly<Record<string, unknown>>;

export interface TestServerOptions extends Omit<ServerOptions, 'root' | 'log'> {
  /** A port that a test had to know before. */
  readonly port?: number;
  /** Origins that lead here through something else, such as a proxy. */
  readonly gadgetOrigin?: string;
  readonly siteOrigin?: string;
  /** Files beside the configuration, by their path below its folder. */
  readonly files?: Readonly<Record<string, string>>;
  /** The URL of a PostgreSQL database, in place of the file: a configuration names none yet. */
  readonly postgres?: string;
  readonly logLevel?: 'trace' | 'info' | 'warn' | 'silent';
  /** Called before it listens, as the program does it. */
  readonly invites?: boolean;
}

/**
 * The very server that the program runs, in this process, on a port of loopback: `127.0.0.1` is the gadget origin and `localhost` the
 * site's. Its database is a file in a folder of its own, which goes with it.
 */
export const createTestServer = async (given: Configuration = {}, options: TestServerOptions = {}) => {
  const port = options.port ?? (await freePort());
  const gadgetOrigin = options.gadgetOrigin ?? `http://127.0.0.1:${port}`;
  const siteOrigin = options.siteOrigin ?? `http://localhost:${port}`;
  const folder = mkdtempSync(join(tmpdir(), 'oriel-server-'));
  const file = join(folder, 'oriel.yaml');
  const database = join(folder, 'oriel.db');
  for (const [path, text] of Object.entries(options.files ?? {})) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const written = (config: Configuration): Buffer =>
    Buffer.from(
      JSON.stringify({
        ...{ gadgetOrigin, siteOrigin, listen: { host: '127.0.0.1', port }, keys: [KEY] },
        ...{ database: `sqlite:${database}`, ...config },
      }),
    );
  writeFileSync(file, written(given));
  const lines: string[] = [];
  const log = openLog(options.logLevel ?? 'trace', { write: (line: string) => void lines.push(line) });
  const config = parseConfig(written(given), file, {});
  const used = { ...config, database: options.postgres ?? config.database };
  const server = await Server.create(used, { ...options, root: ROOT, log });
  const invitation = options.invites ? await server.inviteFirst() : null;
  await server.listen();
  return {
    server,
    port,
    gadgetOrigin,
    siteOrigin,
    folder,
    file,
    database,
    /** Every line of its log, oldest first. */
    lines: lines as readonly string[],
    invitation,
    /** Rewrites the configuration and reloads it; resolves when the server uses it. */
    async reload(config: Configuration): Promise<void> {
      writeFileSync(file, written(config));
      await server.reload();
    },
    async close(): Promise<void> {
      await server.drain();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
