import type { Entry } from '../../domain/setup-record.js';
import type { AdminVisit } from '../console-route.js';
import type { AdminWeb } from '../console-web.js';
import { formRoutes } from '../records/form-pages.js';
import type { Texts } from '../records/record-form.js';
import { changeable, NEW_RECORD, newIdIn, saving, UNNAMED, versionIn } from '../records/record-pages.js';
import { type FormPlace, typedSecrets } from '../records/typed-secrets.js';
import type { SessionRoute } from '../session-route.js';
import { providerEntryIn, providerForm, providerMerged, type ShownProvider } from './provider-form.js';

const done = (
  visit: AdminVisit,
  { id, name }: { readonly id: string; readonly name: string },
  more: string,
): void => {
  visit.leave({ kind: 'good', message: `${name} was saved.${more}` });
  visit.seeOther(`/admin/providers/${encodeURIComponent(id)}`);
};

/** A provider's form, new or changed. Its two buttons save, or try out what is typed without saving. */
export const providerChangeRoutes = (web: AdminWeb): readonly SessionRoute[] => {
  const { records, tests } = web.manage;
  const show = providerForm(web);
  const secrets = typedSecrets(web);

  /** A form that was sent, and the way to show it once more with everything that was typed. */
  const sent = async (visit: AdminVisit, place: FormPlace) => {
    const { form, errors } = await secrets.recall(visit.form, place);
    const again = async (shown: ShownProvider, status: number): Promise<void> =>
      show(visit, shown, { form, kept: await secrets.keep(form, place), status });

    /** What is wrong with the whole, beside fields that cannot be understood. */
    const refuse = async (shown: ShownProvider, id: string, entry: Entry, wrong: Texts): Promise<void> => {
      const faults = await records.check('provider', id, entry);
      return again({ ...shown, errors: wrong, notSaved: { faults }, checkedAs: id }, 422);
    };

    /** Looks at what is in the form as it would be saved; nothing is. */
    const tryOut = async (shown: ShownProvider, id: string, entry: Entry): Promise<void> => {
      const faults = await records.check('provider', id, entry);
      if (faults.length > 0) return again({ ...shown, notSaved: { faults } }, 422);
      return again({ ...shown, lines: await tests.ofEntry(id, entry, visit.by) }, 200);
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
    const saved = await saving(() => records.create('provider', named.id, entry, visit.by));
    if (!('id' in saved)) return again({ ...NEW_RECORD, notSaved: saved }, 422);
    done(visit, saved, ' Register its redirect URI at the provider, then test it.');
  };

  const change = async (visit: AdminVisit, place: FormPlace): Promise<void> => {
    const record = await changeable(web, 'provider', visit);
    const { form, again, ...typed } = await sent(visit, place);
    const { entry, errors } = providerEntryIn(form, record.entry);
    // The version of the form, not of now: who typed over somebody else's change must see it first.
    const version = versionIn(form);
    const shown = { id: record.id, version, before: record.entry };
    const wrong = { ...errors, ...typed.errors };
    if (Object.keys(wrong).length > 0) return typed.refuse(shown, record.id, entry, wrong);
    if (form.get('do') === 'test') return typed.tryOut(shown, record.id, entry);
    const saved = await saving(() => records.change('provider', record.id, entry, version, visit.by));
    if ('id' in saved) return done(visit, saved, '');
    if ('faults' in saved || !saved.changed) return again({ ...shown, notSaved: saved }, 422);
    // Saving once more is a decision then: the page shows both changes, put together.
    const now = await changeable(web, 'provider', visit);
    return again(providerMerged(form, entry, now), 409);
  };

  return formRoutes(web, 'provider', { newPath: '/admin/providers/new/form', show, create, change });
};
