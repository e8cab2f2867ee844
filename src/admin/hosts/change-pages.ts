import type { AdminVisit } from '../console-route.js';
import type { AdminWeb } from '../console-web.js';
import { formRoutes } from '../records/form-pages.js';
import {
  changeable,
  NEW_RECORD,
  newIdIn,
  type ShownRecord,
  saving,
  UNNAMED,
  versionIn,
} from '../records/record-pages.js';
import type { ManagedRecord } from '../records/record-types.js';
import { type FormPlace, typedSecrets } from '../records/typed-secrets.js';
import type { SessionRoute } from '../session-route.js';
import { hostEntryIn } from './host-fields.js';
import { hostForm, hostMerged } from './host-form.js';

/** A secret that was made is shown once, on a page of its own; else the host's page follows. */
const done = (visit: AdminVisit, host: ManagedRecord, made: string | null): void => {
  if (made !== null) {
    visit.show('admin/host-secret', { host, secret: made }, { script: 'admin.js' });
  } else {
    visit.leave({ kind: 'good', message: `${host.name} was saved.` });
    visit.seeOther(`/admin/hosts/${encodeURIComponent(host.id)}`);
  }
};

/** A host's form, new or changed. */
export const hostChangeRoutes = (web: AdminWeb): readonly SessionRoute[] => {
  const { records } = web.manage;
  const show = hostForm(web);
  const secrets = typedSecrets(web);
  const newSecret = (): string => web.entropy.secret().reveal();

  /** A form that was sent, and the way to show it once more with everything that was typed. */
  const sent = async (visit: AdminVisit, place: FormPlace) => {
    const { form, errors } = await secrets.recall(visit.form, place);
    const again = async (shown: ShownRecord, status = 422): Promise<void> =>
      show(visit, shown, { form, kept: await secrets.keep(form, place), status });
    return { form, errors, again };
  };

  const create = async (visit: AdminVisit, place: FormPlace): Promise<void> => {
    const { form, errors, again } = await sent(visit, place);
    const named = newIdIn(form);
    const { entry, made } = hostEntryIn(form, null, newSecret);
    const wrong = { ...errors, ...('problem' in named && { id: named.problem }) };
    if ('problem' in named || Object.keys(wrong).length > 0) {
      const checkedAs = 'id' in named ? named.id : UNNAMED;
      const faults = await records.check('host', checkedAs, entry);
      return again({ ...NEW_RECORD, errors: wrong, notSaved: { faults }, checkedAs });
    }
    const saved = await saving(() => records.create('host', named.id, entry, visit.by));
    if (!('id' in saved)) return again({ ...NEW_RECORD, notSaved: saved });
    done(visit, saved, made);
  };

  const change = async (visit: AdminVisit, place: FormPlace): Promise<void> => {
    const record = await changeable(web, 'host', visit);
    const { form, errors, again } = await sent(visit, place);
    const { entry, made } = hostEntryIn(form, record.entry, newSecret);
    // The version of the form, not of now: who typed over somebody else's change must see it first.
    const version = versionIn(form);
    const shown = { id: record.id, version, before: record.entry };
    if (Object.keys(errors).length > 0) return again({ ...shown, errors });
    const saved = await saving(() => records.change('host', record.id, entry, version, visit.by));
    if ('id' in saved) return done(visit, saved, made);
    if ('faults' in saved || !saved.changed) return again({ ...shown, notSaved: saved });
    // Saving once more is a decision then: the page shows both changes, put together.
    const now = await changeable(web, 'host', visit);
    return again(hostMerged(form, entry, now), 409);
  };

  return formRoutes(web, 'host', { newPath: '/admin/hosts/new', show, create, change });
};
