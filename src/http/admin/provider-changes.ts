import { providerEntryIn, providerForm } from './provider-form.js';
import { changeable, newIdIn, saving, versionIn } from './records.js';
import type { AdminRoute, AdminVisit } from './route.js';
import type { AdminWeb } from './web.js';

const NEW = '/admin/providers/new/form';
const EDIT = '/admin/providers/:id/edit';

const done = (
  visit: AdminVisit,
  { id, name }: { readonly id: string; readonly name: string },
  more: string,
): void => {
  visit.leave({ kind: 'good', message: `${name} was saved.${more}` });
  visit.seeOther(`/admin/providers/${encodeURIComponent(id)}`);
};

/** A provider's form, new or changed. Its two buttons save, or try out what is typed without saving. */
export const providerChangeRoutes = (web: AdminWeb): readonly AdminRoute[] => {
  const { records } = web.manage;
  const form = providerForm(web);
  const common = { section: 'providers', confirm: true } as const;

  const create = async (visit: AdminVisit): Promise<void> => {
    const shown = { id: null, version: null, before: null };
    const named = newIdIn(visit.form);
    const { entry, errors } = providerEntryIn(visit, null);
    const wrong = { ...errors, ...('problem' in named && { id: named.problem }) };
    if ('problem' in named || Object.keys(errors).length > 0)
      return form.show(visit, { ...shown, errors: wrong }, 422);
    if (visit.form.get('do') === 'test') return form.tryOut(visit, shown, named.id, entry);
    const saved = await saving(() => records.create('provider', named.id, entry, visit.by));
    if (!('id' in saved)) return form.show(visit, { ...shown, notSaved: saved }, 422);
    done(visit, saved, ' Register its redirect URI at the provider, then test it.');
  };

  const change = async (visit: AdminVisit): Promise<void> => {
    const record = await changeable(web, 'provider', visit);
    const { entry, errors } = providerEntryIn(visit, record.entry);
    // The version of the form, not of now: who typed over somebody else's change must see it first.
    const version = versionIn(visit.form);
    const shown = { id: record.id, version, before: record.entry };
    if (Object.keys(errors).length > 0) return form.show(visit, { ...shown, errors }, 422);
    if (visit.form.get('do') === 'test') return form.tryOut(visit, shown, record.id, entry);
    const saved = await saving(() => records.change('provider', record.id, entry, version, visit.by));
    if ('id' in saved) return done(visit, saved, '');
    if ('faults' in saved) return form.show(visit, { ...shown, notSaved: saved }, 422);
    // Saving once more is a decision then: the page shows what the other change made of each field.
    form.show(visit, { ...shown, version: record.version, theirs: true, notSaved: saved }, 409);
  };

  return [
    {
      ...common,
      method: 'get',
      path: NEW,
      handle: (visit) => form.show(visit, { id: null, version: null, before: null }),
    },
    { ...common, method: 'post', path: NEW, handle: create },
    {
      ...common,
      method: 'get',
      path: EDIT,
      async handle(visit) {
        const { id, version, entry } = await changeable(web, 'provider', visit);
        form.show(visit, { id, version, before: entry });
      },
    },
    { ...common, method: 'post', path: EDIT, handle: change },
  ];
};
