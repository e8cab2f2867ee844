import { SYSTEM } from '../../domain/actor.js';
import type { Audit, AuditEvent } from '../../domain/audit-event.js';
import type { Meter } from '../../domain/meter.js';
import type { Clock, Journal } from '../../domain/system.js';
import type { AuditStore } from '../../store/audit/audit-store.js';
import { DatabaseTrouble } from '../../store/database-trouble.js';

/** So many of the same kind get an entry each within a minute; the rest of them share one entry when it is over. */
const ONE_BY_ONE = 5;
const MINUTE = 60_000;

/** People whom no one can keep from doing the same again and again: the log must not grow as they please. */
const isAnyone = ({ by }: AuditEvent): boolean => by.kind === 'anonymous' || by.kind === 'viewer';

/** Few, and each different: each is reported even where the log cannot be written. */
const isOfAdministrators = ({ by }: AuditEvent): boolean => ['admin', 'api-key', 'command'].includes(by.kind);

const kindOf = ({ action, by, outcome, provider, host, viewer, code }: AuditEvent): string => {
  const whose = by.kind === 'viewer' ? by.viewer.id : viewer?.id;
  return JSON.stringify([action, outcome, by.kind, whose, provider, host, code]);
};

const wordsOf = (error: unknown): string => {
  if (error instanceof DatabaseTrouble) return error.faultCode;
  return error instanceof Error ? error.message : 'unknown';
};

/** What to do about it: a full disk, a lock and a missing file need different things. */
const fixOf = (error: unknown): string => {
  const cause = error instanceof DatabaseTrouble ? error.reason : null;
  return `${cause ?? 'The database did not accept this entry: look at `error`.'} What happened is in this log only.`;
};

/**
 * Writes to the audit log for the use cases: what cannot be written is reported to the journal, and stops nothing. As soon as the log can be
 * written again, an entry of its own says how much is missing.
 */
export class AuditWriter implements Audit {
  readonly #store: Pick<AuditStore, 'append'>;
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #meter: Pick<Meter, 'audited'> | undefined;
  readonly #minutes = new Map<string, { readonly count: number; readonly latest: AuditEvent }>();
  /** Entries that could not be written, by kind: each kind gets one line a minute in the journal. */
  readonly #unwritten = new Map<string, number>();
  #lost = 0;
  /** Lost entries that no entry mentions yet. */
  #unmentioned = 0;

  constructor(
    store: Pick<AuditStore, 'append'>,
    {
      clock,
      journal,
      meter,
    }: { readonly clock: Clock; readonly journal: Journal; readonly meter?: Pick<Meter, 'audited'> },
  ) {
    this.#meter = meter;
    this.#store = store;
    this.#clock = clock;
    this.#journal = journal;
  }

  async record(event: AuditEvent): Promise<void> {
    this.#meter?.audited(event);
    if (!isAnyone(event) || this.#count(event) <= ONE_BY_ONE) await this.#write(event);
  }

  /** Writes what is still being counted, and that something could not be written. */
  async close(): Promise<void> {
    await Promise.all([...this.#minutes.keys()].map((kind) => this.#settle(kind)));
    await this.#mentionLost();
  }

  async #write(event: AuditEvent): Promise<void> {
    try {
      await this.#store.append(event, this.#clock.now());
    } catch (error) {
      this.#lost += 1;
      this.#lose(1);
      this.#reportUnwritten(event, error);
    }
  }

  /** How many of its kind there were within this minute. */
  #count(event: AuditEvent): number {
    const kind = kindOf(event);
    const count = (this.#minutes.get(kind)?.count ?? 0) + 1;
    if (count === 1) void this.#clock.sleep(MINUTE).then(() => this.#settle(kind));
    this.#minutes.set(kind, { count, latest: event });
    return count;
  }

  async #settle(kind: string): Promise<void> {
    const minute = this.#minutes.get(kind);
    this.#minutes.delete(kind);
    if (minute === undefined || minute.count <= ONE_BY_ONE) return;
    const times = minute.count - ONE_BY_ONE;
    const { subject, changes, requestId, ...rest } = minute.latest;
    await this.#write({ ...(times === 1 ? minute.latest : { ...rest, times }), belated: true });
  }

  #lose(entries: number): void {
    if (this.#unmentioned === 0) void this.#clock.sleep(MINUTE).then(() => this.#mentionLost());
    this.#unmentioned += entries;
  }

  async #mentionLost(): Promise<void> {
    const times = this.#unmentioned;
    if (times === 0) return;
    this.#unmentioned = 0;
    try {
      const event = { action: 'audit.interrupted', by: SYSTEM, outcome: 'failed', times } as const;
      await this.#store.append(event, this.#clock.now());
    } catch {
      // The journal has it already; the log is tried again.
      this.#lose(times);
    }
  }

  #reportUnwritten(event: AuditEvent, error: unknown): void {
    if (isOfAdministrators(event)) {
      this.#warnUnwritten(event, error, 1);
      return;
    }
    const kind = kindOf(event);
    const before = this.#unwritten.get(kind);
    this.#unwritten.set(kind, (before ?? 0) + 1);
    if (before !== undefined) return;
    void this.#clock.sleep(MINUTE).then(() => {
      const count = this.#unwritten.get(kind) ?? 1;
      this.#unwritten.delete(kind);
      if (count > 1) this.#warnUnwritten(event, error, count - 1);
    });
    this.#warnUnwritten(event, error, 1);
  }

  #warnUnwritten(event: AuditEvent, error: unknown, times: number): void {
    this.#journal.warn('audit-not-written', {
      action: event.action,
      outcome: event.outcome,
      provider: event.provider,
      host: event.host,
      code: event.code,
      error: wordsOf(error),
      times,
      lostSinceStart: this.#lost,
      fix: fixOf(error),
    });
  }
}
