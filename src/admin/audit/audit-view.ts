import type { AuditEntry } from '../../domain/audit-event.js';
import { sentenceOf, shortened } from './audit-sentence.js';

/** An entry as its page shows it. */
export interface SeenEntry extends AuditEntry {
  readonly sentence: string;
  /** To the millisecond, UTC. */
  readonly iso: string;
  readonly badge: { readonly kind: 'good' | 'warning' | 'bad'; readonly words: string };
  readonly viewer: string | null;
  readonly who: string;
}

const BADGES: Readonly<Record<AuditEntry['outcome'], SeenEntry['badge']>> = {
  done: { kind: 'good', words: 'done' },
  refused: { kind: 'warning', words: 'refused' },
  failed: { kind: 'bad', words: 'failed' },
};

const whoOf = ({ kind, name, id }: AuditEntry['actor']): string =>
  [kind, name, kind === 'viewer' || name === null ? id : `(${id ?? 'no id'})`]
    .filter((part) => part !== null)
    .join(' ');

export const seen = (entry: AuditEntry): SeenEntry => ({
  ...entry,
  sentence: sentenceOf(entry),
  iso: new Date(entry.at).toISOString(),
  badge: BADGES[entry.outcome] ?? { kind: 'bad', words: entry.outcome },
  viewer: entry.person === null ? null : shortened(entry.person),
  who: whoOf(entry.actor),
});
