import type { Entry } from '../../domain/setup-record.js';
import { defaultPreset, type Preset, presets } from '../../providers/presets.js';
import type { AdminVisit } from '../console-route.js';
import type { AdminWeb } from '../console-web.js';
import { entryOf, type Form, type Texts, typedIn } from '../records/record-form.js';
import { mergedWith, type RecordForm, recordModel } from '../records/record-form-page.js';
import type { Changeable, ShownRecord } from '../records/record-pages.js';
import type { KeptSecrets } from '../records/typed-secrets.js';
import { clientFields, clientsText, shownRows, withClients } from './provider-clients.js';
import { accountValues, PROVIDER_FIELDS, withAccount } from './provider-fields.js';

/** The kinds of provider there are to choose from, the default first. */
export const kindsOfProvider = (): readonly Preset[] => [
  defaultPreset,
  ...presets.filter(({ name }) => name !== defaultPreset.name),
];

const PROVIDER: RecordForm = {
  kind: 'provider',
  fields: PROVIDER_FIELDS,
  more: (entry) => ({ ...accountValues(entry), clients: clientsText(entry) }),
  moreTyped: (form, before) => (typedIn(form, 'account-target') === null ? accountValues(before) : {}),
};

/** What the form's page shows: a new provider, or one that is being changed. */
export interface ShownProvider extends ShownRecord {
  /** What a dry run found. */
  readonly lines?: readonly unknown[];
}

/** The URI to register at the provider. */
export const redirectUriOf = (web: Pick<AdminWeb, 'siteOrigin'>, id: string): string =>
  `${web.siteOrigin}/connect/callback/${id}`;

/** The entry that a provider's form describes, and fields that cannot be understood. */
export const providerEntryIn = (
  form: Form,
  before: Entry | null,
): { readonly entry: Entry; readonly errors: Texts } => {
  const fields = entryOf(PROVIDER_FIELDS, form, before);
  const whole = withClients(withAccount(fields.entry, form), form, before);
  return { entry: whole.entry, errors: { ...fields.errors, ...whole.errors } };
};

/** What the page shows when somebody else changed the provider while the form was filled in. */
export const providerMerged = (form: Form, typed: Entry, now: Changeable): ShownProvider =>
  mergedWith(PROVIDER, form, typed, now);

const presetIn = ({ query }: AdminVisit): string => {
  const asked = query.get('preset') ?? '';
  return presets.some(({ name }) => name === asked) ? asked : defaultPreset.name;
};

/** Shows the form of a provider with what was typed, what is wrong, and what a dry run found. */
export const providerForm =
  (web: AdminWeb) =>
  async (
    visit: AdminVisit,
    shown: ShownProvider,
    { form, kept = null, status = 200 }: { form: Form; kept?: KeptSecrets; status?: number },
  ): Promise<void> => {
    const { before, merged } = shown;
    const untouched = merged?.theirs.clients?.kind === 'taken';
    const rows = shownRows(before, untouched ? new Map() : form);
    const start = { preset: presetIn(visit) };
    const model = recordModel(PROVIDER, shown, form, { fields: clientFields(rows), start, kept });
    const hosts = (await web.manage.records.list('host')).map(({ id, name }) => ({ id, name }));
    const unknown = rows.map(({ host }) => host).filter((host) => !hosts.some(({ id }) => id === host));
    const shownModel = {
      ...model,
      clients: rows,
      hosts: [...hosts, ...unknown.filter((id) => id !== '').map((id) => ({ id, name: id }))],
      redirectUri: redirectUriOf(web, shown.id ?? (typedIn(form, 'id') || 'ID')),
      // Nothing of a record that no key opens is known, not even this.
      kinds: kindsOfProvider(),
      url: presets.find(({ name }) => name === model.values.preset)?.url ?? null,
      asksPreset: shown.id !== null && before === null,
      bound: web.manage.records.bound(),
      lines: shown.lines ?? null,
    };
    visit.show('admin/provider-form', shownModel, { status, script: 'admin.js' });
  };
