import type { Entry } from '../../domain/setup-record.js';
import type { AdminVisit } from '../console-route.js';
import type { AdminWeb } from '../console-web.js';
import { type Form, typedIn } from '../records/record-form.js';
import { mergedWith, type RecordForm, recordModel } from '../records/record-form-page.js';
import type { Changeable, ShownRecord } from '../records/record-pages.js';
import type { ManagedRecord } from '../records/record-types.js';
import type { KeptSecrets } from '../records/typed-secrets.js';
import { ALGORITHMS, HOST_FIELDS, keyKindOf, modeOf, tickedTexts } from './host-fields.js';

const HOST: RecordForm = {
  kind: 'host',
  fields: HOST_FIELDS,
  more: (entry) => ({ 'key-kind': keyKindOf(entry), 'connect-mode': modeOf(entry) }),
  moreTyped: (form, before) => ({
    'key-kind': typedIn(form, 'key-kind') ?? keyKindOf(before),
    'connect-mode': typedIn(form, 'connect-mode') ?? modeOf(before),
    ...tickedTexts(form),
  }),
};

/** What the page shows when somebody else changed the host while the form was filled in. */
export const hostMerged = (form: Form, typed: Entry, now: Changeable): ShownRecord =>
  mergedWith(HOST, form, typed, now);

interface Box {
  readonly id: string;
  readonly label: string;
  /** Told beside it; null where there is nothing to tell. */
  readonly note: string | null;
}

/** Boxes for all that can be chosen, and for what is chosen although it is not there. */
const boxesOf = (offered: readonly Box[], text: string, missing: string) => {
  const chosen = text.split('\n').filter((id) => id !== '');
  const known = new Set(offered.map(({ id }) => id));
  const others = chosen.filter((id) => !known.has(id)).map((id): Box => ({ id, label: id, note: missing }));
  return [...offered, ...others].map((box) => ({ ...box, chosen: chosen.includes(box.id) }));
};

const providerBox = ({ id, name, leavingAt }: ManagedRecord): Box => ({
  id,
  label: name,
  note: leavingAt === null ? null : 'being removed',
});

/** Shows the form of a host with what was typed and what is wrong. */
export const hostForm =
  (web: AdminWeb) =>
  async (
    visit: AdminVisit,
    shown: ShownRecord,
    { form, kept = null, status = 200 }: { form: Form; kept?: KeptSecrets; status?: number },
  ): Promise<void> => {
    const model = recordModel(HOST, shown, form, { kept });
    const textOf = (name: string): string => model.values[name] ?? '';
    const providers = (await web.manage.records.list('provider')).map(providerBox);
    const gadgets = web.manage.gadgets().map(({ id, title }) => ({ id, label: title, note: null }));
    const algorithms = ALGORITHMS.map((id) => ({ id, label: id, note: null }));
    const isChosen = ({ id, note }: Box): boolean =>
      note === null || textOf('providers').split('\n').includes(id);
    const whole = {
      ...model,
      newSecret: form.has('new-secret'),
      bound: web.manage.records.bound(),
      algorithms: boxesOf(algorithms, textOf('algorithms'), 'not taken'),
      gadgets: boxesOf(gadgets, textOf('gadgets'), 'not on this server'),
      providers: boxesOf(providers.filter(isChosen), textOf('providers'), 'there is none'),
    };
    visit.show('admin/host-form', whole, { status });
  };
