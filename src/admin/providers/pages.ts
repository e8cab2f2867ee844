import { redirectUriOf } from '../../connect/connect-deps.js';
import { InvalidRecord } from '../../domain/invalid-record.js';
import type { Entry } from '../../domain/setup-record.js';
import { gadgetNamed } from '../../hosts/bound-gadget.js';
import { CONSOLE_HOST } from '../../hosts/console-host.js';
import { presets } from '../../providers/presets.js';
import { countConnections } from '../connections/use-cases.js';
import type { AdminRoute, AdminVisit, ConsoleDeps, SessionRoute } from '../console-route.js';
import {
  changeable,
  formRoutes,
  NEW_RECORD,
  newIdIn,
  saving,
  textOf,
  UNNAMED,
  versionIn,
} from '../records/form-pages.js';
import { faultSentence } from '../records/record-errors.js';
import { secretsOf, type Texts } from '../records/record-form.js';
import { connectionsOf, needsOf } from '../records/removal-pages.js';
import { type FormPlace, keepSecrets, recallSecrets } from '../records/typed-secrets.js';
import type { ManagedRecord } from '../records/use-cases.js';
import { changeRecord, checkRecord, createRecord, getRecord, listRecords } from '../records/use-cases.js';
import { testProvider } from './dry-run/dry-run.js';
import {
  clientsIn,
  isPastedEntry,
  kindsOfProvider,
  PROVIDER_FIELDS,
  providerEntryIn,
  providerMerged,
  type ShownProvider,
  showProviderForm,
} from './provider-form.js';
import { readPastedCertificates, trustCertificates } from './use-cases.js';

const LIST = '/admin/providers';
const section = 'providers';

const namesProvider = (entry: Entry | null, id: string): boolean =>
  Array.isArray(entry?.providers) && entry.providers.includes(id);

/** The pages of providers: all of them, one of them, which kind a new one is, and its form. */
export const providerRoutes = (deps: ConsoleDeps): readonly SessionRoute[] => {
  return [
    {
      method: 'get',
      path: LIST,
      section,
      handle: async (visit) =>
        visit.show('admin/providers', { providers: await listRecords(deps, 'provider') }),
    },
    {
      method: 'get',
      path: `${LIST}/new`,
      section,
      handle: (visit) => visit.show('admin/provider-new', { kinds: kindsOfProvider() }),
    },
    ...providerChangeRoutes(deps),
    {
      method: 'get',
      path: `${LIST}/:id`,
      section,
      async handle(visit) {
        const provider = await getRecord(deps, 'provider', visit.params.id ?? '');
        const hosts = await listRecords(deps, 'host');
        const names = new Map(hosts.map(({ id, name }) => [id, name]));
        const counts = await countConnections(deps);
        const model = {
          provider,
          hosts: hosts.filter(({ entry }) => namesProvider(entry, provider.id)),
          needs: await needsOf(deps, 'provider', provider.id),
          connections: connectionsOf(counts, 'provider', provider.id, (id) => names.get(id) ?? id),
          entry: textOf(provider.entry),
          redirectUri: redirectUriOf(deps.siteOrigin, provider.id),
          pastes: isPastedEntry(provider.entry),
          scopes: scopesOf(provider.entry),
          secrets: secretsOf(PROVIDER_FIELDS, provider.entry),
          clients: clientsIn(provider.entry).map((row) => ({
            ...row,
            name: names.get(row.host) ?? row.host,
          })),
        };
        visit.show('admin/provider', model, { script: 'admin.js' });
      },
    },
  ];
};

/** The scopes that are asked for, and whether they are those of the preset; null where no key opens the record. */
const scopesOf = (
  entry: Entry | null,
): { readonly asked: readonly string[]; readonly ofPreset: boolean } | null => {
  if (entry === null) return null;
  const { scopes, preset } = entry;
  if (Array.isArray(scopes)) return { asked: scopes.map(String), ofPreset: false };
  return { asked: presets.find(({ name }) => name === preset)?.fields.scopes ?? [], ofPreset: true };
};

const MOST_PREVIEWS = 12;

/** Where an administrator connects as themselves: the previews of gadgets that ask this provider. */
const previewsOf = ({ directory }: Pick<ConsoleDeps, 'directory'>, provider: string) => {
  const host = directory.host(CONSOLE_HOST);
  return (host?.gadgets ?? [])
    .flatMap((name) => gadgetNamed(directory, host, name) ?? [])
    .filter(({ providers }) => providers.includes(provider))
    .slice(0, MOST_PREVIEWS)
    .map(({ id, title }) => ({ title, path: `/admin/preview/${encodeURIComponent(id)}` }));
};
const done = (
  visit: AdminVisit,
  { id, name }: { readonly id: string; readonly name: string },
  more: string,
): void => {
  visit.leave({ kind: 'good', message: `Saved ${name}.${more}` });
  visit.seeOther(`/admin/providers/${encodeURIComponent(id)}`);
};

/** A provider's form, new or changed. Its two buttons save, or test what is typed without saving. */
export const providerChangeRoutes = (deps: ConsoleDeps): readonly SessionRoute[] => {
  /** A form that was sent, and how to show it again with everything that was typed. */
  const sent = async (visit: AdminVisit, place: FormPlace) => {
    const { form, errors } = await recallSecrets(deps, visit.form, place);
    const again = async (shown: ShownProvider, status: number): Promise<void> =>
      showProviderForm(deps, visit, shown, { form, kept: await keepSecrets(deps, form, place), status });

    /** What is wrong with the whole, beside fields that cannot be understood. */
    const refuse = async (shown: ShownProvider, id: string, entry: Entry, wrong: Texts): Promise<void> => {
      const faults = await checkRecord(deps, 'provider', id, entry);
      return again({ ...shown, errors: wrong, notSaved: { faults }, checkedAs: id }, 422);
    };

    /** Tests what is in the form without saving it. */
    const tryOut = async (shown: ShownProvider, id: string, entry: Entry): Promise<void> => {
      const faults = await checkRecord(deps, 'provider', id, entry);
      if (faults.length > 0) return again({ ...shown, notSaved: { faults } }, 422);
      return again({ ...shown, lines: await testProvider(deps, { id, entry }, visit.by) }, 200);
    };
    return { form, errors, again, refuse, tryOut };
  };

  const create = async (visit: AdminVisit, place: FormPlace): Promise<void> => {
    const { form, again, ...typed } = await sent(visit, place);
    const named = newIdIn(form);
    const { entry, errors } = providerEntryIn(form, null);
    const wrong = { ...errors, ...typed.errors };
    if ('problem' in named) return typed.refuse(NEW_RECORD, UNNAMED, entry, { ...wrong, id: named.problem });
    if (Object.keys(wrong).length > 0) return typed.refuse(NEW_RECORD, named.id, entry, wrong);
    if (form.get('do') === 'test') return typed.tryOut(NEW_RECORD, named.id, entry);
    const saved = await saving(() => createRecord(deps, 'provider', named.id, entry, visit.by));
    if (!('id' in saved)) return again({ ...NEW_RECORD, notSaved: saved }, 422);
    const next = isPastedEntry(entry)
      ? ' Test it, then connect as yourself in the preview.'
      : ' Start the dry run once the redirect URI is registered at the provider.';
    done(visit, saved, next);
  };

  const change = async (visit: AdminVisit, place: FormPlace): Promise<void> => {
    const record = await changeable(deps, 'provider', visit);
    const { form, again, ...typed } = await sent(visit, place);
    const { entry, errors } = providerEntryIn(form, record.entry);
    // The version of the form, not of now: someone who overwrites another change must see it first.
    const version = versionIn(form);
    const shown = { id: record.id, version, before: record.entry };
    const wrong = { ...errors, ...typed.errors };
    if (Object.keys(wrong).length > 0) return typed.refuse(shown, record.id, entry, wrong);
    if (form.get('do') === 'test') return typed.tryOut(shown, record.id, entry);
    const saved = await saving(() =>
      changeRecord(deps, { kind: 'provider', id: record.id, version }, entry, visit.by),
    );
    if ('id' in saved) return done(visit, saved, '');
    if ('faults' in saved || !saved.changed) return again({ ...shown, notSaved: saved }, 422);
    // Saving again is a decision then: the page shows both changes, merged.
    const now = await changeable(deps, 'provider', visit);
    return again(providerMerged(form, entry, now), 409);
  };

  return formRoutes(deps, 'provider', {
    newPath: '/admin/providers/new/form',
    show: (visit, shown, options) => showProviderForm(deps, visit, shown, options),
    create,
    change,
  });
};

const PROVIDER = '/admin/providers/:id';

const pathOf = (id: string): string => `/admin/providers/${encodeURIComponent(id)}`;

/** Only a provider of the console that is not being removed can be given certificates here. */
const trustPath = ({ id, origin, leavingAt }: ManagedRecord): string | null =>
  origin === 'store' && leavingAt === null ? `${pathOf(id)}/certificates` : null;

const sentenceOf = ({ faults }: InvalidRecord): string => faults.map(faultSentence).join(' ');

/** Testing a provider, and trusting a certificate that a test showed or that was pasted. */
export const providerTestRoutes = (deps: ConsoleDeps): readonly AdminRoute[] => {
  const recordOf = ({ params }: AdminVisit) => getRecord(deps, 'provider', params.id ?? '');
  const textIn = ({ form }: AdminVisit): string => (form.get('certificates') ?? '').trim();

  return [
    {
      method: 'post',
      path: `${PROVIDER}/test`,
      section,
      async handle(visit) {
        const provider = await recordOf(visit);
        const lines = await testProvider(deps, { id: provider.id }, visit.by);
        const isGreen = lines.every(({ light }) => light === 'green');
        const previews = isGreen ? [] : previewsOf(deps, provider.id);
        // Where something fails, no one could connect yet.
        const isUntried =
          lines.every(({ light }) => light !== 'red') && lines.some(({ code }) => code === 'api_untried');
        visit.show('admin/provider-test', {
          ...{ provider, lines, previews, isUntried },
          trust: trustPath(provider),
        });
      },
    },
    {
      method: 'post',
      path: `${PROVIDER}/certificates`,
      section,
      async handle(visit) {
        const provider = await recordOf(visit);
        const text = textIn(visit);
        try {
          const certificates = readPastedCertificates(deps, provider.id, text);
          visit.show('admin/provider-trust', { provider, text, certificates, error: null });
        } catch (error) {
          if (!(error instanceof InvalidRecord)) throw error;
          const shown = { provider, text, certificates: [], error: sentenceOf(error) };
          visit.show('admin/provider-trust', shown, { status: 422 });
        }
      },
    },
    {
      method: 'post',
      path: `${PROVIDER}/certificates/trust`,
      section,
      confirm: true,
      async handle(visit) {
        const { id } = await recordOf(visit);
        const { name } = await trustCertificates(deps, id, textIn(visit), visit.by);
        visit.leave({
          kind: 'good',
          message: `The certificate is now trusted for ${name} alone. Test the provider again.`,
        });
        visit.seeOther(pathOf(id));
      },
    },
  ];
};
