import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { freePort, openFolder, type Started, start } from '../cli/command-line.js';
import { HOST_SECRET, signHostToken } from '../support/host-token.js';
import { type Postgres, startPostgres } from '../support/postgres.js';
import { Balancer } from './balancer.js';
import { RotatingProvider } from './rotating-provider.js';
import { ShiftedClock } from './shifted-clock.js';

const KEY = `k1:${Buffer.alloc(32, 5).toString('base64url')}`;

const GADGET = `
title: Mine
description: What only its viewer may see.
parameters:
  n: { title: Number, type: integer, min: 0, max: 999, default: 0 }
requests:
  mine: { provider: strict, path: "/api/mine", query: { n: "{n}" }, format: json, ttl: 1 }
`;
const VIEW = '<p>{{ answers.mine.data.owner }}</p>';

/** Several servers on one PostgreSQL behind a load balancer, and a strict provider. */
export class TestCluster {
  readonly provider = new RotatingProvider();
  readonly #balancer = new Balancer();
  readonly #folder = openFolder();
  /** Of all servers. */
  readonly clock = new ShiftedClock(this.#folder.path);
  readonly #servers: (Started | null)[] = [];
  #ports: readonly number[] = [];
  #env: Readonly<Record<string, string>> = {};
  #postgres: Postgres | null = null;
  database = '';
  /** When a server was killed. */
  readonly killedAt: number[] = [];
  /** What servers printed that were killed since. */
  #printed = '';

  /** Beside which their configurations are. */
  get folder(): string {
    return this.#folder.path;
  }

  get gadgetOrigin(): string {
    return `http://127.0.0.1:${this.#balancer.port}`;
  }

  get siteOrigin(): string {
    return `http://localhost:${this.#balancer.port}`;
  }

  /** Where each server listens, behind the load balancer. */
  get ports(): readonly number[] {
    return this.#ports;
  }

  /** `env`: variables of the servers, in place of those of the clock. */
  async start(servers: number, env = this.clock.env): Promise<void> {
    this.#env = env;
    await Promise.all([this.provider.start(), this.#balancer.start()]);
    this.#postgres = await startPostgres();
    this.database = await this.#postgres.database();
    this.#writeGadget();
    const ports: number[] = [];
    for (let index = 0; index < servers; index += 1) {
      ports.push(await freePort());
      this.#folder.write(`${index}.yaml`, this.#configuration(ports[index] ?? 0));
    }
    this.#ports = ports;
    this.#balancer.ports = ports;
    await Promise.all(ports.map((_, index) => this.startServer(index)));
  }

  async startServer(index: number): Promise<void> {
    const server = start(['serve', '--config', `${index}.yaml`], {
      ...{ cwd: this.#folder.path, env: this.#env },
    });
    this.#servers[index] = server;
    const port = this.#ports[index];
    let hasEnded = false;
    void server.ended.then(() => {
      hasEnded = true;
    });
    while (!hasEnded) {
      const isReady = await fetch(`http://127.0.0.1:${port}/readyz`).then(
        async (answer) => (await answer.text()) !== '' && answer.ok,
        () => false,
      );
      if (isReady) return;
      await pause(50);
    }
    throw new Error((await server.ended).err);
  }

  /** Kills a server (SIGKILL) and starts it again. */
  async kill(index: number): Promise<void> {
    const server = this.#servers[index];
    server?.child.kill('SIGKILL');
    const ended = await server?.ended;
    this.killedAt.push(Date.now());
    this.#printed += `${ended?.out}${ended?.err}`;
    // The database may be away just now: then it does not start, as under any supervisor.
    for (;;) {
      const isServing = await this.startServer(index).then(
        () => true,
        () => false,
      );
      if (isServing) return;
    }
  }

  /** Ends every connection that servers have to the database; returns how many these were. */
  async cutDatabase(): Promise<number> {
    const cut = await this.#ask(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'oriel'`,
    );
    return cut.length;
  }

  async restartDatabase(): Promise<void> {
    await this.#postgres?.restart();
  }

  /** The Connections by status and reason. */
  async connections(): Promise<Readonly<Record<string, number>>> {
    const rows = await this.#ask(
      `select status || coalesce(' ' || reason, '') as what, count(*)::int as count from connection group by 1`,
    );
    return Object.fromEntries(rows.map(({ what, count }) => [what, count]));
  }

  token(person: string): Promise<string> {
    return signHostToken({ iss: 'page', aud: this.gadgetOrigin, sub: person, name: person });
  }

  /** The process of each server. */
  pids(): readonly number[] {
    return this.#servers.flatMap((server) => (server?.child.pid === undefined ? [] : [server.child.pid]));
  }

  /** Ends everything; returns what the servers printed. */
  async close(): Promise<string> {
    for (const server of this.#servers) server?.child.kill('SIGTERM');
    const ended = await Promise.all(this.#servers.map((server) => server?.ended));
    await Promise.all([this.provider.close(), this.#balancer.close(), this.#postgres?.stop()]);
    this.#folder.remove();
    return this.#printed + ended.map((each) => `${each?.out}${each?.err}`).join('');
  }

  async #ask(text: string): Promise<readonly Record<string, never>[]> {
    const client = new pg.Client(this.database);
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  #writeGadget(): void {
    mkdirSync(join(this.#folder.path, 'gadgets/mine'), { recursive: true });
    this.#folder.write('gadgets/mine/gadget.yaml', GADGET);
    this.#folder.write('gadgets/mine/view.njk', VIEW);
  }

  #configuration(port: number): object {
    const provider = `http://127.0.0.1:${this.provider.port}`;
    return {
      ...{ gadgetOrigin: this.gadgetOrigin, siteOrigin: this.siteOrigin, listen: { port } },
      ...{ database: this.database, keys: [KEY], gadgets: ['./gadgets'], memoryBudget: 64, logLevel: 'warn' },
      hosts: {
        page: {
          origins: ['http://localhost:1'],
          key: { algorithm: 'HS256', secret: HOST_SECRET },
          ...{ gadgets: ['mine'], providers: ['strict'] },
        },
      },
      providers: {
        strict: {
          ...{ name: 'Strict', url: provider, api: provider },
          authorizationEndpoint: `${provider}/authorize`,
          tokenEndpoint: `${provider}/token`,
          revocationEndpoint: `${provider}/revoke`,
          client: { id: 'oriel', secret: 'chaos-client-secret' },
          account: { target: '/api/me', id: 'id', label: 'name' },
          allowAddresses: ['127.0.0.0/8'],
        },
      },
    };
  }
}
