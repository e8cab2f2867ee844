import type { ApiKey, ApiScope } from '../../domain/administrator.js';
import type { Database, Row } from '../engine/database.js';
import { first, integer, json, maybe, text, toJson } from '../engine/rows.js';
import { sql } from '../engine/sql.js';

/** A use is noted at most this often, ms: not every call is worth a write. */
const TOUCH_EVERY = 60_000;

const keyOf = (row: Row): ApiKey => ({
  id: text(row, 'id'),
  name: json<string>(row, 'name'),
  scopes: json<readonly ApiScope[]>(row, 'scopes'),
  createdAt: integer(row, 'created_at'),
  createdBy: json<string>(row, 'created_by'),
  createdByAdmin: maybe(text)(row, 'created_by_admin'),
  expiresAt: integer(row, 'expires_at'),
  lastUsedAt: maybe(integer)(row, 'last_used_at'),
  revokedAt: maybe(integer)(row, 'revoked_at'),
});

/** Keys of the administration API, under the hashes of their secrets. */
export class ApiKeyStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async create(
    key: Omit<ApiKey, 'lastUsedAt' | 'revokedAt'> & { readonly secretHash: string },
  ): Promise<void> {
    const { id, name, scopes, secretHash, createdAt, createdBy, createdByAdmin, expiresAt } = key;
    await this.#database.write(sql`
      insert into api_key (id, name, scopes, secret_hash, created_at, created_by, created_by_admin, expires_at)
      values (${id}, ${toJson(name)}, ${toJson(scopes)}, ${secretHash}, ${createdAt}, ${toJson(createdBy)},
        ${createdByAdmin}, ${expiresAt})`);
  }

  async list(): Promise<readonly ApiKey[]> {
    return (await this.#database.read(sql`select * from api_key order by created_at desc, id`)).map(keyOf);
  }

  async byHash(secretHash: string): Promise<ApiKey | null> {
    const rows = await this.#database.read(sql`select * from api_key where secret_hash = ${secretHash}`);
    return first(rows, keyOf);
  }

  /** False when there is none, or it was revoked before. */
  async revoke(id: string, now: number): Promise<boolean> {
    const rows = await this.#database.write(sql`
      update api_key set revoked_at = ${now} where id = ${id} and revoked_at is null returning id`);
    return rows.length > 0;
  }

  /** Notes its use, at most once a minute. */
  async touch(id: string, now: number): Promise<void> {
    await this.#database.write(sql`
      update api_key set last_used_at = ${now}
      where id = ${id} and (last_used_at is null or last_used_at <= ${now - TOUCH_EVERY})`);
  }
}
