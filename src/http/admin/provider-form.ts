import type { Entry } from '../../domain/setup.js';
import { accountValues, clientRows, PROVIDER_FIELDS, withAccount, withClients } from './provider-fields.js';
import { entryOf, errorsOf, secretsOf, valuesOf } from './record-form.js';
import { differing, faultsOf, messageOf, type ShownRecord, typedOver } from './records.js';
import type { AdminVisit } from './route.js';
import type { AdminWeb } from './web.js';

const PRESETS = ['mingle', 'gocd', 'oauth2'];

/** What the form's page shows: a new provider, or one that is being changed. */
export interface ShownProvider extends ShownRecord {
  /** What a dry run found. */
  readonly lines?: readonly unknown[];
}

/** The URI to register at the provider. */
export const redirectUriOf = (web: Pick<AdminWeb, 'siteOrigin'>, id: string): string =>
  `${web.siteOrigin}/connect/callback/${id}`;

/** The entry that a provider's form describes, and fields that cannot be understood. */
export const providerEntryIn = (visit: AdminVisit, before: Entry | null) => {
  const { entry, errors } = entryOf(PROVIDER_FIELDS, visit.form, before);
  return {
    entry: withClients(withAccount(entry, visit.form), visit.form, before),
    errors: Object.fromEntries(errors.map(({ field, message }) => [field, message])),
  };
};

/** Rows as a person left them, so that nothing typed is lost when the form is shown again. */
const typedRows = (before: Entry | null, form: ReadonlyMap<string, string>) => {
  const known = clientRows(before);
  if (!form.has('client-0-host')) return known;
  const rows: (typeof known)[number][] = [];
  for (let n = 0; form.has(`client-${n}-host`); n += 1) {
    const host = form.get(`client-${n}-host`) ?? '';
    const secret = known.find((row) => row.host === host)?.secret ?? null;
    rows.push({ host, id: form.get(`client-${n}-id`) ?? '', secret });
  }
  return rows.some(({ host }) => host === '') ? rows : [...rows, { host: '', id: '', secret: null }];
};

const presetIn = ({ query }: AdminVisit): string => {
  const asked = query.get('preset') ?? '';
  return PRESETS.includes(asked) ? asked : 'oauth2';
};

/** Shows the form of a provider with what was typed, what is wrong, and what a dry run found. */
export const providerForm = (web: AdminWeb) => {
  const show = (visit: AdminVisit, shown: ShownProvider, status = 200): void => {
    const { form } = visit;
    const typedId = form.get('id') ?? '';
    const id = shown.id ?? typedId;
    const { before } = shown;
    const values = {
      ...valuesOf(PROVIDER_FIELDS, before ?? { preset: presetIn(visit) }),
      ...accountValues(before),
    };
    const found = errorsOf(faultsOf(shown), PROVIDER_FIELDS, { kind: 'provider', id });
    const model = {
      id: shown.id,
      version: shown.version,
      values: { ...typedOver(values, form), id: typedId },
      secrets: secretsOf(PROVIDER_FIELDS, before),
      clients: typedRows(before, form),
      errors: { ...found.byField, ...shown.errors },
      others: found.others,
      message: messageOf(shown),
      redirectUri: redirectUriOf(web, id || 'ID'),
      lines: shown.lines ?? null,
      theirs: shown.theirs ? differing(values, form) : {},
    };
    visit.show('admin/provider-form', model, { status });
  };
  return {
    show,
    /** Looks at what is in the form as it would be saved; nothing is. */
    async tryOut(visit: AdminVisit, shown: ShownProvider, id: string, entry: Entry): Promise<void> {
      const faults = await web.manage.records.check('provider', id, entry);
      if (faults.length > 0) return show(visit, { ...shown, notSaved: { faults } }, 422);
      show(visit, { ...shown, lines: await web.manage.tests.ofEntry(id, entry, visit.by) });
    },
  };
};
