import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { migrate } from '../../src/store/engine/migrate.js';
import { openSqlite } from '../../src/store/engine/sqlite.js';

const MAIN = resolve('dist/main.js');

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves once the standard output holds this text; rejects when the process ends without it. */
  saying(text: string): Promise<void>;
}

/** An empty folder of its own, with what is needed to write a configuration there. */
export const openFolder = () => {
  const path = mkdtempSync(join(tmpdir(), 'oriel-cli-'));
  return {
    path,
    write(name: string, data: unknown): string {
      const file = join(path, name);
      // A configuration has no aliases: what is the same object twice here is written twice.
      const text = typeof data === 'string' ? data : stringify(data, { aliasDuplicateObjects: false });
      writeFileSync(file, text);
      return file;
    },
    /** Makes a database as a server makes it when it starts: no other command does. */
    async makeDatabase(name = 'oriel.db'): Promise<void> {
      const database = await openSqlite(join(path, name));
      await migrate(database);
      await database.close();
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
};

/** Starts the command line as it would be shipped. Its environment holds nothing but what is given. */
export const start = (
  args: readonly string[],
  {
    cwd,
    env = {},
    input,
    main = MAIN,
  }: {
    readonly cwd: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly input?: string;
    readonly main?: string;
  },
): Started => {
  const child = spawn(process.execPath, [main, ...args], { cwd, env: { PATH: process.env.PATH, ...env } });
  if (input !== undefined) child.stdin.end(input);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<Ended>((done) => {
    child.on('close', (code) => done({ code, out, err }));
  });
  return {
    child,
    ended,
    saying: (text) =>
      new Promise((found, missed) => {
        const look = (): void => {
          if (out.includes(text)) found();
        };
        child.stdout.on('data', look);
        look();
        void ended.then(() => missed(new Error(`it ended without “${text}”: ${out}${err}`)));
      }),
  };
};

// Below those that the system hands out by itself, for connections too: one of these could be taken in the moment between.
const LOWEST = 20_000;
/** Ports for each worker of a run: two that look at the same moment would find the same one free. */
const SHARE = 750;
const SHARES = 16;
const first = LOWEST + SHARE * (Number(process.env.VITEST_POOL_ID ?? 0) % SHARES);
let next = randomInt(SHARE);

const isFree = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const server = createServer()
      .on('error', () => done(false))
      .listen(port, '127.0.0.1', () => server.close(() => done(true)));
  });

/** A port that is free just now, and that no other caller gets before it is used. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    next = (next + 1) % SHARE;
    const port = first + next;
    if (await isFree(port)) return port;
  }
};

export const KEY = `k1:${Buffer.alloc(32, 3).toString('base64url')}`;

/** A configuration to serve on loopback, with a host and a provider. */
export const loopback = (port: number) => ({
  gadgetOrigin: `http://127.0.0.1:${port}`,
  siteOrigin: `http://localhost:${port}`,
  listen: { port },
  keys: [`\${ORIEL_KEY}`],
  hosts: {
    gocd: {
      origins: ['http://localhost:1'],
      key: { algorithm: 'HS256', secret: 'canary-host-secret-of-enough-bytes' },
      gadgets: ['mingle-cards'],
      providers: ['mingle'],
    },
  },
  providers: {
    mingle: {
      preset: 'mingle',
      url: 'http://localhost:2',
      client: { id: 'oriel', secret: 'canary-client-secret' },
    },
  },
});
