import type { Entry } from '../../domain/setup-record.js';
import { titledGadgets } from '../../hosts/bound-gadget.js';
import { previewName } from '../../hosts/console-host.js';
import type { Host } from '../../hosts/host.js';
import { LANGUAGES } from '../../hosts/snippets/snippet-facts.js';
import { countConnections } from '../connections/use-cases.js';
import type { AdminRoute, AdminVisit, ConsoleDeps, SessionRoute } from '../console-route.js';
import { givenParameters, parametersQuery } from '../gadgets/given-parameters.js';
import {
  changeable,
  formRoutes,
  NEW_RECORD,
  newIdIn,
  type ShownRecord,
  saving,
  textOf,
  UNNAMED,
  versionIn,
} from '../records/form-pages.js';
import { at, secretsOf } from '../records/record-form.js';
import { connectionsOf, needsOf } from '../records/removal-pages.js';
import { type FormPlace, keepSecrets, recallSecrets } from '../records/typed-secrets.js';
import type { ManagedRecord } from '../records/use-cases.js';
import { changeRecord, checkRecord, createRecord, getRecord, listRecords } from '../records/use-cases.js';
import {
  ADD_PLACEMENT,
  HOST_FIELDS,
  hostEntryIn,
  hostMerged,
  keyKindOf,
  listAt,
  modeOf,
  showHostForm,
  withPlacement,
} from './host-form.js';
import type { Snippets } from './write-snippets.js';
import { writeSnippets } from './write-snippets.js';

const LIST = '/admin/hosts';
const section = 'hosts';

/** The gadgets that a host may show, and what the console previews each as. */
const shownGadgets = ({ directory }: ConsoleDeps, host: Host) =>
  titledGadgets(directory, host)
    .map((gadget) => ({ ...gadget, preview: previewName(host, gadget.id) }))
    .toSorted((one, other) => one.title.localeCompare(other.title, 'en'));

/** The pages of hosts: all of them, one of them, and its form. */
export const hostRoutes = (deps: ConsoleDeps): readonly SessionRoute[] => {
  return [
    {
      method: 'get',
      path: LIST,
      section,
      handle: async (visit) => visit.show('admin/hosts', { hosts: await listRecords(deps, 'host') }),
    },
    ...hostChangeRoutes(deps),
    {
      method: 'get',
      path: `${LIST}/:id`,
      section,
      async handle(visit) {
        const host = await getRecord(deps, 'host', visit.params.id ?? '');
        const { entry } = host;
        const served = deps.directory.host(host.id);
        const names = new Map((await listRecords(deps, 'provider')).map(({ id, name }) => [id, name]));
        const nameOf = (id: string): string => names.get(id) ?? id;
        visit.show('admin/host', {
          host,
          origins: listAt(entry, ['origins']),
          keyKind: keyKindOf(entry),
          algorithms: listAt(entry, ['key', 'algorithms']),
          jwks: at(entry, ['key', 'jwks']) ?? null,
          secrets: secretsOf(HOST_FIELDS, entry),
          mode: modeOf(entry),
          connectUrl: at(entry, ['connect', 'url']) ?? null,
          gadgets: served === undefined ? [] : shownGadgets(deps, served),
          providers: listAt(entry, ['providers']).map((id) => ({
            id,
            name: nameOf(id),
            known: names.has(id),
          })),
          needs: await needsOf(deps, 'host', host.id),
          connections: connectionsOf(await countConnections(deps), 'host', host.id, nameOf),
          entry: textOf(entry),
        });
      },
    },
  ];
};

/** A generated secret is shown once, on a page of its own; otherwise the host's page follows. */
const done = (visit: AdminVisit, host: ManagedRecord, made: string | null): void => {
  if (made !== null) {
    visit.show('admin/host-secret', { host, secret: made }, { script: 'admin.js' });
  } else {
    visit.leave({ kind: 'good', message: `Saved ${host.name}.` });
    visit.seeOther(`/admin/hosts/${encodeURIComponent(host.id)}`);
  }
};

/** A host's form, new or changed. */
export const hostChangeRoutes = (deps: ConsoleDeps): readonly SessionRoute[] => {
  const newSecret = (): string => deps.entropy.secret().reveal();

  /** A form that was sent, and how to show it again with everything that was typed. */
  const sent = async (visit: AdminVisit, place: FormPlace, before: Entry | null) => {
    const recalled = await recallSecrets(deps, visit.form, place);
    const { form, errors: misplaced } = withPlacement(recalled.form, before);
    const errors = { ...recalled.errors, ...misplaced };
    const isAdding = visit.form.has(ADD_PLACEMENT);
    const again = async (shown: ShownRecord, status = 422): Promise<void> =>
      showHostForm(deps, visit, shown, { form, kept: await keepSecrets(deps, form, place), status });
    return { form, errors, again, isAdding };
  };

  const create = async (visit: AdminVisit, place: FormPlace): Promise<void> => {
    const { form, errors, again, isAdding } = await sent(visit, place, null);
    if (isAdding) return again({ ...NEW_RECORD, errors }, Object.keys(errors).length > 0 ? 422 : 200);
    const named = newIdIn(form);
    const { entry, made } = hostEntryIn(form, null, newSecret);
    const wrong = { ...errors, ...('problem' in named && { id: named.problem }) };
    if ('problem' in named || Object.keys(wrong).length > 0) {
      const checkedAs = 'id' in named ? named.id : UNNAMED;
      const faults = await checkRecord(deps, 'host', checkedAs, entry);
      return again({ ...NEW_RECORD, errors: wrong, notSaved: { faults }, checkedAs });
    }
    const saved = await saving(() => createRecord(deps, 'host', named.id, entry, visit.by));
    if (!('id' in saved)) return again({ ...NEW_RECORD, notSaved: saved });
    done(visit, saved, made);
  };

  const change = async (visit: AdminVisit, place: FormPlace): Promise<void> => {
    const record = await changeable(deps, 'host', visit);
    const { form, errors, again, isAdding } = await sent(visit, place, record.entry);
    const { entry, made } = hostEntryIn(form, record.entry, newSecret);
    // The version of the form, not of now: someone who overwrites another change must see it first.
    const version = versionIn(form);
    const shown = { id: record.id, version, before: record.entry };
    if (Object.keys(errors).length > 0) return again({ ...shown, errors });
    if (isAdding) return again(shown, 200);
    const saved = await saving(() =>
      changeRecord(deps, { kind: 'host', id: record.id, version }, entry, visit.by),
    );
    if ('id' in saved) return done(visit, saved, made);
    if ('faults' in saved || !saved.changed) return again({ ...shown, notSaved: saved });
    // Saving again is a decision then: the page shows both changes, merged.
    const now = await changeable(deps, 'host', visit);
    return again(hostMerged(form, entry, now), 409);
  };

  return formRoutes(deps, 'host', {
    newPath: '/admin/hosts/new',
    show: (visit, shown, options) => showHostForm(deps, visit, shown, options),
    create,
    change,
  });
};

const pathOf = (
  host: string,
  gadget: string,
  given: ReadonlyMap<string, string>,
  language: string,
): string => {
  const query = parametersQuery(given);
  const asked = new URLSearchParams({ gadget, language });
  return `/admin/hosts/${encodeURIComponent(host)}/snippet?${asked}${query === '' ? '' : `&${query}`}#token`;
};

const previewPath = (gadget: string, given: ReadonlyMap<string, string>): string => {
  const query = parametersQuery(given);
  return `/admin/preview/${encodeURIComponent(gadget)}${query === '' ? '' : `?${query}`}`;
};

/** Everything that is copied has a name, by which its button finds it. */
const endpointOf = ({ endpoints }: Snippets, language: string | null) =>
  endpoints.find((each) => each.language === language) ?? endpoints[0];

/** `/admin/hosts/:id/snippet`: what a host's developer copies, for one gadget and in one language at a time. */
export const snippetRoutes = (deps: ConsoleDeps): readonly AdminRoute[] => [
  {
    method: 'get',
    path: '/admin/hosts/:id/snippet',
    section: 'hosts',
    handle(visit) {
      const host = visit.params.id ?? '';
      const given = givenParameters(visit.query);
      const snippets = writeSnippets(deps, { host, gadget: visit.query.get('gadget'), given });
      const endpoint = endpointOf(snippets, visit.query.get('language'));
      const gadget = snippets.gadget.id;
      const served = deps.directory.host(host);
      visit.show(
        'admin/snippet',
        {
          snippets,
          endpoint,
          asks: snippets.parameters.some(({ isExample }) => isExample),
          languages: LANGUAGES.map((language) => ({
            language,
            title: endpointOf(snippets, language)?.title ?? language,
            path: pathOf(host, gadget, given, language),
          })),
          paths: {
            host: `/admin/hosts/${encodeURIComponent(host)}`,
            page: `/admin/hosts/${encodeURIComponent(host)}/snippet`,
            preview: previewPath(served === undefined ? gadget : previewName(served, gadget), given),
          },
        },
        { script: 'admin.js' },
      );
    },
  },
];
