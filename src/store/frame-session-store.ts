import { FRAME_SESSION_RENEWABLE, type FrameSession } from '../domain/frame-session.js';
import type { Choices, ParameterValues } from '../domain/gadget.js';
import { SKEW } from '../domain/system.js';
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

/** More launches of one viewer are not under way in the same moment, on all processes together: each takes a connection to the database. */
const AT_ONCE = 50;

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

/** The insert of one session or renewal, which burns its token; nothing when the token was used before, or `where` does not hold. */
const leasing = (
  { session, bearerHash, jti, replayableUntil }: NewFrameSession,
  where: Query = sql`1 = 1`,
): Query => sql`
  insert into frame_lease (
    token, replayable_until, session, bearer_hash, viewer, profile, gadget,
    parameters, locks, locale, time_zone, launched_at, expires_at)
  select
    ${toJson([session.viewer.host, jti])}, ${replayableUntil}, ${session.id}, ${bearerHash},
    ${session.viewer.id}, ${toJson(session.profile)}, ${session.gadget}, ${toJson(session.parameters)},
    ${session.locks}, ${session.locale}, ${session.timeZone}, ${session.launchedAt}, ${session.expiresAt}
  where ${where}
  on conflict (token) do nothing
  returning token`;

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
    const { viewer: owner, launchedAt, expiresAt } = launch.session;
    // What seems to end later than this one was dated by a clock that has been set back, and would count for as long as that was ahead.
    const inForce = (what: Query): Query => sql`(
      select count(${what}) from frame_lease
      where viewer = ${owner.id} and expires_at > ${launchedAt} and expires_at <= ${expiresAt + SKEW})`;
    // Renewals are rows too. So far below the limit, the launches of one moment do not come to it, and need not wait for each other.
    const farBelow = frames / 2 - AT_ONCE;
    if (farBelow > 0 && (await this.#lease(launch, sql`${inForce(sql`*`)} < ${farBelow}`))) return 'launched';
    const hasRoom = sql`${inForce(sql`*`)} < ${frames} or ${inForce(sql`distinct session`)} < ${frames}`;
    const rows = await this.#database.alone(`viewer ${owner.id}`, leasing(launch, hasRoom));
    if (rows.length > 0) return 'launched';
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

  async #lease(lease: NewFrameSession, where?: Query): Promise<boolean> {
    return (await this.#database.write(leasing(lease, where))).length > 0;
  }

  async #isUsed({ session, jti }: NewFrameSession): Promise<boolean> {
    const rows = await this.#database.read(sql`
      select token from frame_lease where token = ${toJson([session.viewer.host, jti])}`);
    return rows.length > 0;
  }
}
