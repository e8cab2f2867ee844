import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../config/read-config.js';
import type { Clock, Waker } from '../../domain/system.js';
import type { Limits } from '../../server/limits.js';
import { openLog } from '../../server/log.js';
import { systemClock } from '../../server/node-system.js';
import { Server } from '../../server.js';
import type { DatabaseAddress } from '../../store/engine/database-address.js';
import { openStores } from '../../store/open-stores.js';
import type { SealingKey } from '../../store/sealing/sealing-key.js';

/** The machine's clock, which a run can put forward, so that tokens and answers run out, and hold still. */
export class SteeredClock implements Clock {
  #ahead = 0;
  #held: { readonly now: number; readonly monotonic: number } | null = null;

  // Some keep a clock's functions apart from it.
  readonly now = (): number => this.#held?.now ?? systemClock.now() + this.#ahead;

  readonly monotonic = (): number => this.#held?.monotonic ?? systemClock.monotonic() + this.#ahead;

  readonly sleep = (ms: number, waker?: Waker): Promise<void> => systemClock.sleep(ms, waker);

  advance(ms: number): void {
    this.#ahead += ms;
  }

  hold(): void {
    this.#held = { now: this.now(), monotonic: this.monotonic() };
  }

  release(): void {
    this.#held = null;
  }
}

/** Where people reach the server, and the port of loopback at which it listens. */
export interface Place {
  readonly port: number;
  readonly gadgetOrigin: string;
  readonly siteOrigin: string;
}

/** A port of loopback that nothing listens on. */
export const freePlace = async (): Promise<Place> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { port, gadgetOrigin: `http://127.0.0.1:${port}`, siteOrigin: `http://localhost:${port}` };
};

/** What is left of a server that has stopped. */
export interface Remains {
  readonly log: string;
  readonly audit: string;
  /** The files of the database, each byte a character. */
  readonly database: string;
}

const AUDIT_PAGE = 500;

const auditText = async (url: DatabaseAddress, keys: readonly SealingKey[]): Promise<string> => {
  const stores = await openStores({ url, keys, clock: systemClock, schema: 'as-it-is' });
  const texts: string[] = [];
  try {
    for (let after = 0; ; ) {
      const page = await stores.audit.since({}, { after, limit: AUDIT_PAGE });
      texts.push(...page.map((entry) => JSON.stringify(entry)));
      const last = page.at(-1);
      if (last === undefined) return texts.join('\n');
      after = last.seq;
    }
  } finally {
    await stores.close();
  }
};

/** The program's own server on a database that is thrown away, with a log of every level. */
export class VerifiedServer {
  readonly clock: SteeredClock;
  readonly #folder: string;
  readonly #written: (records: object) => Buffer;
  readonly #lines: string[];
  readonly #server: Server;

  private constructor(
    clock: SteeredClock,
    folder: string,
    written: (records: object) => Buffer,
    lines: string[],
    server: Server,
  ) {
    this.clock = clock;
    this.#folder = folder;
    this.#written = written;
    this.#lines = lines;
    this.#server = server;
  }

  /** `records` are the hosts and providers as `oriel.yaml` has them, `folders` those of gadgets beside the built-in ones. */
  static async start(
    root: string,
    place: Place,
    folders: readonly string[],
    records: object,
    limits: Partial<Limits>,
  ): Promise<VerifiedServer> {
    const folder = mkdtempSync(join(tmpdir(), 'oriel-verify-'));
    const key = `verify:${randomBytes(32).toString('base64url')}`;
    const { port, gadgetOrigin, siteOrigin } = place;
    const written = (more: object): Buffer =>
      Buffer.from(
        JSON.stringify({
          ...{ gadgetOrigin, siteOrigin, listen: { host: '127.0.0.1', port }, keys: [key] },
          ...{ database: 'sqlite:./oriel.db', gadgets: folders, admin: { enabled: false } },
          ...{ logLevel: 'trace', outgoingProxy: 'none', ...more },
        }),
      );
    const file = join(folder, 'oriel.yaml');
    try {
      writeFileSync(file, written(records));
      const config = parseConfig(written(records), file, {});
      const lines: string[] = [];
      const log = openLog('trace', { write: (line: string) => void lines.push(line) });
      const clock = new SteeredClock();
      const server = await Server.create(config, { root, log, clock, limits });
      await server.listen();
      return new VerifiedServer(clock, folder, written, lines, server);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Serves by other hosts and providers once this resolves. */
  async reload(records: object): Promise<void> {
    writeFileSync(join(this.#folder, 'oriel.yaml'), this.#written(records));
    await this.#server.reload();
  }

  /** Stops it, and gives what it wrote; nothing of it is left on the disk. */
  async close(): Promise<Remains> {
    await this.#server.drain();
    try {
      const { database: url, keys } = parseConfig(this.#written({}), join(this.#folder, 'oriel.yaml'), {});
      const audit = await auditText(url, keys);
      const files = readdirSync(this.#folder).filter((name) => name.startsWith('oriel.db'));
      const database = files.map((name) => readFileSync(join(this.#folder, name), 'latin1')).join('\n');
      return { log: this.#lines.join(''), audit, database };
    } finally {
      rmSync(this.#folder, { recursive: true, force: true });
    }
  }
}
