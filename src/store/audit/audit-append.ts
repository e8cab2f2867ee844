import { createHash } from 'node:crypto';
import type { Actor } from '../../domain/actor.js';
import type { AuditEntry, AuditEvent } from '../../domain/audit-event.js';
import type { Viewer } from '../../domain/viewer.js';
import type { Database, Run } from '../engine/database.js';
import { first, integer, text, toJson } from '../engine/rows.js';
import { sql } from '../engine/sql.js';
import type { Sealer } from '../sealing/seal.js';
import { knownPseudonym, pseudonymOf } from './audit-person.js';
import { type AuditRow, chained, entryOf, insertOf } from './audit-row.js';

/** Characters. */
const LONGEST = 500;
const LONGEST_CHANGE = 2_000;

/** Control characters, halves of surrogate pairs, and what turns the direction of writing: they forge lines, and not every engine keeps them. */
const UNFIT = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text from outside, as the log keeps it on every engine alike. */
const tidy = (content: string | null | undefined, longest = LONGEST): string | null => {
  if (content === null || content === undefined) return null;
  const cut = content.length > longest ? `${content.slice(0, longest - 1)}…` : content;
  return cut.replace(UNFIT, '\ufffd');
};

/** As `tidy`. A digest of the whole stands for what is cut off: a list is changed at its end, and two lists may start alike. */
const tidyValue = (content: string | null): string | null => {
  if (content === null || content.length <= LONGEST_CHANGE) return tidy(content, LONGEST_CHANGE);
  const digest = createHash('sha256').update(content).digest('base64url').slice(0, 12);
  const rest = `… (${content.length} characters, SHA-256 ${digest}…)`;
  return tidy(content.slice(0, LONGEST_CHANGE - rest.length) + rest, LONGEST_CHANGE);
};

const changesOf = ({ changes = [] }: AuditEvent): string =>
  toJson(
    changes.map(({ path, before, after }) => ({
      path: tidy(path),
      before: tidyValue(before),
      after: tidyValue(after),
    })),
  );

const idOf = (by: Actor): string | null => ('id' in by ? by.id : null);
const nameOf = (by: Actor): string | null => ('name' in by ? by.name : null);
const viewerIn = (by: Actor): Viewer | undefined => (by.kind === 'viewer' ? by.viewer : undefined);

/** Only people's own actions name them. What is reported later, and what we do ourselves, could name again a person who was forgotten. */
const naming = ({ by, belated }: AuditEvent): typeof pseudonymOf =>
  belated === true || by.kind === 'system' ? pseudonymOf : knownPseudonym;

/**
 * Appends to the log within another store's transaction of purpose `audit and setup`, so that the change and its entry are both kept or neither.
 * In any other transaction the chain could fork.
 */
export const appendAudit = async (
  run: Run,
  event: AuditEvent,
  now: number,
  seals: Sealer,
): Promise<AuditEntry> => {
  const { by } = event;
  const actor = viewerIn(by);
  const viewer = event.viewer ?? actor;
  const nameOfPerson = naming(event);
  const last = first(await run(sql`select seq, hash from audit_entry order by seq desc limit 1`), (row) => ({
    seq: integer(row, 'seq'),
    hash: text(row, 'hash'),
  })) ?? { seq: 0, hash: '' };
  const row: AuditRow = {
    seq: last.seq + 1,
    at: now,
    action: event.action,
    outcome: event.outcome,
    actor_kind: by.kind,
    actor_id: actor === undefined ? tidy(idOf(by)) : await nameOfPerson(run, seals, actor),
    actor_name: tidy(nameOf(by)),
    person: viewer === undefined ? null : await nameOfPerson(run, seals, viewer),
    provider: tidy(event.provider),
    host: tidy(event.host ?? viewer?.host),
    subject: tidy(event.subject),
    code: tidy(event.code),
    changes: changesOf(event),
    request_id: tidy(event.requestId),
    times: event.times ?? 1,
  };
  const hash = chained(last.hash, row);
  await run(insertOf(row, hash));
  return entryOf({ ...row, hash });
};

interface Waiting {
  readonly event: AuditEvent;
  readonly now: number;
  resolve(entry: AuditEntry): void;
  reject(error: unknown): void;
}

/** So many entries share a transaction at most. */
const MOST = 64;

/** Appends in the order it is asked. What is asked for while a transaction is under way shares the next one. */
export class AuditAppender {
  readonly #database: Database;
  readonly #seals: Sealer;
  readonly #waiting: Waiting[] = [];
  #busy = false;

  constructor(database: Database, seals: Sealer) {
    this.#database = database;
    this.#seals = seals;
  }

  append(event: AuditEvent, now: number): Promise<AuditEntry> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ event, now, resolve, reject });
      if (!this.#busy) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#busy = true;
    while (this.#waiting.length > 0) await this.#appendTogether(this.#waiting.splice(0, MOST));
    this.#busy = false;
  }

  async #appendTogether(batch: readonly Waiting[]): Promise<void> {
    try {
      const entries = await this.#database.exclusive('audit and setup', async (run) => {
        const made: AuditEntry[] = [];
        for (const { event, now } of batch) made.push(await appendAudit(run, event, now, this.#seals));
        return made;
      });
      for (const [n, entry] of entries.entries()) batch[n]?.resolve(entry);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
