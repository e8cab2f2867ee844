import { Secret } from '../domain/secret.js';
import type { Context } from '../web/context.js';
import type { ConsoleDeps, Entrance } from './console-route.js';
import { seeOther, showPage } from './page-frame.js';
import { confirmPassword, isConfirmed } from './people/sign-in.js';
import type { Form } from './records/record-form.js';
import { type FormPlace, isSecret, keepSecrets, recallSecrets } from './records/typed-secrets.js';

/** The field of a form that is sent again with the password. */
const PASSWORD = 'confirm-password';

type Visitor = NonNullable<Entrance['visitor']>;

/** What is shown after too many attempts. */
export const waitSentence = (seconds: number): string => {
  const minutes = Math.ceil(seconds / 60);
  const wait = seconds < 90 ? `${seconds} seconds` : `${minutes} minutes`;
  return `Too many attempts. Wait ${wait}, then try again.`;
};

/** What the page finds that asks for the password. `fields`: what the person typed, sent along so that nothing of it is lost. */
export const confirmModel = (
  { identityProvider }: Pick<ConsoleDeps, 'identityProvider'>,
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
  elsewhere: admin.subject === null ? null : (identityProvider?.name ?? null),
});

/** What a page may hold of what was typed: in place of each secret, what finds it again. */
const withoutSecrets = async (deps: ConsoleDeps, typed: Form, place: FormPlace): Promise<Form> => {
  const { form, errors } = await recallSecrets(deps, typed, place);
  // Some have expired: the form must still say so.
  const kept = Object.keys(errors).length > 0 ? null : await keepSecrets(deps, form, place);
  if (kept === null) return new Map([...typed].filter(([name]) => !isSecret(name)));
  const { field, value } = kept;
  return new Map([...[...form].filter(([name]) => !isSecret(name)), [field, value]]);
};

/**
 * For routes that ask who it is again. A GET is redirected to the page that asks, and comes back. A POST whose confirmation expired while
 * its form was filled in gets that page with everything that was typed, secrets kept apart, and goes on once the password is right.
 * Resolves with the fields of the form, or with null when it has sent a response itself.
 */
export const requireConfirmation = async (
  deps: ConsoleDeps,
  ctx: Context,
  entrance: Entrance,
  visitor: Visitor,
): Promise<ReadonlyMap<string, string> | null> => {
  const { session, form } = entrance;
  const { [PASSWORD]: password, ...typed } = Object.fromEntries(form);
  const fields = new Map(Object.entries(typed));
  if (isConfirmed(deps, visitor.signedIn)) return fields;
  if (ctx.method !== 'POST') {
    seeOther(ctx, `/admin/confirm?to=${encodeURIComponent(ctx.path + ctx.search)}`);
    return null;
  }
  const ask = async (status: number, error: string | null): Promise<null> => {
    ctx.state.log.code = status === 429 ? 'too_many_requests' : 'confirmation_required';
    const shown = await withoutSecrets(deps, fields, { path: ctx.path, session });
    const asked = { action: ctx.path + ctx.search, to: '/admin/confirmed', fields: shown, error };
    showPage(deps, ctx, entrance, 'admin/confirm', confirmModel(deps, visitor, asked), {
      status,
      leaving: true,
    });
    return null;
  };
  if (password === undefined) return ask(403, null);
  const from = { address: ctx.state.client, requestId: ctx.state.requestId };
  const outcome = await confirmPassword(deps, visitor.admin, new Secret(password), from);
  if (outcome.kind === 'wrong') return ask(403, 'Wrong password.');
  if (outcome.kind === 'wait') {
    ctx.set('Retry-After', String(outcome.seconds));
    return ask(429, waitSentence(outcome.seconds));
  }
  session.confirmed(outcome.signedIn.confirmedAt);
  return fields;
};
