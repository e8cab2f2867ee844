import type { Admin } from '../../domain/administrator.js';
import type { Database, Row, Run } from '../engine/database.js';
import { first, integer, json, maybe, text, toJson } from '../engine/rows.js';
import { type Query, sql } from '../engine/sql.js';

/** Names that people would take for one another are one name. */
const keyOf = (name: string): string => toJson(name.normalize('NFKC').toLowerCase());

const adminOf = (row: Row): Admin => ({
  id: text(row, 'id'),
  name: json<string>(row, 'name'),
  hasPassword: row.password_hash !== null,
  subject: maybe(json<string>)(row, 'subject'),
  createdAt: integer(row, 'created_at'),
  lastSignInAt: maybe(integer)(row, 'last_sign_in_at'),
  version: integer(row, 'version'),
});

const isNameTaken = async (run: Run, name: string): Promise<boolean> =>
  (await run(sql`select 1 as taken from admin where name_key = ${keyOf(name)}`)).length > 0;

const countIn = async (run: Run): Promise<number> => {
  const [row] = await run(sql`select count(*) as count from admin`);
  return row === undefined ? 0 : integer(row, 'count');
};

/** An invitation that is still good: the first administrator's is so only while there is none. */
const good = (tokenHash: string, now: number): Query => sql`
  token_hash = ${tokenHash} and expires_at > ${now}
  and (is_first = 0 or not exists (select 1 from admin))
  and (admin is null or exists (select 1 from admin as invited where invited.id = invitation.admin))`;

/** Administrators and their invitations. Whatever depends on who else there is happens beside nothing else. */
export class AdminStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  count(): Promise<number> {
    return countIn(this.#database.read);
  }

  async list(): Promise<readonly Admin[]> {
    return (await this.#database.read(sql`select * from admin order by created_at, id`)).map(adminOf);
  }

  async byId(id: string): Promise<Admin | null> {
    return first(await this.#find(sql`id = ${id}`), adminOf);
  }

  /** Without regard to case. */
  async byName(name: string): Promise<(Admin & { readonly passwordHash: string | null }) | null> {
    return first(await this.#find(sql`name_key = ${keyOf(name)}`), (row) => ({
      ...adminOf(row),
      passwordHash: maybe(text)(row, 'password_hash'),
    }));
  }

  async bySubject(issuer: string, subject: string): Promise<Admin | null> {
    return first(await this.#find(sql`issuer = ${issuer} and subject = ${toJson(subject)}`), adminOf);
  }

  /**
   * Uses up the invitation and makes the administrator, or sets the password of the one it was made for. Null when the invitation is
   * unknown, used or too old; `'name-taken'` when another administrator is called so (the invitation stays good).
   */
  accept(accepted: {
    readonly tokenHash: string;
    readonly id: string;
    readonly name: string;
    readonly passwordHash: string;
    readonly now: number;
  }): Promise<Admin | 'name-taken' | null> {
    const { tokenHash, id, name, passwordHash, now } = accepted;
    return this.#database.exclusive('administrators', async (run) => {
      const [invitation] = await run(sql`select admin from invitation where ${good(tokenHash, now)}`);
      if (invitation === undefined) return null;
      const owner = maybe(text)(invitation, 'admin');
      if (owner === null && (await isNameTaken(run, name))) return 'name-taken';
      // Anyone who has set a password needs no other link to set one, and may not know who has one.
      await run(sql`delete from invitation where token_hash = ${tokenHash} or admin = ${owner}`);
      const rows = await run(
        owner === null
          ? sql`
              insert into admin (id, name, name_key, password_hash, created_at, version)
              values (${id}, ${toJson(name)}, ${keyOf(name)}, ${passwordHash}, ${now}, 1) returning *`
          : sql`
              update admin set password_hash = ${passwordHash}, version = version + 1
              where id = ${owner} returning *`,
      );
      return first(rows, adminOf);
    });
  }

  /** Makes or finds the administrator who signed in by OpenID Connect. */
  admit(person: {
    readonly id: string;
    readonly name: string;
    readonly issuer: string;
    readonly subject: string;
    readonly now: number;
  }): Promise<Admin> {
    const { id, name, issuer, subject, now } = person;
    return this.#database.exclusive('administrators', async (run) => {
      const who = sql`issuer = ${issuer} and subject = ${toJson(subject)}`;
      const [known] = await run(sql`select * from admin where ${who}`);
      if (known !== undefined) return adminOf(known);
      // Another person may have the name; no other has name, subject and id together.
      const free = !(await isNameTaken(run, name));
      const own = free ? name : `${name} (${id.slice(0, 8)})`;
      const [made] = await run(sql`
        insert into admin (id, name, name_key, issuer, subject, created_at, version)
        values (${id}, ${toJson(own)}, ${keyOf(own)}, ${issuer}, ${toJson(subject)}, ${now}, 1) returning *`);
      if (made === undefined) throw new Error('An insert returned nothing.');
      return adminOf(made);
    });
  }

  /** Ends every invitation that sets a password of theirs. Null when they are of another version, or gone. */
  setPassword(id: string, passwordHash: string, version: number): Promise<Admin | null> {
    return this.#database.exclusive('administrators', async (run) => {
      const rows = await run(sql`
        update admin set password_hash = ${passwordHash}, version = version + 1
        where id = ${id} and version = ${version} returning *`);
      if (rows.length > 0) await run(sql`delete from invitation where admin = ${id}`);
      return first(rows, adminOf);
    });
  }

  async signedIn(id: string, now: number): Promise<void> {
    await this.#database.write(sql`update admin set last_sign_in_at = ${now} where id = ${id}`);
  }

  /** Ends every open invitation too: they may have made it. False when there is no such administrator, or it is the only one. */
  remove(id: string): Promise<boolean> {
    return this.#database.exclusive('administrators', async (run) => {
      if ((await countIn(run)) < 2) return false;
      const gone = (await run(sql`delete from admin where id = ${id} returning id`)).length > 0;
      // Links that they made would let them in again, or in as someone else.
      if (gone) await run(sql`delete from invitation`);
      return gone;
    });
  }

  /**
   * An invitation for the first administrator, in the place of every other; false when there is an administrator. It is no good any
   * more once there is one, however they came.
   */
  inviteFirst(invitation: { readonly tokenHash: string; readonly expiresAt: number }): Promise<boolean> {
    const { tokenHash, expiresAt } = invitation;
    return this.#database.exclusive('administrators', async (run) => {
      if ((await countIn(run)) > 0) return false;
      await run(sql`delete from invitation`);
      await run(sql`
        insert into invitation (token_hash, is_first, expires_at) values (${tokenHash}, 1, ${expiresAt})`);
      return true;
    });
  }

  /** `admin` is whose password it sets, or null for a new administrator. */
  async invite(invitation: {
    readonly tokenHash: string;
    readonly admin: string | null;
    readonly expiresAt: number;
  }): Promise<void> {
    const { tokenHash, admin, expiresAt } = invitation;
    await this.#database.write(sql`
      insert into invitation (token_hash, admin, is_first, expires_at)
      values (${tokenHash}, ${admin}, 0, ${expiresAt})`);
  }

  /** The invitation, unused, without using it: a GET shows its form. */
  async invitation(tokenHash: string, now: number): Promise<{ readonly admin: string | null } | null> {
    const rows = await this.#database.read(sql`select admin from invitation where ${good(tokenHash, now)}`);
    return first(rows, (row) => ({ admin: maybe(text)(row, 'admin') }));
  }

  async sweep(now: number): Promise<void> {
    await this.#database.write(sql`delete from invitation where expires_at <= ${now}`);
  }

  #find(condition: Query): Promise<readonly Row[]> {
    return this.#database.read(sql`select * from admin where ${condition}`);
  }
}
