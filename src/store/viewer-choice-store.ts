import { createHash } from 'node:crypto';
import type { Choices } from '../domain/gadget.js';
import type { Viewer } from '../domain/viewer.js';
import type { Database } from './engine/database.js';
import { integer, json, text, toJson } from './engine/rows.js';
import { type Query, sql } from './engine/sql.js';
import { VIEWER_LIMITS, type ViewerLimits } from './viewer-limits.js';

/** One value that a viewer chose, as text. */
export interface ViewerChoice {
  readonly gadget: string;
  readonly parameter: string;
  readonly value: string;
  readonly chosenAt: number;
}

const MARK_LENGTH = 22;

/** Stands for a viewer and gadget where no person is named. */
export const choicesMark = (viewer: Viewer, gadget: string): string =>
  createHash('sha256')
    .update(toJson([viewer.id, gadget]))
    .digest('base64url')
    .slice(0, MARK_LENGTH);

/**
 * What viewers chose of the parameters that a gadget lets them change. A viewer is one of a host, so this is kept for each viewer, host and
 * gadget. The database notes each change for the servers that remember frame sessions.
 */
export class ViewerChoiceStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async of(viewer: Viewer, gadget: string): Promise<Choices> {
    const rows = await this.#database.read(sql`
      select parameter, value from viewer_choice where viewer = ${viewer.id} and gadget = ${gadget}`);
    return Object.fromEntries(rows.map((row) => [text(row, 'parameter'), json<string>(row, 'value')]));
  }

  /** All of a viewer's, in the order of gadgets and parameters. */
  async ofViewer(viewer: Viewer): Promise<readonly ViewerChoice[]> {
    const rows = await this.#database.read(sql`
      select gadget, parameter, value, chosen_at from viewer_choice where viewer = ${viewer.id}
      order by gadget, parameter`);
    return rows.map((row) => ({
      gadget: text(row, 'gadget'),
      parameter: text(row, 'parameter'),
      value: json<string>(row, 'value'),
      chosenAt: integer(row, 'chosen_at'),
    }));
  }

  /**
   * Writes one down, in the place of the one before. False, and nothing is written, when the viewer's would then be more than
   * `limits.choices`, or take more than `limits.choiceBytes`.
   */
  async put(
    choice: {
      readonly viewer: Viewer;
      readonly gadget: string;
      readonly parameter: string;
      readonly value: string;
      readonly now: number;
    },
    limits: Pick<ViewerLimits, 'choices' | 'choiceBytes'> = VIEWER_LIMITS,
  ): Promise<boolean> {
    const { viewer, gadget, parameter, now } = choice;
    const value = toJson(choice.value);
    const bytes = Buffer.byteLength(gadget + parameter + value);
    const others = sql`viewer = ${viewer.id} and not (gadget = ${gadget} and parameter = ${parameter})`;
    const ofOthers = (what: Query): Query => sql`(select ${what} from viewer_choice where ${others})`;
    const statement = sql`
      insert into viewer_choice (viewer, gadget, parameter, value, bytes, mark, chosen_at)
      select ${viewer.id}, ${gadget}, ${parameter}, ${value}, ${bytes}, ${choicesMark(viewer, gadget)}, ${now}
      where ${ofOthers(sql`count(*)`)} < ${limits.choices}
        and ${ofOthers(sql`coalesce(sum(bytes), 0)`)} <= ${limits.choiceBytes - bytes}
      on conflict (viewer, gadget, parameter) do update
      set value = excluded.value, bytes = excluded.bytes, chosen_at = excluded.chosen_at
      returning parameter`;
    const rows = await this.#database.alone(`viewer ${viewer.id}`, statement);
    return rows.length > 0;
  }

  /** Forgets what was chosen of one parameter of a gadget, or of all of them. */
  async reset(viewer: Viewer, gadget: string, parameter?: string): Promise<void> {
    const one = parameter === undefined ? sql`` : sql`and parameter = ${parameter}`;
    await this.#database.write(sql`
      delete from viewer_choice where viewer = ${viewer.id} and gadget = ${gadget} ${one}`);
  }
}

/**
 * Whose choices changed since a session of theirs was read. A session is compared with this when it is used, so that a change costs the same
 * however many sessions are remembered.
 */
export class ChangedChoices {
  readonly #most: number;
  /** By mark, the earliest first: at which count. */
  readonly #changedAt = new Map<string, number>();
  #count = 0;
  /** Changes up to this count are not told apart any more. */
  #forgotten = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** So many changes are known. */
  get count(): number {
    return this.#count;
  }

  note(mark: string): void {
    this.#count += 1;
    this.#changedAt.delete(mark);
    this.#changedAt.set(mark, this.#count);
    if (this.#changedAt.size <= this.#most) return;
    const [earliest] = this.#changedAt;
    if (earliest === undefined) return;
    this.#changedAt.delete(earliest[0]);
    this.#forgotten = earliest[1];
  }

  /** Whether what was read at this count may have been changed since. */
  haveChanged(mark: string, readAt: number): boolean {
    return readAt < this.#forgotten || readAt < (this.#changedAt.get(mark) ?? 0);
  }
}
