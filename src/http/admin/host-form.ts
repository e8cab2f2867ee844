import type { Entry } from '../../domain/setup.js';
import { ALGORITHMS, HOST_FIELDS, keyKindOf, ticked } from './host-fields.js';
import { at, errorsOf, secretsOf, valuesOf } from './record-form.js';
import { differing, faultsOf, messageOf, type ShownRecord, typedOver } from './records.js';
import type { AdminVisit } from './route.js';
import type { AdminWeb } from './web.js';

export const modeOf = (entry: Entry | null): string => String(at(entry, ['connect', 'mode']) ?? 'opener');

/** Shows the form of a host with what was typed and what is wrong. */
export const hostForm =
  (web: AdminWeb) =>
  async (visit: AdminVisit, shown: ShownRecord, status = 200): Promise<void> => {
    const { form } = visit;
    const { before } = shown;
    const typedId = form.get('id') ?? '';
    const values = {
      ...valuesOf(HOST_FIELDS, before),
      'key-kind': keyKindOf(before),
      'connect-mode': modeOf(before),
    };
    const boxes = (
      group: string,
      path: readonly string[],
      items: readonly { readonly id: string; readonly label: string }[],
    ) => {
      const chosen = ticked(group, before, path, form);
      return items.map((item) => ({ ...item, chosen: chosen.has(item.id) }));
    };
    const found = errorsOf(faultsOf(shown), HOST_FIELDS, { kind: 'host', id: shown.id ?? typedId });
    const providers = await web.manage.records.list('provider');
    const model = {
      id: shown.id,
      version: shown.version,
      values: { ...typedOver(values, form), id: typedId },
      secrets: secretsOf(HOST_FIELDS, before),
      newSecret: form.has('new-secret'),
      algorithms: boxes(
        'algorithm',
        ['key', 'algorithms'],
        ALGORITHMS.map((id) => ({ id, label: id })),
      ),
      gadgets: boxes(
        'gadget',
        ['gadgets'],
        web.manage.gadgets().map(({ id, title }) => ({ id, label: title })),
      ),
      providers: boxes(
        'provider',
        ['providers'],
        providers.map(({ id, name }) => ({ id, label: name })),
      ),
      errors: { ...found.byField, ...shown.errors },
      others: found.others,
      message: messageOf(shown),
      theirs: shown.theirs ? differing(values, form) : {},
    };
    visit.show('admin/host-form', model, { status });
  };
