import { type Entry, SECRETS, type SetupKind } from '../../domain/setup-record.js';
import type { Fingerprints } from '../../store/sealing/fingerprints.js';

/** Four characters of a shorter secret would reveal too much. */
const SHOWN_FROM = 16;

/** What is shown of a secret. Sent back unchanged where a secret belongs, it means: keep it. */
export interface MaskedSecret {
  readonly set: true;
  /** Its last four characters; empty of a secret too short to show any. */
  readonly ends: string;
  /** Distinguishes one secret from another: `Fingerprints`. */
  readonly fingerprint: string;
  /** When it was set here, epoch milliseconds; absent where that is not known. */
  readonly setAt?: number;
}

declare const masked: unique symbol;

/** An entry that may be shown: each of its secrets is a `MaskedSecret`. Only `maskEntry` makes one, so that no other entry is answered. */
export type MaskedEntry = Entry & { readonly [masked]: true };

type Group = Readonly<Record<string, unknown>>;
type Path = readonly string[];

const isGroup = (value: unknown): value is Group =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a value is a masked secret, such as a form or a program sends back. */
export const isMasked = (value: unknown): value is MaskedSecret =>
  isGroup(value) &&
  value.set === true &&
  typeof value.ends === 'string' &&
  typeof value.fingerprint === 'string';

/** A masked secret in words. */
export const maskText = ({ ends, fingerprint }: MaskedSecret): string =>
  `a secret${ends === '' ? '' : ` ending in ${ends}`}, fingerprint ${fingerprint}`;

/** Puts another value where `path` leads; what is not there stays absent. */
const replaceAt = (
  value: unknown,
  path: Path,
  at: Path,
  change: (value: unknown, at: Path) => unknown,
): unknown => {
  const [key, ...rest] = path;
  if (key === undefined) return change(value, at);
  if (!isGroup(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      key === '*' || key === name ? replaceAt(each, rest, [...at, name], change) : each,
    ]),
  );
};

const withSecrets = (kind: SetupKind, entry: Entry, change: (value: unknown, at: Path) => unknown): Entry =>
  SECRETS[kind].reduce<Entry>((changed, path) => replaceAt(changed, path, [], change) as Entry, entry);

const valueAt = (entry: Entry, path: Path): unknown =>
  path.reduce<unknown>(
    (value, key) => (isGroup(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    entry,
  );

/** The secrets of an entry by their place: `client.secret`. */
export const secretsIn = (kind: SetupKind, entry: Entry): ReadonlyMap<string, unknown> => {
  const found = new Map<string, unknown>();
  withSecrets(kind, entry, (value, at) => {
    found.set(at.join('.'), value);
    return value;
  });
  return found;
};

/** When each secret of an entry was set: one that is as it was keeps its time. */
export const settingTimes = (
  kind: SetupKind,
  entry: Entry,
  before: { readonly entry: Entry | null; readonly secretsSetAt: Readonly<Record<string, number>> },
  now: number,
): Readonly<Record<string, number>> => {
  const old = before.entry === null ? new Map<string, unknown>() : secretsIn(kind, before.entry);
  return Object.fromEntries(
    [...secretsIn(kind, entry)].map(([place, secret]) => [
      place,
      old.get(place) === secret ? (before.secretsSetAt[place] ?? now) : now,
    ]),
  );
};

/** A masked entry whose masks also say when each secret was set. */
export const dated = (
  kind: SetupKind,
  entry: MaskedEntry,
  secretsSetAt: Readonly<Record<string, number>>,
): MaskedEntry =>
  withSecrets(kind, entry, (value, at) => {
    const setAt = secretsSetAt[at.join('.')];
    return isMasked(value) && setAt !== undefined ? { ...value, setAt } : value;
  }) as MaskedEntry;

/** The places where `given` holds a masked secret, and `restored` the secret itself. */
export const keptIn = (kind: SetupKind, given: Entry, restored: Entry): readonly string[] => {
  const whole = secretsIn(kind, restored);
  return [...secretsIn(kind, given)].flatMap(([place, value]) =>
    isMasked(value) && typeof whole.get(place) === 'string' ? [place] : [],
  );
};

const maskOf = (fingerprints: Fingerprints, secret: string): MaskedSecret => ({
  set: true,
  ends: secret.length >= SHOWN_FROM ? secret.slice(-4) : '',
  fingerprint: fingerprints.of(secret),
});

/** The entry with each secret masked: only its end and a fingerprint are shown, by which people can distinguish them. */
export const maskEntry = (fingerprints: Fingerprints, kind: SetupKind, entry: Entry): MaskedEntry =>
  withSecrets(kind, entry, (value) =>
    typeof value === 'string' ? maskOf(fingerprints, value) : value,
  ) as MaskedEntry;

/**
 * The entry with each masked secret replaced by the secret that stood at the same place before. A mask of any other secret stays, and is
 * then refused because it is no text.
 */
export const restoreMasked = (
  fingerprints: Fingerprints,
  kind: SetupKind,
  entry: Entry,
  before: Entry | null,
): Entry =>
  withSecrets(kind, entry, (value, at) => {
    if (!isMasked(value) || before === null) return value;
    const secret = valueAt(before, at);
    return typeof secret === 'string' && fingerprints.matches(secret, value.fingerprint) ? secret : value;
  });
