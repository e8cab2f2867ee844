import { AppError } from '../../domain/errors.js';
import type { Fault } from '../../domain/fault.js';
import { InvalidRecord } from '../../domain/invalid-record.js';
import type { Entry, SetupKind } from '../../domain/setup.js';
import type { ManagedRecord } from '../../manage/records.js';
import type { AdminVisit } from './route.js';
import type { AdminWeb } from './web.js';

const ID = /^[a-z][a-z0-9-]{0,62}$/;

/** The id typed into the form of something new, or why it cannot be one. */
export const newIdIn = (
  form: ReadonlyMap<string, string>,
): { readonly id: string } | { readonly problem: string } => {
  const id = form.get('id')?.trim() ?? '';
  return ID.test(id)
    ? { id }
    : {
        problem:
          'This is not a lower-case word like “my-app”: a letter first, then letters, digits and hyphens.',
      };
};

/** The version a form was made of; a form without one was not made by us. */
export const versionIn = (form: ReadonlyMap<string, string>): number => {
  const version = Number(form.get('version'));
  if (!Number.isSafeInteger(version) || version < 1)
    throw new AppError('body_invalid', 'This form is incomplete. Please open the page anew.');
  return version;
};

/** Why a record was not saved: mistakes in it, or a sentence about it as a whole. */
export type NotSaved = { readonly faults: readonly Fault[] } | { readonly message: string };

/** What the page of a form shows: something new, or a record that is being changed. */
export interface ShownRecord {
  /** Null of something new: its id is typed. */
  readonly id: string | null;
  readonly version: number | null;
  readonly before: Entry | null;
  readonly notSaved?: NotSaved;
  /** Field → what is wrong with it. */
  readonly errors?: Readonly<Record<string, string>>;
  /** Somebody else saved meanwhile: what there is now is shown beside what was typed. */
  readonly theirs?: boolean;
}

export const faultsOf = ({ notSaved }: ShownRecord): readonly Fault[] =>
  notSaved !== undefined && 'faults' in notSaved ? notSaved.faults : [];

export const messageOf = ({ notSaved }: ShownRecord): string | null =>
  notSaved !== undefined && 'message' in notSaved ? notSaved.message : null;

/** Saves, or says why not; anything else that fails is thrown. */
export const saving = async (save: () => Promise<ManagedRecord>): Promise<ManagedRecord | NotSaved> => {
  try {
    return await save();
  } catch (error) {
    if (error instanceof InvalidRecord) return { faults: error.faults };
    if (
      error instanceof AppError &&
      ['record_exists', 'record_in_file', 'record_changed'].includes(error.code)
    )
      return { message: error.message };
    throw error;
  }
};

/** A record of the store that may be changed; what the file declares is only shown. */
export const changeable = async (web: AdminWeb, kind: SetupKind, visit: AdminVisit) => {
  const record = await web.manage.records.get(kind, visit.params.id ?? '');
  if (record.origin === 'file' || record.version === null)
    throw new AppError(
      'record_in_file',
      `“${record.id}” is declared by the configuration file. Change it there, and run “oriel reload”.`,
    );
  return { ...record, version: record.version };
};

/** Shown values that a person typed come before those of the entry. */
export const typedOver = (
  values: Readonly<Record<string, string>>,
  form: ReadonlyMap<string, string>,
): Readonly<Record<string, string>> => ({
  ...values,
  ...Object.fromEntries([...form].filter(([name]) => Object.hasOwn(values, name))),
});

/** Values that are now others than those that were typed. */
export const differing = (
  values: Readonly<Record<string, string>>,
  form: ReadonlyMap<string, string>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(values).filter(([name, value]) => {
      const typed = form.get(name)?.trim().replaceAll('\r\n', '\n');
      return typed !== undefined && typed !== value;
    }),
  );

/** JSON of an entry for people; secrets are masked in it already. */
export const textOf = (entry: Entry | null): string => JSON.stringify(entry, null, 2);
