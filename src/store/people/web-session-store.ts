import { createHash } from 'node:crypto';
import type { Viewer } from '../../domain/viewer.js';
import type { Database } from '../engine/database.js';
import { first, text } from '../engine/rows.js';
import { sql } from '../engine/sql.js';

/** The key is what a cookie carries: who reads the database must not find it there. */
const hashOf = (key: string): string => createHash('sha256').update(key).digest('base64url');

/** Sessions of people on the site origin, as koa-session stores them, under the hashes of their keys. */
export class WebSessionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async get(key: string, now: number): Promise<string | null> {
    const rows = await this.#database.read(sql`
      select content from web_session where key_hash = ${hashOf(key)} and expires_at > ${now}`);
    return first(rows, (row) => text(row, 'content'));
  }

  /** `viewer` is whose session it is, where it is a viewer's: it ends when they are forgotten. */
  async set(key: string, content: string, expiresAt: number, viewer?: Viewer): Promise<void> {
    await this.#database.write(sql`
      insert into web_session (key_hash, content, expires_at, viewer)
      values (${hashOf(key)}, ${content}, ${expiresAt}, ${viewer?.id ?? null})
      on conflict (key_hash) do update
      set content = excluded.content, expires_at = excluded.expires_at, viewer = excluded.viewer`);
  }

  /** As `set`, of a session that is there; one that was destroyed stays so. */
  async replace(key: string, content: string, expiresAt: number): Promise<void> {
    await this.#database.write(sql`
      update web_session set content = ${content}, expires_at = ${expiresAt} where key_hash = ${hashOf(key)}`);
  }

  /** A session that is there goes on as it is. */
  async prolong(key: string, expiresAt: number): Promise<void> {
    await this.#database.write(
      sql`update web_session set expires_at = ${expiresAt} where key_hash = ${hashOf(key)}`,
    );
  }

  async destroy(key: string): Promise<void> {
    await this.#database.write(sql`delete from web_session where key_hash = ${hashOf(key)}`);
  }

  async sweep(now: number): Promise<void> {
    await this.#database.write(sql`delete from web_session where expires_at <= ${now}`);
  }
}
