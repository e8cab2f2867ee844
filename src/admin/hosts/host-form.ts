import type { Entry } from '../../domain/setup-record.js';
import type { HostEntry } from '../../hosts/host-schema.js';
import type { AdminVisit, ConsoleDeps } from '../console-route.js';
import {
  type Changeable,
  mergedWith,
  type RecordForm,
  recordModel,
  type ShownRecord,
} from '../records/form-pages.js';
import { isMasked } from '../records/masking.js';
import type { PathOf } from '../records/record-form.js';
import { at, type Form, type FormField, put, type Texts, typedIn } from '../records/record-form.js';
import type { KeptSecrets } from '../records/typed-secrets.js';
import type { ManagedRecord } from '../records/use-cases.js';
import { listRecords } from '../records/use-cases.js';

/** A key that the record's schema does not have does not compile. */
const field = (
  name: string,
  path: PathOf<HostEntry>,
  label: string,
  kind: FormField['kind'] = 'text',
  needed?: string,
): FormField => ({ name, label, path: path.split('.'), kind, ...(needed !== undefined && { needed }) });

/** The fields of a host's form in the order of the page. Those of boxes to tick are read from their boxes, and named here for mistakes. */
export const HOST_FIELDS: readonly FormField[] = [
  field('name', 'name', 'Name'),
  field(
    'origins',
    'origins',
    'Origins of its pages',
    'list',
    'Enter at least one origin: where its pages come from.',
  ),
  field('key-secret', 'key.secret', 'Secret', 'secret'),
  field('key-public', 'key.publicKey', 'Public key', 'text', 'Enter the host’s public key.'),
  field('key-jwks', 'key.jwks', 'JWKS address', 'text', 'Enter the address of the host’s key set.'),
  field(
    'algorithms',
    'key.algorithms',
    'Algorithms',
    'list',
    'Select at least one algorithm that the host signs with.',
  ),
  field('gadgets', 'gadgets', 'Gadgets', 'list'),
  field('providers', 'providers', 'Providers that its viewers may connect to', 'list'),
  field(
    'connect-url',
    'connect.url',
    'Connect address',
    'text',
    'Enter the address of the page that answers who is signed in.',
  ),
  field('connect-mode', 'connect.mode', 'How its viewers connect an account'),
];

export const ALGORITHMS = ['ES256', 'EdDSA', 'RS256', 'PS256'] as const;

/** How a host proves who its viewers are. */
export type KeyKind = 'secret' | 'public-key' | 'jwks';

export const keyKindOf = (entry: Entry | null): KeyKind => {
  if (at(entry, ['key', 'publicKey']) !== undefined) return 'public-key';
  return at(entry, ['key', 'jwks']) !== undefined ? 'jwks' : 'secret';
};

export const modeOf = (entry: Entry | null): string => String(at(entry, ['connect', 'mode']) ?? 'opener');

export const listAt = (entry: Entry | null, path: readonly string[]): readonly string[] => {
  const value = at(entry, path);
  return Array.isArray(value) ? value.map(String) : [];
};

const gadgetsAt = (entry: Entry | null): Readonly<Record<string, unknown>> | null => {
  const value = at(entry, ['gadgets']);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
};

/** What a host calls the gadgets that it may show. */
export const gadgetNamesAt = (entry: Entry | null): readonly string[] =>
  Object.keys(gadgetsAt(entry) ?? {}).concat(listAt(entry, ['gadgets']));

/** The ticked gadgets: as they were bound, where the host binds any; one that is new has no binding of its own. */
const gadgetsIn = (form: Form, before: Entry | null): unknown => {
  const names = sameOrder(gadgetNamesAt(before), ticked(form, 'gadget'));
  const bound = gadgetsAt(before);
  if (bound === null) return unlessUnsaid(names, names.length === 0, at(before, ['gadgets']));
  return Object.fromEntries(names.map((name) => [name, bound[name] ?? {}]));
};

/** The boxes of a group that are ticked, in the order of the page. */
export const ticked = (form: Form, group: string): readonly string[] => {
  const prefix = `${group}.`;
  return [...form.keys()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
};

/** The groups of boxes as one text each, as a list of the entry is written. */
export const tickedTexts = (form: Form): Texts =>
  form.size === 0
    ? {}
    : {
        algorithms: ticked(form, 'algorithm').join('\n'),
        gadgets: ticked(form, 'gadget').join('\n'),
        providers: ticked(form, 'provider').join('\n'),
      };

/**
 * The key that the form describes. A secret that is asked for is made, unless one is typed; an older one stays unless `new-secret` is
 * ticked. `made` is the secret to be shown once.
 */
const keyIn = (
  form: Form,
  before: Entry | null,
  newSecret: () => string,
): { readonly key: Readonly<Record<string, unknown>>; readonly made: string | null } => {
  const textOf = (name: string): string => typedIn(form, name) ?? '';
  // As it was, down to the line break at its end, unless it was touched.
  const publicKey = ((typed: string, kept: unknown) =>
    typeof kept === 'string' && kept.trim() === typed ? kept : typed)(
    textOf('key-public'),
    at(before, ['key', 'publicKey']),
  );
  const algorithms = sameOrder(listAt(before, ['key', 'algorithms']), ticked(form, 'algorithm'));
  switch (form.get('key-kind')) {
    case 'jwks':
      return { key: { algorithms, jwks: textOf('key-jwks') }, made: null };
    case 'public-key':
      return { key: { algorithms, publicKey }, made: null };
    default: {
      const kept = at(before, ['key', 'secret']);
      const typed = textOf('key-secret');
      const shared = (secret: unknown) => ({ algorithm: 'HS256', secret });
      if (typed !== '') return { key: shared(typed), made: null };
      if (isMasked(kept) && !form.has('new-secret')) return { key: shared(kept), made: null };
      const made = newSecret();
      return { key: shared(made), made };
    }
  }
};

/** What is ticked, in the order it had before: the order of the page means nothing. */
const sameOrder = (before: readonly string[], now: readonly string[]): readonly string[] => [
  ...before.filter((each) => now.includes(each)),
  ...now.filter((each) => !before.includes(each)),
];

/** An empty list, or the usual way, is not written where nothing was written before. */
const unlessUnsaid = <T>(value: T, isUsual: boolean, before: unknown): T | undefined =>
  isUsual && before === undefined ? undefined : value;

/** The entry of a host that the form describes, and the secret that was made for it, if one was. */
export const hostEntryIn = (
  form: Form,
  before: Entry | null,
  newSecret: () => string,
): { readonly entry: Entry; readonly made: string | null } => {
  const textOf = (name: string): string => typedIn(form, name) ?? '';
  const { key, made } = keyIn(form, before, newSecret);
  const mode = textOf('connect-mode') || 'opener';
  const connect =
    mode === 'reauth' && textOf('connect-url') !== '' ? { mode, url: textOf('connect-url') } : { mode };
  const chosen = (group: string, name: string) => {
    const list = sameOrder(listAt(before, [name]), ticked(form, group));
    return unlessUnsaid(list, list.length === 0, at(before, [name]));
  };
  const values: readonly (readonly [string, unknown])[] = [
    ['name', textOf('name') || undefined],
    [
      'origins',
      textOf('origins')
        .split(/[\s,]+/)
        .filter((origin) => origin !== ''),
    ],
    ['key', key],
    ['gadgets', gadgetsIn(form, before)],
    ['providers', chosen('provider', 'providers')],
    ['connect', unlessUnsaid(connect, mode === 'opener', at(before, ['connect']))],
  ];
  const entry = values.reduce<Entry>((all, [name, value]) => put(all, [name], value), before ?? {});
  return { entry, made };
};

const HOST: RecordForm = {
  kind: 'host',
  fields: HOST_FIELDS,
  more: (entry) => ({
    gadgets: gadgetNamesAt(entry).join('\n'),
    'key-kind': keyKindOf(entry),
    'connect-mode': modeOf(entry),
  }),
  moreTyped: (form, before) => ({
    'key-kind': typedIn(form, 'key-kind') ?? keyKindOf(before),
    'connect-mode': typedIn(form, 'connect-mode') ?? modeOf(before),
    ...tickedTexts(form),
  }),
};

/** What the page shows when someone else changed the host while the form was filled in. */
export const hostMerged = (form: Form, typed: Entry, now: Changeable): ShownRecord =>
  mergedWith(HOST, form, typed, now);

interface Box {
  readonly id: string;
  readonly label: string;
  /** Shown beside it; null where there is nothing to say. */
  readonly note: string | null;
}

/** Boxes for all that can be chosen, and for what is chosen although it is not there. */
const boxesOf = (offered: readonly Box[], text: string, missing: string) => {
  const chosen = text.split('\n').filter((id) => id !== '');
  const known = new Set(offered.map(({ id }) => id));
  const others = chosen.filter((id) => !known.has(id)).map((id): Box => ({ id, label: id, note: missing }));
  return [...offered, ...others].map((box) => ({ ...box, chosen: chosen.includes(box.id) }));
};

/** Gadgets by their ids, and those that the host binds under its own names for them. */
const gadgetBoxes = ({ directory }: ConsoleDeps, entry: Entry | null): readonly Box[] => {
  const bound = Object.entries(gadgetsAt(entry) ?? {}).map(([name, binding]): Box => {
    const named = {
      gadget: at(binding as Entry, ['gadget']) ?? name,
      roles: at(binding as Entry, ['providers']) ?? {},
    };
    const { title = name } = directory.gadget(String(named.gadget)) ?? {};
    const roles = Object.entries(named.roles).map(([role, provider]) => `${provider} as ${role}`);
    const words = [...(named.gadget === name ? [] : [name]), ...roles];
    return { id: name, label: title, note: words.join(', ') || null };
  });
  const names = new Set(bound.map(({ id }) => id));
  const others = directory.gadgets().filter(({ id }) => !names.has(id));
  return [...others.map(({ id, title }): Box => ({ id, label: title, note: null })), ...bound];
};

const providerBox = ({ id, name, leavingAt }: ManagedRecord): Box => ({
  id,
  label: name,
  note: leavingAt === null ? null : 'being removed',
});

/** Shows the form of a host with what was typed and what is wrong. */
export const showHostForm = async (
  deps: ConsoleDeps,
  visit: AdminVisit,
  shown: ShownRecord,
  { form, kept = null, status = 200 }: { form: Form; kept?: KeptSecrets | null; status?: number },
): Promise<void> => {
  const model = recordModel(HOST, shown, form, { kept });
  const textOf = (name: string): string => model.values[name] ?? '';
  const providers = (await listRecords(deps, 'provider')).map(providerBox);
  const algorithms = ALGORITHMS.map((id) => ({ id, label: id, note: null }));
  const isChosen = ({ id, note }: Box): boolean =>
    note === null || textOf('providers').split('\n').includes(id);
  const whole = {
    ...model,
    newSecret: form.has('new-secret'),
    bound: deps.inForce.bound(),
    algorithms: boxesOf(algorithms, textOf('algorithms'), 'not accepted'),
    gadgets: boxesOf(gadgetBoxes(deps, shown.before ?? null), textOf('gadgets'), 'not on this server'),
    providers: boxesOf(providers.filter(isChosen), textOf('providers'), 'does not exist'),
  };
  visit.show('admin/host-form', whole, { status });
};
