import type { SetupKind } from '../../domain/setup-record.js';
import type { AdminVisit } from '../console-route.js';
import type { AdminWeb } from '../console-web.js';
import type { SessionRoute } from '../session-route.js';
import type { Form } from './record-form.js';
import { changeable, NEW_RECORD, type ShownRecord } from './record-pages.js';
import type { FormPlace } from './typed-secrets.js';

const NOTHING_TYPED: Form = new Map();

/** What becomes of a form that was sent. */
type Sent = (visit: AdminVisit, place: FormPlace) => Promise<void>;

/** The four addresses of a record's form: an empty one and a filled one to read, and both to send. All of them ask who it is. */
export const formRoutes = (
  web: AdminWeb,
  kind: SetupKind,
  form: {
    readonly newPath: string;
    readonly show: (
      visit: AdminVisit,
      shown: ShownRecord,
      options: { readonly form: Form },
    ) => void | Promise<void>;
    readonly create: Sent;
    readonly change: Sent;
  },
): readonly SessionRoute[] => {
  const section = `${kind}s` as const;
  const common = { section, confirm: true } as const;
  const editPath = `/admin/${section}/:id/edit`;
  return [
    {
      ...common,
      method: 'get',
      path: form.newPath,
      handle: (visit) => form.show(visit, NEW_RECORD, { form: NOTHING_TYPED }),
    },
    {
      ...common,
      method: 'post',
      path: form.newPath,
      handle: (visit, ctx, { session }) => form.create(visit, { path: ctx.path, session }),
    },
    {
      ...common,
      method: 'get',
      path: editPath,
      async handle(visit) {
        const { id, version, entry } = await changeable(web, kind, visit);
        await form.show(visit, { id, version, before: entry }, { form: NOTHING_TYPED });
      },
    },
    {
      ...common,
      method: 'post',
      path: editPath,
      handle: (visit, ctx, { session }) => form.change(visit, { path: ctx.path, session }),
    },
  ];
};
