import type { Entry } from '../../domain/setup.js';
import { at, type FormField, isMasked, put } from './record-form.js';

/** The fields of a host's form that are each one key; the others are read below. */
export const HOST_FIELDS: readonly FormField[] = [
  { name: 'name', path: ['name'], kind: 'text' },
  { name: 'origins', path: ['origins'], kind: 'list' },
  { name: 'key-secret', path: ['key', 'secret'], kind: 'secret' },
  { name: 'key-public', path: ['key', 'publicKey'], kind: 'text' },
  { name: 'key-jwks', path: ['key', 'jwks'], kind: 'text' },
  { name: 'connect-url', path: ['connect', 'url'], kind: 'text' },
  // For mistakes that belong to a group of boxes; the boxes themselves are read below.
  { name: 'algorithms', path: ['key', 'algorithms'], kind: 'list' },
  { name: 'gadgets', path: ['gadgets'], kind: 'list' },
  { name: 'providers', path: ['providers'], kind: 'list' },
  { name: 'connect-mode', path: ['connect', 'mode'], kind: 'text' },
];

export const ALGORITHMS = ['ES256', 'EdDSA', 'RS256', 'PS256'] as const;

/** How a host proves who its viewers are. */
export type KeyKind = 'secret' | 'public-key' | 'jwks';

export const keyKindOf = (entry: Entry | null): KeyKind => {
  if (at(entry, ['key', 'publicKey']) !== undefined) return 'public-key';
  return at(entry, ['key', 'jwks']) !== undefined ? 'jwks' : 'secret';
};

const listAt = (entry: Entry | null, path: readonly string[]): readonly string[] => {
  const value = at(entry, path);
  return Array.isArray(value) ? value.map(String) : [];
};

/** Which boxes of a group are ticked: as the form has them, else as the entry says. */
export const ticked = (
  group: string,
  entry: Entry | null,
  path: readonly string[],
  form: ReadonlyMap<string, string>,
): ReadonlySet<string> => {
  const prefix = `${group}.`;
  if (form.size === 0) return new Set(listAt(entry, path));
  return new Set(
    [...form.keys()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length)),
  );
};

/**
 * The key that the form describes. A secret that is asked for is made, unless one is typed; an older one stays unless `new-secret` is
 * ticked. `made` is the secret to be shown once.
 */
const keyIn = (
  form: ReadonlyMap<string, string>,
  before: Entry | null,
  newSecret: () => string,
): { readonly key: Readonly<Record<string, unknown>>; readonly made: string | null } => {
  const kind = form.get('key-kind') ?? 'secret';
  const textOf = (name: string): string => form.get(name)?.trim() ?? '';
  if (kind === 'secret') {
    const kept = at(before, ['key', 'secret']);
    const typed = textOf('key-secret');
    if (typed !== '') return { key: { algorithm: 'HS256', secret: typed }, made: null };
    if (isMasked(kept) && !form.has('new-secret'))
      return { key: { algorithm: 'HS256', secret: kept }, made: null };
    const made = newSecret();
    return { key: { algorithm: 'HS256', secret: made }, made };
  }
  const algorithms = [...ticked('algorithm', null, [], form)];
  return kind === 'jwks'
    ? { key: { algorithms, jwks: textOf('key-jwks') }, made: null }
    : { key: { algorithms, publicKey: textOf('key-public') }, made: null };
};

/** The entry of a host that the form describes, and the secret that was made for it, if one was. */
export const hostEntryIn = (
  form: ReadonlyMap<string, string>,
  before: Entry | null,
  newSecret: () => string,
): { readonly entry: Entry; readonly made: string | null } => {
  const textOf = (name: string): string => form.get(name)?.trim() ?? '';
  const { key, made } = keyIn(form, before, newSecret);
  const mode = textOf('connect-mode') || 'opener';
  const connect = mode === 'reauth' ? { mode, url: textOf('connect-url') } : { mode };
  const values: readonly (readonly [string, unknown])[] = [
    ['name', textOf('name') || undefined],
    [
      'origins',
      textOf('origins')
        .split(/[\s,]+/)
        .filter((origin) => origin !== ''),
    ],
    ['key', key],
    ['gadgets', [...ticked('gadget', null, [], form)]],
    ['providers', [...ticked('provider', null, [], form)]],
    ['connect', connect],
  ];
  const entry = values.reduce<Entry>((all, [name, value]) => put(all, [name], value), before ?? {});
  return { entry, made };
};
