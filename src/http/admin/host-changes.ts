import type { ManagedRecord } from '../../manage/records.js';
import { hostEntryIn } from './host-fields.js';
import { hostForm } from './host-form.js';
import { changeable, newIdIn, saving, versionIn } from './records.js';
import type { AdminRoute, AdminVisit } from './route.js';
import type { AdminWeb } from './web.js';

const NEW = '/admin/hosts/new';
const EDIT = '/admin/hosts/:id/edit';

/** A secret that was made is shown once, on a page of its own; else the host's page follows. */
const done = (visit: AdminVisit, host: ManagedRecord, made: string | null): void => {
  if (made !== null) {
    visit.show('admin/host-secret', { host, secret: made });
  } else {
    visit.leave({ kind: 'good', message: `${host.name} was saved.` });
    visit.seeOther(`/admin/hosts/${encodeURIComponent(host.id)}`);
  }
};

/** A host's form, new or changed. */
export const hostChangeRoutes = (web: AdminWeb): readonly AdminRoute[] => {
  const { records } = web.manage;
  const show = hostForm(web);
  const newSecret = (): string => web.entropy.secret().reveal();
  const common = { section: 'hosts', confirm: true } as const;

  const create = async (visit: AdminVisit): Promise<void> => {
    const shown = { id: null, version: null, before: null };
    const named = newIdIn(visit.form);
    if ('problem' in named) return show(visit, { ...shown, errors: { id: named.problem } }, 422);
    const { entry, made } = hostEntryIn(visit.form, null, newSecret);
    const saved = await saving(() => records.create('host', named.id, entry, visit.by));
    if (!('id' in saved)) return show(visit, { ...shown, notSaved: saved }, 422);
    done(visit, saved, made);
  };

  const change = async (visit: AdminVisit): Promise<void> => {
    const record = await changeable(web, 'host', visit);
    const { entry, made } = hostEntryIn(visit.form, record.entry, newSecret);
    // The version of the form, not of now: who typed over somebody else's change must see it first.
    const version = versionIn(visit.form);
    const shown = { id: record.id, version, before: record.entry };
    const saved = await saving(() => records.change('host', record.id, entry, version, visit.by));
    if ('id' in saved) return done(visit, saved, made);
    if ('faults' in saved) return show(visit, { ...shown, notSaved: saved }, 422);
    return show(visit, { ...shown, version: record.version, theirs: true, notSaved: saved }, 409);
  };

  return [
    {
      ...common,
      method: 'get',
      path: NEW,
      handle: (visit) => show(visit, { id: null, version: null, before: null }),
    },
    { ...common, method: 'post', path: NEW, handle: create },
    {
      ...common,
      method: 'get',
      path: EDIT,
      async handle(visit) {
        const { id, version, entry } = await changeable(web, 'host', visit);
        await show(visit, { id, version, before: entry });
      },
    },
    { ...common, method: 'post', path: EDIT, handle: change },
  ];
};
