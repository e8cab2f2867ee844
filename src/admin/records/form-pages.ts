import { AppError } from '../../domain/errors.js';
import type { Fault } from '../../domain/fault.js';
import { InvalidRecord } from '../../domain/invalid-record.js';
import { type Entry, isReservedId, type SetupKind } from '../../domain/setup-record.js';
import type { AdminVisit, ConsoleDeps, SessionRoute } from '../console-route.js';
import type { MaskedSecret } from './masking.js';
import { errorsOf } from './record-errors.js';
import {
  type Form,
  type FormField,
  type Merged,
  madeOf,
  merge,
  secretsOf,
  type Texts,
  typedIn,
  typedOver,
  valuesOf,
} from './record-form.js';
import type { FormPlace, KeptSecrets } from './typed-secrets.js';
import { getRecord, type ListingDeps, type ManagedRecord } from './use-cases.js';

/** The id of a record, and what a host may call a gadget. */
export const ID = /^[a-z][a-z0-9-]{0,62}$/;

/** The id typed into the form of something new, or why it cannot be one. */
export const newIdIn = (form: Form): { readonly id: string } | { readonly problem: string } => {
  const id = typedIn(form, 'id') ?? '';
  if (id === '') return { problem: 'Enter an id. For example: my-app' };
  if (isReservedId(id)) return { problem: `“${id}” is reserved. Choose another.` };
  return ID.test(id)
    ? { id }
    : {
        problem: 'Use lower-case letters, digits and hyphens, starting with a letter. For example: my-app',
      };
};

/** The version a form was made of; a form without one was not made by us. */
export const versionIn = (form: Form): number => {
  const version = Number(form.get('version'));
  if (!Number.isSafeInteger(version) || version < 1)
    throw new AppError('body_invalid', 'This form is incomplete. Open the page again.');
  return version;
};

/** Why a record was not saved: mistakes in it, a sentence about it as a whole, or that someone else changed it first. */
export type NotSaved =
  | { readonly faults: readonly Fault[] }
  | { readonly message: string; readonly changed: boolean };

/** What the page of a form shows: something new, or a record that is being changed. */
export interface ShownRecord {
  /** Null of something new: its id is typed. */
  readonly id: string | null;
  readonly version: number | null;
  readonly before: Entry | null;
  readonly notSaved?: NotSaved;
  /** The id that stood for one that cannot be used while the rest was checked. */
  readonly checkedAs?: string;
  /** Field → what is wrong with it. */
  readonly errors?: Texts;
  /** Someone else saved in the meantime: both changes, merged. */
  readonly merged?: Merged & Pick<ManagedRecord, 'updatedAt' | 'updatedBy'>;
}

/** Stands for the id of something new while that cannot be used, so that the rest is checked all the same. */
export const UNNAMED = 'unnamed';

export const NEW_RECORD: ShownRecord = { id: null, version: null, before: null };

export const faultsOf = ({ notSaved }: ShownRecord): readonly Fault[] =>
  notSaved !== undefined && 'faults' in notSaved ? notSaved.faults : [];

export const messageOf = ({ notSaved }: ShownRecord): string | null =>
  notSaved !== undefined && 'message' in notSaved ? notSaved.message : null;

const SHOWN_CODES = ['record_exists', 'record_in_file', 'record_changed'];

/** Does it, or says why not; anything else that fails is thrown. */
export const saving = async <T extends object>(save: () => Promise<T>): Promise<T | NotSaved> => {
  try {
    return await save();
  } catch (error) {
    if (error instanceof InvalidRecord) return { faults: error.faults };
    if (error instanceof AppError && SHOWN_CODES.includes(error.code))
      return { message: error.message, changed: error.code === 'record_changed' };
    throw error;
  }
};

/** A record of the store that may be changed. Throws `record_in_file` of what the file declares, `record_changed` of what is being removed. */
export const changeable = async (deps: ListingDeps, kind: SetupKind, visit: AdminVisit) => {
  const record = await getRecord(deps, kind, visit.params.id ?? '');
  if (record.version === null)
    throw new AppError(
      'record_in_file',
      `“${record.id}” is declared in the configuration file. Change it there, and run “oriel reload”.`,
    );
  if (record.leavingAt !== null)
    throw new AppError('record_changed', `${record.name} is being removed, and can no longer be changed.`);
  return { ...record, version: record.version };
};

export type Changeable = Awaited<ReturnType<typeof changeable>>;

/** JSON of an entry for people; secrets are masked in it already. */
export const textOf = (entry: Entry | null): string => JSON.stringify(entry, null, 2);

/** A kind of record, as far as its form differs from others. */
export interface RecordForm {
  readonly kind: SetupKind;
  readonly fields: readonly FormField[];
  /** What the form shows beside the values of its fields; secrets are not among it. */
  readonly more: (entry: Entry | null) => Texts;
  /** What the form says of those, as it was sent. */
  readonly moreTyped: (form: Form, before: Entry | null) => Texts;
}

const secretText = ({ ends, fingerprint }: MaskedSecret): string =>
  `${ends === '' ? '' : `ends in …${ends}; `}fingerprint ${fingerprint}`;

const secretTexts = (fields: readonly FormField[], entry: Entry | null): Texts => {
  const known = secretsOf(fields, entry);
  return Object.fromEntries(
    fields
      .filter(({ kind }) => kind === 'secret')
      .map(({ name }) => [name, known[name] === undefined ? '' : secretText(known[name])]),
  );
};

const textsOf = ({ fields, more }: RecordForm, entry: Entry | null): Texts => ({
  ...valuesOf(fields, entry),
  ...more(entry),
  ...secretTexts(fields, entry),
});

/** The change of a form, merged with what someone else has made of the record in the meantime. */
export const mergedWith = (of: RecordForm, form: Form, typed: Entry, now: Changeable): ShownRecord => {
  const secrets = of.fields.filter(({ kind, name }) => kind === 'secret' && (form.get(name) ?? '') !== '');
  const mine = {
    ...valuesOf(of.fields, typed),
    ...of.more(typed),
    ...Object.fromEntries(secrets.map(({ name }) => [name, 'typed'])),
  };
  return {
    id: now.id,
    version: now.version,
    before: now.entry,
    merged: {
      ...merge(form, mine, textsOf(of, now.entry)),
      updatedAt: now.updatedAt,
      updatedBy: now.updatedBy,
    },
  };
};

/** Errors in the order of the page, each with the field that it leads to. */
const summaryOf = (errors: Texts, fields: readonly FormField[]) =>
  [{ name: 'id', label: 'ID' }, ...fields].flatMap(({ name, label }) => {
    const message = errors[name];
    return message === undefined ? [] : [{ name, label, message }];
  });

/** What every form of a record finds: see templates/parts/record-form.njk. */
export const recordModel = (
  of: RecordForm,
  shown: ShownRecord,
  form: Form,
  given: {
    readonly fields?: readonly FormField[];
    readonly start?: Entry;
    readonly kept: KeptSecrets | null;
  },
) => {
  const { before, merged } = shown;
  const fields = [...of.fields, ...(given.fields ?? [])];
  const typedId = form.get('id')?.trim() ?? '';
  const start = before ?? given.start ?? null;
  const values: Texts = { ...typedOver(valuesOf(of.fields, start), form), ...of.moreTyped(form, start) };
  const id = shown.checkedAs ?? shown.id ?? typedId;
  const found = errorsOf(faultsOf(shown), fields, { kind: of.kind, id, form });
  const errors = { ...found.byField, ...shown.errors };
  return {
    id: shown.id,
    version: shown.version,
    // What the form was made of stays what it was until the other change is shown.
    madeOf: (merged === undefined ? form.get('made-of') : undefined) ?? madeOf(textsOf(of, before)),
    values: { ...values, ...merged?.values, id: typedId } as Texts,
    labels: { id: 'ID', ...Object.fromEntries(fields.map(({ name, label }) => [name, label])) },
    secrets: secretsOf(of.fields, before),
    errors,
    summary: summaryOf(errors, fields),
    others: found.others,
    message: messageOf(shown),
    theirs: merged?.theirs ?? {},
    changed: merged === undefined ? null : { at: merged.updatedAt, by: merged.updatedBy },
    kept: given.kept,
  };
};

const NOTHING_TYPED: Form = new Map();

/** What becomes of a form that was sent. */
type Sent = (visit: AdminVisit, place: FormPlace) => Promise<void>;

/** The four addresses of a record's form: an empty one and a filled one to read, and both to send. All of them ask for confirmation. */
export const formRoutes = (
  deps: ConsoleDeps,
  kind: SetupKind,
  form: {
    readonly newPath: string;
    readonly show: (
      visit: AdminVisit,
      shown: ShownRecord,
      options: { readonly form: Form },
    ) => void | Promise<void>;
    readonly create: Sent;
    readonly change: Sent;
  },
): readonly SessionRoute[] => {
  const section = `${kind}s` as const;
  const common = { section, confirm: true } as const;
  const editPath = `/admin/${section}/:id/edit`;
  return [
    {
      ...common,
      method: 'get',
      path: form.newPath,
      handle: (visit) => form.show(visit, NEW_RECORD, { form: NOTHING_TYPED }),
    },
    {
      ...common,
      method: 'post',
      path: form.newPath,
      handle: (visit, ctx, { session }) => form.create(visit, { path: ctx.path, session }),
    },
    {
      ...common,
      method: 'get',
      path: editPath,
      async handle(visit) {
        const { id, version, entry } = await changeable(deps, kind, visit);
        await form.show(visit, { id, version, before: entry }, { form: NOTHING_TYPED });
      },
    },
    {
      ...common,
      method: 'post',
      path: editPath,
      handle: (visit, ctx, { session }) => form.change(visit, { path: ctx.path, session }),
    },
  ];
};
