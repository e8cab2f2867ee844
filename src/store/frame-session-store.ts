import { FRAME_SESSION_RENEWABLE, type FrameSession } from '../domain/frame-session.js';
import type { Choices, ParameterValues } from '../domain/gadget.js';
import type { ViewerProfile } from '../domain/viewer.js';
import type { Database, Row } from './engine/database.js';
import { integer, json, text, toJson, viewer } from './engine/rows.js';
import { type Query, sql } from './engine/sql.js';
import { VIEWER_LIMITS, type ViewerLimits } from './viewer-limits.js';

export interface NewFrameSession {
  readonly session: FrameSession;
  readonly bearerHash: string;
  readonly jti: string;
  readonly replayableUntil: number;
}

/** A row for each choice, or one without. */
const choicesIn = (rows: readonly Row[]): Choices =>
  Object.fromEntries(
    rows.flatMap((row) =>
      row.choice_of === null ? [] : [[text(row, 'choice_of'), json<string>(row, 'choice')] as const],
    ),
  );

const sessionOf = (row: Row, choices: Choices): FrameSession => ({
  id: text(row, 'session'),
  viewer: viewer(row, 'viewer'),
  profile: json<ViewerProfile>(row, 'profile'),
  gadget: text(row, 'gadget'),
  parameters: json<ParameterValues>(row, 'parameters'),
  locks: text(row, 'locks'),
  choices,
  locale: text(row, 'locale'),
  timeZone: text(row, 'time_zone'),
  launchedAt: integer(row, 'launched_at'),
  expiresAt: integer(row, 'expires_at'),
});

/**
 * Frame sessions as leases: a row for each host token, at launch and at each renewal, under that token's own name. The insert
 * burns the token and lengthens the session at once; the session's row is the one that expires last.
 */
export class FrameSessionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * One durable insert that also burns the `jti`. `replayed` when that token was used before, at launch or renewal; `too-many` when
   * `limits.frames` sessions of this viewer are in force, and then the token was not used.
   */
  async launch(
    launch: NewFrameSession,
    { frames }: Pick<ViewerLimits, 'frames'> = VIEWER_LIMITS,
  ): Promise<'launched' | 'replayed' | 'too-many'> {
    const { viewer: owner, launchedAt } = launch.session;
    // Renewals are rows too. Where even these are fewer than the limit, nothing has to be distinguished.
    const hasRoom = sql`(
        select count(*) from frame_lease
        where viewer = ${owner.id} and expires_at > ${launchedAt}) < ${frames}
      or (
        select count(distinct session) from frame_lease
        where viewer = ${owner.id} and expires_at > ${launchedAt}) < ${frames}`;
    if (await this.#lease(launch, hasRoom)) return 'launched';
    return (await this.#isUsed(launch)) ? 'replayed' : 'too-many';
  }

  /** The session of this bearer with its latest expiry and what its viewer chose, also when expired; null when unknown. */
  async byBearer(bearerHash: string): Promise<FrameSession | null> {
    const rows = await this.#database.read(sql`
      select lease.*, kept.parameter as choice_of, kept.value as choice
      from (
        select * from frame_lease where bearer_hash = ${bearerHash} order by expires_at desc limit 1) as lease
      left join viewer_choice as kept on kept.viewer = lease.viewer and kept.gadget = lease.gadget`);
    return rows[0] === undefined ? null : sessionOf(rows[0], choicesIn(rows));
  }

  /** What `byBearer` would give, where memory knows it without waiting; undefined where it has to be read. */
  recall(_bearerHash: string): FrameSession | undefined {
    return undefined;
  }

  /** Burns the token's `jti` and extends the session, in one insert. False when the token was used before. */
  renew(renewal: NewFrameSession): Promise<boolean> {
    return this.#lease(renewal);
  }

  async sweep(now: number): Promise<void> {
    await this.#database.write(sql`
      delete from frame_lease
      where replayable_until <= ${now} and (
        expires_at <= ${now - FRAME_SESSION_RENEWABLE}
        or exists (
          select 1 from frame_lease as later
          where later.bearer_hash = frame_lease.bearer_hash and later.expires_at > frame_lease.expires_at))`);
  }

  async #lease(
    { session, bearerHash, jti, replayableUntil }: NewFrameSession,
    where: Query = sql`1 = 1`,
  ): Promise<boolean> {
    const rows = await this.#database.write(sql`
      insert into frame_lease (
        token, replayable_until, session, bearer_hash, viewer, profile, gadget,
        parameters, locks, locale, time_zone, launched_at, expires_at)
      select
        ${toJson([session.viewer.host, jti])}, ${replayableUntil}, ${session.id}, ${bearerHash},
        ${session.viewer.id}, ${toJson(session.profile)}, ${session.gadget}, ${toJson(session.parameters)},
        ${session.locks}, ${session.locale}, ${session.timeZone}, ${session.launchedAt}, ${session.expiresAt}
      where ${where}
      on conflict (token) do nothing
      returning token`);
    return rows.length > 0;
  }

  async #isUsed({ session, jti }: NewFrameSession): Promise<boolean> {
    const rows = await this.#database.read(sql`
      select token from frame_lease where token = ${toJson([session.viewer.host, jti])}`);
    return rows.length > 0;
  }
}
