import { SYSTEM } from '../../domain/actor.js';
import type { Audit, AuditEvent } from '../../domain/audit-event.js';
import type { Clock, Journal } from '../../domain/system.js';
import type { AuditStore } from '../../store/admin-stores.js';
import { DatabaseTrouble } from '../../store/database-trouble.js';

/** So many alike are told one by one within a minute; the rest of them share one entry when it is over. */
const ONE_BY_ONE = 5;
const MINUTE = 60_000;

export interface AuditLog extends Audit {
  /** Writes what is still being counted, and that something could not be written. */
  close(): Promise<void>;
}

/** People whom nobody can keep from doing the same again and again: the log must not grow as they please. */
const isAnybody = ({ by }: AuditEvent): boolean => by.kind === 'anonymous' || by.kind === 'viewer';

/** Few, and each of its own: they are told one by one also where the log cannot be written. */
const isOfAdministrators = ({ by }: AuditEvent): boolean => ['admin', 'api-key', 'command'].includes(by.kind);

const likeness = ({ action, by, outcome, provider, host, viewer, code }: AuditEvent): string => {
  const whose = by.kind === 'viewer' ? by.viewer.id : viewer?.id;
  return JSON.stringify([action, outcome, by.kind, whose, provider, host, code]);
};

const wordsOf = (error: unknown): string => {
  if (error instanceof DatabaseTrouble) return error.faultCode;
  return error instanceof Error ? error.message : 'unknown';
};

/**
 * The audit log as stories write to it: what cannot be written is told to the journal, and stops nothing. As soon as the log can be
 * written again it says itself how much it lacks.
 */
export const auditLog = (
  store: Pick<AuditStore, 'append'>,
  { clock, journal }: { readonly clock: Clock; readonly journal: Journal },
): AuditLog => {
  const minutes = new Map<string, { readonly count: number; readonly latest: AuditEvent }>();
  /** Entries that could not be written, by likeness: of those alike the log has one line a minute. */
  const unwritten = new Map<string, number>();
  let lost = 0;
  let unadmitted = 0;

  const admit = async (): Promise<void> => {
    const times = unadmitted;
    if (times === 0) return;
    unadmitted = 0;
    try {
      await store.append({ action: 'audit.interrupted', by: SYSTEM, outcome: 'failed', times }, clock.now());
    } catch {
      // The journal has it already; the log is tried again.
      lack(times);
    }
  };

  const lack = (entries: number): void => {
    if (unadmitted === 0) void clock.sleep(MINUTE).then(admit);
    unadmitted += entries;
  };

  const write = async (event: AuditEvent): Promise<void> => {
    try {
      await store.append(event, clock.now());
    } catch (error) {
      lost += 1;
      lack(1);
      tellUnwritten(event, error);
    }
  };

  const tellUnwritten = (event: AuditEvent, error: unknown): void => {
    if (isOfAdministrators(event)) {
      warnUnwritten(event, error, 1);
      return;
    }
    const alike = likeness(event);
    const before = unwritten.get(alike);
    unwritten.set(alike, (before ?? 0) + 1);
    if (before !== undefined) return;
    void clock.sleep(MINUTE).then(() => {
      const count = unwritten.get(alike) ?? 1;
      unwritten.delete(alike);
      if (count > 1) warnUnwritten(event, error, count - 1);
    });
    warnUnwritten(event, error, 1);
  };

  const warnUnwritten = (event: AuditEvent, error: unknown, times: number): void => {
    journal.warn('audit-not-written', {
      action: event.action,
      outcome: event.outcome,
      provider: event.provider,
      host: event.host,
      code: event.code,
      error: wordsOf(error),
      times,
      lostSinceStart: lost,
      mend: 'The database could not be written: look at its disk. What happened is in this log alone.',
    });
  };

  const settle = async (alike: string): Promise<void> => {
    const minute = minutes.get(alike);
    minutes.delete(alike);
    if (minute === undefined || minute.count <= ONE_BY_ONE) return;
    const times = minute.count - ONE_BY_ONE;
    const { subject, changes, requestId, ...rest } = minute.latest;
    await write({ ...(times === 1 ? minute.latest : { ...rest, times }), belated: true });
  };

  /** How many of its like there were within this minute. */
  const counted = (event: AuditEvent): number => {
    const alike = likeness(event);
    const count = (minutes.get(alike)?.count ?? 0) + 1;
    if (count === 1) void clock.sleep(MINUTE).then(() => settle(alike));
    minutes.set(alike, { count, latest: event });
    return count;
  };

  return {
    async record(event) {
      if (!isAnybody(event) || counted(event) <= ONE_BY_ONE) await write(event);
    },
    async close() {
      await Promise.all([...minutes.keys()].map(settle));
      await admit();
    },
  };
};
