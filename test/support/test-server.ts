import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { ScryptPasswords } from '../../src/admin/people/password-hashing.js';
import { parseConfig } from '../../src/config/read-config.js';
import { openLog } from '../../src/server/log.js';
import { openServerParts, Server, type ServerOptions, type ServerParts } from '../../src/server.js';
import { migrate } from '../../src/store/engine/migrate.js';
import { openSqlite } from '../../src/store/engine/sqlite.js';
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
  readonly logLevel?: 'trace' | 'info' | 'warn' | 'silent';
  /** Called before it listens, as the program does it. */
  readonly invites?: boolean;
  /** False without the gadgets that come with the program: to read them takes longer than all the rest. */
  readonly bundled?: boolean;
  /** What stands in the place of parts that the program would use. */
  readonly replace?: (parts: ServerParts) => Partial<ServerParts>;
}

const roots = new Map<string, string>();

/**
 * The repository with these of its gadgets alone: to read and check all of them takes longer than all the rest of a test. One for each
 * worker; it goes with the folder of the suite.
 */
export const rootWith = (...gadgets: readonly string[]): string => {
  const known = roots.get(gadgets.join());
  if (known !== undefined) return known;
  const folder = mkdtempSync(join(tmpdir(), 'oriel-root-'));
  for (const name of ['dist', 'docs', 'package.json', 'templates'])
    symlinkSync(join(ROOT, name), join(folder, name));
  mkdirSync(join(folder, 'gadgets'));
  for (const gadget of gadgets)
    cpSync(join(ROOT, 'gadgets', gadget), join(folder, 'gadgets', gadget), { recursive: true });
  roots.set(gadgets.join(), folder);
  return folder;
};

/** The repository without its gadgets. */
export const bareRoot = (): string => rootWith();

let made: Promise<string> | null = null;

const makeDatabase = async (): Promise<string> => {
  const file = join(mkdtempSync(join(tmpdir(), 'oriel-database-')), 'oriel.db');
  const database = await openSqlite(file);
  await migrate(database);
  await database.close();
  return file;
};

/** A database as a server makes it when it first starts, which takes longer than to copy it. One for each worker. */
const madeDatabase = (): Promise<string> => {
  made ??= makeDatabase();
  return made;
};

/** Weak on purpose: what they cost is looked at elsewhere. */
export const quickPasswords = () => new ScryptPasswords({ N: 2 ** 10, r: 8, p: 1 });

const withQuickPasswords = (parts: ServerParts): ServerParts => ({
  ...parts,
  adminDeps: { ...parts.adminDeps, passwords: quickPasswords() },
});

/** One line of the log, with its severity as a word. */
export type LogLine = Readonly<Record<string, unknown>>;

const LEVELS: Readonly<Record<number, string>> = {
  ...{ 10: 'trace', 20: 'debug', 30: 'info' },
  ...{ 40: 'warn', 50: 'error', 60: 'fatal' },
};

const lineOf = (text: string): LogLine => {
  const line = JSON.parse(text) as { readonly level: number };
  return { ...line, level: LEVELS[line.level] };
};

/**
 * The very server that the program runs, in this process, on a port of loopback: `127.0.0.1` is the gadget origin and `localhost` the
 * site's. Its database is a file in a folder of its own, which goes with it, unless the configuration names another. Only passwords are
 * hashed for less.
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
        // What a budget allows is laid out at the start, and a test fills little of it.
        ...{ database: `sqlite:${database}`, memoryBudget: 16, ...config },
      }),
    );
  writeFileSync(file, written(given));
  copyFileSync(await madeDatabase(), database);
  const lines: string[] = [];
  const log = openLog(options.logLevel ?? 'trace', { write: (line: string) => void lines.push(line) });
  const config = parseConfig(written(given), file, {});
  const root = options.bundled === false ? bareRoot() : ROOT;
  const opened = withQuickPasswords(await openServerParts(config, { ...options, root, log }));
  const parts = { ...opened, ...options.replace?.(opened) };
  const server = new Server(parts);
  const invitation = options.invites ? await server.inviteFirst() : null;
  await server.listen();
  return {
    server,
    /** What use cases are given, over the stores that the server uses. */
    deps: parts.adminDeps,
    stores: parts.deps.stores,
    port,
    gadgetOrigin,
    siteOrigin,
    folder,
    file,
    database,
    /** Every line of its log, oldest first. */
    lines: lines as readonly string[],
    /** The same, read. */
    logged: (): readonly LogLine[] => lines.map(lineOf),
    /** What only a mistake of ours writes to the log. */
    bugs: (): readonly LogLine[] => lines.map(lineOf).filter(({ event }) => event === 'bug'),
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
