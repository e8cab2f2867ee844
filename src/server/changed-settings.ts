import type { Config } from '../config/config.js';
import type { AuditChange } from '../domain/audit-event.js';
import { Secret } from '../domain/secret.js';
import { proxyText } from '../net/proxy.js';

/** What a running server takes up. */
const LIVE = [
  'logLevel',
  'unusedConnectionDays',
  'maxStale',
  'renderBudget',
  'outgoing',
  'outgoingProxy',
] as const satisfies readonly (keyof Config)[];

/** What is told otherwise, or is no setting. */
const OTHER = ['file', 'entries', 'hosts', 'providers', 'keys'] as const satisfies readonly (keyof Config)[];

/** As JSON, but for secrets, of which one would be written like any other. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, function reveal(this: Readonly<Record<string, unknown>>, key, each: unknown) {
    const own = this[key];
    return own instanceof Secret ? own.reveal() : each;
  }) ?? '';

/** Whether two readings of the file say the same, secrets included. */
export const isSame = (one: Config, other: Config): boolean => textOf(one) === textOf(other);

/** The settings that differ and that only a restart takes up. */
export const restartFor = (started: Config, next: Config): readonly string[] => {
  const one: Readonly<Record<string, unknown>> = { ...started };
  const other: Readonly<Record<string, unknown>> = { ...next };
  const taken: ReadonlySet<string> = new Set([...LIVE, ...OTHER]);
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
    (key) => !taken.has(key) && textOf(one[key]) !== textOf(other[key]),
  );
};

const shown = (value: Config[(typeof LIVE)[number]]): string => {
  if (value === null) return 'none';
  if (typeof value !== 'object') return String(value);
  return 'allow' in value ? value.allow.join(', ') || 'none' : proxyText(value);
};

/** The settings that differ and are taken up at once; of keys only their ids. */
export const settingChanges = (before: Config, after: Config): readonly AuditChange[] => {
  const ring = ({ keys }: Config): string => keys.map(({ id }) => id).join(', ');
  return [
    ...LIVE.map((path) => ({ path, before: shown(before[path]), after: shown(after[path]) })),
    { path: 'keys', before: ring(before), after: ring(after) },
  ].filter((change) => change.before !== change.after);
};
