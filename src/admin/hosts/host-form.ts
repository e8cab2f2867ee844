import type { GadgetBinding } from '../../domain/gadget.js';
import type { Entry } from '../../domain/setup-record.js';
import type { HostEntry } from '../../hosts/host-schema.js';
import type { AdminVisit, ConsoleDeps } from '../console-route.js';
import {
  type Changeable,
  ID,
  mergedWith,
  type RecordForm,
  recordModel,
  type ShownRecord,
} from '../records/form-pages.js';
import { isMasked } from '../records/masking.js';
import type { PathOf } from '../records/record-form.js';
import { at, type Form, type FormField, put, type Texts, typedIn } from '../records/record-form.js';
import type { KeptSecrets } from '../records/typed-secrets.js';
import { listRecords, type ManagedRecord } from '../records/use-cases.js';

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
  field('origins', 'origins', 'Origins of its pages', 'list', 'Enter at least one origin of its pages.'),
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
  // What is typed here becomes one of those.
  { name: 'place-name', label: 'Name on its pages', path: ['place-name'], kind: 'text' },
  field('providers', 'providers', 'Providers that its viewers may connect to', 'list'),
  field('company-access', 'clientCredentials', 'Shown with a company’s access', 'list'),
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
const gadgetNamesAt = (entry: Entry | null): readonly string[] =>
  Object.keys(gadgetsAt(entry) ?? {}).concat(listAt(entry, ['gadgets']));

/** A gadget under the name that a host has for it, and the providers that play roles of it which they are not called by. */
interface Placement extends GadgetBinding {
  readonly name: string;
}

const placementsAt = (entry: Entry | null): readonly Placement[] => {
  const bound = gadgetsAt(entry);
  return gadgetNamesAt(entry).map((name) => {
    const binding = bound?.[name] as Entry | undefined;
    const roles = Object.entries(at(binding ?? null, ['providers']) ?? {});
    return {
      name,
      gadget: String(at(binding ?? null, ['gadget']) ?? name),
      providers: Object.fromEntries(roles.map(([role, provider]) => [role, String(provider)])),
    };
  });
};

/** As a line of text: `builds: gitlab-pipelines gitlab=gitlab-internal`. */
const lineOf = ({ name, gadget, providers }: Placement): string =>
  [`${name}: ${gadget}`, ...Object.entries(providers).map((each) => each.join('='))].join(' ');

const isBound = ({ name, gadget, providers }: Placement): boolean =>
  gadget !== name || Object.keys(providers).length > 0;

/** The bindings of a host as one text, a line for each gadget that has one. */
const bindingsText = (placements: readonly Placement[]): string =>
  placements.filter(isBound).map(lineOf).toSorted().join('\n');

const placementsIn = (text: string): readonly Placement[] =>
  text.split('\n').flatMap((line) => {
    const [name = '', gadget = '', ...roles] = line.split(/:? /);
    const providers = roles.map((each) => each.split('=') as [string, string]);
    return gadget === '' ? [] : [{ name, gadget, providers: Object.fromEntries(providers) }];
  });

/** These placements as the form has them; what it does not show of one stays as it was. */
const placementsTyped = (form: Form, before: Entry | null, names: readonly string[]): readonly Placement[] =>
  names.map((name) => {
    const was = placementsAt(before).find((each) => each.name === name);
    const prefix = `play.${name}.`;
    const played = [...form].filter(([field]) => field.startsWith(prefix));
    const said = Object.fromEntries(played.map(([field, each]) => [field.slice(prefix.length), each]));
    const roles = Object.entries({ ...was?.providers, ...said });
    return {
      name,
      gadget: form.get(`of.${name}`) ?? was?.gadget ?? name,
      // Without a word the provider that the role is called by plays it.
      providers: Object.fromEntries(roles.filter(([, provider]) => provider !== '')),
    };
  });

/** The ticked gadgets: a list where none of them is bound and none was, otherwise by their names. A binding that was not touched stays as it was written. */
const gadgetsIn = (form: Form, before: Entry | null): unknown => {
  const names = sameOrder(gadgetNamesAt(before), ticked(form, 'gadget'));
  const bound = gadgetsAt(before);
  const placements = placementsTyped(form, before, names);
  if (bound === null && !placements.some(isBound))
    return unlessUnsaid(names, names.length === 0, at(before, ['gadgets']));
  const lines = new Map(placementsAt(before).map((each) => [each.name, lineOf(each)]));
  return Object.fromEntries(
    placements.map((each) => {
      const { name, gadget, providers } = each;
      const isPlayed = Object.keys(providers).length > 0;
      const said = { ...(gadget !== name && { gadget }), ...(isPlayed && { providers }) };
      return [name, bound !== null && lines.get(name) === lineOf(each) ? bound[name] : said];
    }),
  );
};

/** The button that shows the form again with one more placement. */
export const ADD_PLACEMENT = 'add-placement';

/** Where the name of what was just added is. */
const ADDED = 'added-placement';
/** The form with the placement that is typed into it, ticked; or what is wrong with that. */
export const withPlacement = (
  form: Form,
  before: Entry | null,
): { readonly form: Form; readonly errors: Texts } => {
  const name = typedIn(form, 'place-name') ?? '';
  const gadget = typedIn(form, 'place-gadget') ?? '';
  const wrong = (message: string) => ({ form, errors: { 'place-name': message } });
  if (name === '' && !form.has(ADD_PLACEMENT)) return { form, errors: {} };
  if (!ID.test(name))
    return wrong('Use lower-case letters, digits and hyphens, starting with a letter. For example: builds');
  if (form.has(`gadget.${name}`) || form.has(`of.${name}`) || gadgetNamesAt(before).includes(name))
    return wrong(`This host already has a gadget called “${name}”. Choose another name.`);
  const { 'place-name': _, 'place-gadget': __, ...others } = Object.fromEntries(form);
  return {
    form: new Map(
      Object.entries({ ...others, [`gadget.${name}`]: 'on', [`of.${name}`]: gadget, [ADDED]: name }),
    ),
    errors: {},
  };
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

const wordsIn = (text: string): readonly string[] => text.split(/[\s,]+/).filter((word) => word !== '');

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
  const kept = at(before, ['clientCredentials']);
  const named = wordsIn(textOf('company-access'));
  const company = unlessUnsaid(named, named.length === 0, kept);
  const values: readonly (readonly [string, unknown])[] = [
    ['name', textOf('name') || undefined],
    ['origins', wordsIn(textOf('origins'))],
    ['key', key],
    ['gadgets', gadgetsIn(form, before)],
    ['providers', chosen('provider', 'providers')],
    // A form that did not show them says nothing of them.
    ['clientCredentials', form.has('company-access') ? company : kept],
    ['connect', unlessUnsaid(connect, mode === 'opener', at(before, ['connect']))],
  ];
  const entry = values.reduce<Entry>((all, [name, value]) => put(all, [name], value), before ?? {});
  return { entry, made };
};

/** Every name that the host has or the form speaks of, ticked or not. */
const namesIn = (form: Form, before: Entry | null): readonly string[] => [
  ...new Set([
    ...gadgetNamesAt(before),
    ...[...form.keys()].flatMap((field) => /^(?:gadget|of|play)\.([^.]+)/.exec(field)?.[1] ?? []),
  ]),
];

const HOST: RecordForm = {
  kind: 'host',
  fields: HOST_FIELDS,
  more: (entry) => ({
    gadgets: gadgetNamesAt(entry).join('\n'),
    bindings: bindingsText(placementsAt(entry)),
    'key-kind': keyKindOf(entry),
    'connect-mode': modeOf(entry),
  }),
  moreTyped: (form, before) => ({
    'key-kind': typedIn(form, 'key-kind') ?? keyKindOf(before),
    'connect-mode': typedIn(form, 'connect-mode') ?? modeOf(before),
    'place-gadget': typedIn(form, 'place-gadget') ?? '',
    gadgets: gadgetNamesAt(before).join('\n'),
    bindings: bindingsText(placementsTyped(form, before, namesIn(form, before))),
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
const boxesOf = <Offered extends Box>(offered: readonly Offered[], text: string, missing: string) => {
  const chosen = text.split('\n').filter((id) => id !== '');
  const known = new Set(offered.map(({ id }) => id));
  const others = chosen.filter((id) => !known.has(id)).map((id): Box => ({ id, label: id, note: missing }));
  return [...offered, ...others].map((box) => ({ ...box, chosen: chosen.includes(box.id) }));
};

/** A role of a gadget, and who plays it here: '' for the provider that is called so. */
interface RoleChoice {
  readonly role: string;
  readonly provider: string;
  /** Who that is; null where no provider is called so. */
  readonly usual: string | null;
}
interface GadgetBox extends Box {
  /** The gadget's id where the host has another name for it. */
  readonly of: string | null;
  readonly roles: readonly RoleChoice[];
  readonly isBound: boolean;
}

/** Gadgets by their ids, and those that the host binds under its own names for them, each with who plays its roles. */
const gadgetBoxes = (
  { directory }: ConsoleDeps,
  bindings: string,
  providers: readonly ManagedRecord[],
): readonly GadgetBox[] => {
  const bound = placementsIn(bindings);
  const names = new Set(bound.map(({ name }) => name));
  const usual = directory.gadgets().map(({ id }): Placement => ({ name: id, gadget: id, providers: {} }));
  return [...usual.filter(({ name }) => !names.has(name)), ...bound].map((placement) => {
    const { name, gadget, providers: playing } = placement;
    const known = directory.gadget(gadget);
    const roles = [...new Set([...(known?.providers ?? []), ...Object.keys(playing)])];
    return {
      id: name,
      label: known?.title ?? gadget,
      note: known === undefined ? 'not on this server' : null,
      of: gadget === name ? null : gadget,
      isBound: isBound(placement),
      roles: roles.map((role) => ({
        role,
        provider: playing[role] ?? '',
        usual: providers.find(({ id }) => id === role)?.name ?? null,
      })),
    };
  });
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
  const records = await listRecords(deps, 'provider');
  const providers = records.map(providerBox);
  const algorithms = ALGORITHMS.map((id) => ({ id, label: id, note: null }));
  const played = placementsIn(textOf('bindings')).flatMap((each) => Object.values(each.providers));
  const isChosen = ({ id, note }: Box): boolean =>
    note === null || textOf('providers').split('\n').includes(id);
  const whole = {
    ...model,
    newSecret: form.has('new-secret'),
    added: form.get(ADDED) ?? null,
    bound: deps.inForce.bound(),
    algorithms: boxesOf(algorithms, textOf('algorithms'), 'not accepted'),
    gadgets: boxesOf(gadgetBoxes(deps, textOf('bindings'), records), textOf('gadgets'), 'not on this server'),
    players: boxesOf(providers, played.join('\n'), 'does not exist'),
    known: deps.directory.gadgets().map(({ id, title }) => ({ id, title })),
    providers: boxesOf(providers.filter(isChosen), textOf('providers'), 'does not exist'),
  };
  visit.show('admin/host-form', whole, { status });
};
