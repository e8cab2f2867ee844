import { Secret } from '../domain/secret.js';
import type { Context } from '../web/context.js';
import type { AdminWeb } from './console-web.js';
import type { Entrance } from './entrance.js';
import { type AdminPages, seeOther } from './page-frame.js';
import { waitSentence } from './people/sign-in-pages.js';
import type { Form } from './records/record-form.js';
import { type FormPlace, isSecret, typedSecrets } from './records/typed-secrets.js';

/** The field of a form that is sent anew with the password. */
const PASSWORD = 'confirm-password';

type Visitor = NonNullable<Entrance['visitor']>;

/** What the page finds that asks for the password. `fields`: what the person typed, sent along so that nothing of it is lost. */
export const confirmModel = (
  web: AdminWeb,
  { admin }: Visitor,
  asked: {
    readonly action: string;
    readonly to: string;
    readonly fields: ReadonlyMap<string, string>;
    readonly error: string | null;
  },
) => ({
  ...asked,
  fields: [...asked.fields].map(([name, value]) => ({ name, value })),
  hasPassword: admin.hasPassword,
  elsewhere: admin.subject === null ? null : web.manage.signIn.elsewhere,
});

/** What a page may hold of what was typed: in place of each secret, what finds it again. */
const withoutSecrets = async (web: AdminWeb, typed: Form, place: FormPlace): Promise<Form> => {
  const { recall, keep } = typedSecrets(web);
  const { form, errors } = await recall(typed, place);
  // Some were kept too long ago: what is left of them must still say so.
  const kept = Object.keys(errors).length > 0 ? null : await keep(form, place);
  if (kept === null) return new Map([...typed].filter(([name]) => !isSecret(name)));
  const { field, value } = kept;
  return new Map([...[...form].filter(([name]) => !isSecret(name)), [field, value]]);
};

/**
 * For routes that ask anew who it is. A GET is sent to the page that asks, and comes back. A POST whose confirmation ran out while its
 * form was filled in gets that page with all that was typed in it, secrets kept apart, and goes on once the password is right. Resolves with the fields
 * of the form, or with null when it has answered itself.
 */
export const confirmation =
  (web: AdminWeb, pages: AdminPages) =>
  async (ctx: Context, entrance: Entrance, visitor: Visitor): Promise<ReadonlyMap<string, string> | null> => {
    const { session, form } = entrance;
    const { [PASSWORD]: password, ...typed } = Object.fromEntries(form);
    const fields = new Map(Object.entries(typed));
    if (web.manage.signIn.isConfirmed(visitor.signedIn)) return fields;
    if (ctx.method !== 'POST') {
      seeOther(ctx, `/admin/confirm?to=${encodeURIComponent(ctx.path + ctx.search)}`);
      return null;
    }
    const ask = async (status: number, error: string | null): Promise<null> => {
      ctx.state.log.code = status === 429 ? 'too_many_requests' : 'confirmation_required';
      const shown = await withoutSecrets(web, fields, { path: ctx.path, session });
      const asked = { action: ctx.path + ctx.search, to: '/admin/confirmed', fields: shown, error };
      pages.show(ctx, entrance, 'admin/confirm', confirmModel(web, visitor, asked), {
        status,
        leaving: true,
      });
      return null;
    };
    if (password === undefined) return ask(403, null);
    const from = { address: ctx.state.client, requestId: ctx.state.requestId };
    const outcome = await web.manage.signIn.again(visitor.admin, new Secret(password), from);
    if (outcome.kind === 'wrong') return ask(403, 'That is not your password.');
    if (outcome.kind === 'wait') {
      ctx.set('Retry-After', String(outcome.seconds));
      return ask(429, waitSentence(outcome.seconds));
    }
    session.confirmed(outcome.signedIn.confirmedAt);
    return fields;
  };
