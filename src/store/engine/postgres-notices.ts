import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { PostgresAddress } from './database-address.js';
import { newClient } from './postgres-connections.js';
import { raw, textOf } from './sql.js';

/** The channel of all processes that share a database; the triggers of the schema write to it. */
export const CHANNEL = 'oriel';

/** Milliseconds between two attempts to listen again. */
const AGAIN = 500;
/** So often the server is asked whether the connection is still one, ms: a network can lose it without a word. */
const ALIVE = 30_000;

/**
 * Listens for what other processes note, on a connection of its own, and again when that is lost. Who listens is called after each
 * loss too: what was noted in between was not heard.
 */
export class PostgresNotices {
  readonly #address: PostgresAddress;
  readonly #onNotice: () => void;
  readonly #listening: Promise<void>;
  #isStopped = false;
  #wake: () => void = () => undefined;

  constructor(address: PostgresAddress, onNotice: () => void) {
    this.#address = address;
    this.#onNotice = onNotice;
    this.#listening = this.#listen();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#wake();
    await this.#listening;
  }

  async #listen(): Promise<void> {
    while (!this.#isStopped) {
      const client = newClient(this.#address);
      const ended = new Promise<void>((resolve) => {
        this.#wake = resolve;
        client.once('end', resolve);
        client.once('error', () => resolve());
      });
      try {
        await client.connect();
        client.on('notification', this.#onNotice);
        await client.query(textOf(raw(`listen ${CHANNEL}`), String));
        this.#onNotice();
        await this.#whileAlive(client, ended);
      } catch {
        // The statements that need the server report that it is not there.
      }
      await client.end().catch(() => undefined);
      if (!this.#isStopped) await pause(AGAIN / 2 + randomInt(AGAIN));
    }
  }

  async #whileAlive(client: pg.Client, ended: Promise<void>): Promise<void> {
    const timer = setInterval(() => {
      client
        .query({ text: 'select 1', query_timeout: ALIVE / 2 } as pg.QueryConfig)
        .catch(() => this.#wake());
    }, ALIVE).unref();
    await ended.finally(() => clearInterval(timer));
  }
}
