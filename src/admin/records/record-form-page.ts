import type { Entry, SetupKind } from '../../domain/setup-record.js';
import { errorsOf } from './record-errors.js';
import { type Form, type FormField, secretsOf, type Texts, valuesOf } from './record-form.js';
import { madeOf, merge, typedOver } from './record-merging.js';
import { type Changeable, faultsOf, messageOf, type ShownRecord } from './record-pages.js';
import type { MaskedSecret } from './record-types.js';
import type { KeptSecrets } from './typed-secrets.js';

/** A kind of record, as far as its form differs from others. */
export interface RecordForm {
  readonly kind: SetupKind;
  readonly fields: readonly FormField[];
  /** What the form shows beside the values of its fields; secrets are not among it. */
  readonly more: (entry: Entry | null) => Texts;
  /** What the form says of those, as it was sent. */
  readonly moreTyped: (form: Form, before: Entry | null) => Texts;
}

const told = ({ ends, fingerprint }: MaskedSecret): string =>
  `${ends === '' ? '' : `ends in …${ends}; `}fingerprint ${fingerprint}`;

const secretTexts = (fields: readonly FormField[], entry: Entry | null): Texts => {
  const known = secretsOf(fields, entry);
  return Object.fromEntries(
    fields
      .filter(({ kind }) => kind === 'secret')
      .map(({ name }) => [name, known[name] === undefined ? '' : told(known[name])]),
  );
};

const textsOf = ({ fields, more }: RecordForm, entry: Entry | null): Texts => ({
  ...valuesOf(fields, entry),
  ...more(entry),
  ...secretTexts(fields, entry),
});

/** The change of a form, put together with what somebody else has made of the record meanwhile. */
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
  [{ name: 'id', label: 'Id' }, ...fields].flatMap(({ name, label }) => {
    const message = errors[name];
    return message === undefined ? [] : [{ name, label, message }];
  });

/** What every form of a record finds: see templates/parts/record-form.njk. */
export const recordModel = (
  of: RecordForm,
  shown: ShownRecord,
  form: Form,
  given: { readonly fields?: readonly FormField[]; readonly start?: Entry; readonly kept: KeptSecrets },
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
    labels: { id: 'Id', ...Object.fromEntries(fields.map(({ name, label }) => [name, label])) },
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
