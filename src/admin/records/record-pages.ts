import { AppError } from '../../domain/errors.js';
import type { Fault } from '../../domain/fault.js';
import { InvalidRecord } from '../../domain/invalid-record.js';
import { type Entry, isReservedId, type SetupKind } from '../../domain/setup-record.js';
import type { AdminVisit } from '../console-route.js';
import type { AdminWeb } from '../console-web.js';
import { type Form, type Texts, typedIn } from './record-form.js';
import type { Merged } from './record-merging.js';
import type { ManagedRecord } from './record-types.js';

const ID = /^[a-z][a-z0-9-]{0,62}$/;

/** The id typed into the form of something new, or why it cannot be one. */
export const newIdIn = (form: Form): { readonly id: string } | { readonly problem: string } => {
  const id = typedIn(form, 'id') ?? '';
  if (id === '') return { problem: 'An id is needed. For example: my-app' };
  if (isReservedId(id)) return { problem: `“${id}” is taken by the console itself. Choose another.` };
  return ID.test(id)
    ? { id }
    : {
        problem:
          'This is not a lower-case word like “my-app”: a letter first, then letters, digits and hyphens.',
      };
};

/** The version a form was made of; a form without one was not made by us. */
export const versionIn = (form: Form): number => {
  const version = Number(form.get('version'));
  if (!Number.isSafeInteger(version) || version < 1)
    throw new AppError('body_invalid', 'This form is incomplete. Please open the page anew.');
  return version;
};

/** Why a record was not saved: mistakes in it, a sentence about it as a whole, or that somebody else was quicker. */
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
  /** Somebody else saved meanwhile: both changes, put together. */
  readonly merged?: Merged & Pick<ManagedRecord, 'updatedAt' | 'updatedBy'>;
}

/** Stands for the id of something new while that cannot be used, so that the rest is checked all the same. */
export const UNNAMED = 'unnamed';

export const NEW_RECORD: ShownRecord = { id: null, version: null, before: null };

export const faultsOf = ({ notSaved }: ShownRecord): readonly Fault[] =>
  notSaved !== undefined && 'faults' in notSaved ? notSaved.faults : [];

export const messageOf = ({ notSaved }: ShownRecord): string | null =>
  notSaved !== undefined && 'message' in notSaved ? notSaved.message : null;

const TELLING = ['record_exists', 'record_in_file', 'record_changed'];

/** Does it, or says why not; anything else that fails is thrown. */
export const saving = async <T extends object>(save: () => Promise<T>): Promise<T | NotSaved> => {
  try {
    return await save();
  } catch (error) {
    if (error instanceof InvalidRecord) return { faults: error.faults };
    if (error instanceof AppError && TELLING.includes(error.code))
      return { message: error.message, changed: error.code === 'record_changed' };
    throw error;
  }
};

/** A record of the store that may be changed. Throws `record_in_file` of what the file declares, `record_changed` of what is being removed. */
export const changeable = async (web: AdminWeb, kind: SetupKind, visit: AdminVisit) => {
  const record = await web.manage.records.get(kind, visit.params.id ?? '');
  if (record.version === null)
    throw new AppError(
      'record_in_file',
      `“${record.id}” is declared by the configuration file. Change it there, and run “oriel reload”.`,
    );
  if (record.leavingAt !== null)
    throw new AppError('record_changed', `${record.name} is being removed, and cannot be changed any more.`);
  return { ...record, version: record.version };
};

export type Changeable = Awaited<ReturnType<typeof changeable>>;

/** JSON of an entry for people; secrets are masked in it already. */
export const textOf = (entry: Entry | null): string => JSON.stringify(entry, null, 2);
