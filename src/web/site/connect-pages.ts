import { acceptFlow, cancelFlow, showFlow } from '../../connect/consent/decide-flow.js';
import { finishFlow, RESPONSE_PARAMETERS } from '../../connect/consent/finish-flow.js';
import { wrongStep } from '../../connect/consent/flow-checks.js';
import { openFlow } from '../../connect/consent/open-flow.js';
import { changeAccount, redirectFlow } from '../../connect/consent/redirect-flow.js';
import { checkVouchedFlow } from '../../connect/consent/vouching.js';
import { AppError } from '../../domain/errors.js';
import { Secret } from '../../domain/secret.js';
import { readFields, readForm, readJson, textOf } from '../body.js';
import type { Context } from '../context.js';
import { frameAnswer } from '../headers.js';
import { viewerLocale } from '../locale.js';
import { isSameOrigin } from '../origin-check.js';
import { flowCookies } from './flow-cookies.js';
import { seeOther } from './see-other.js';
import { namesOf, pageOf, type SitePages, visitOf } from './site-pages.js';
import type { SiteWeb } from './site-web.js';
import { type FormFlow, takeStep } from './taken-steps.js';

type Addressed = Context & { readonly params: Readonly<Record<string, string | undefined>> };

const LARGEST_BODY = 4 * 1024;
/** A provider's answer as a form: a code of 16 kB, each character of it escaped, and the rest. */
const LARGEST_ANSWER = 64 * 1024;
const LONGEST_ID = 64;

const meaningful = (fields: URLSearchParams): readonly (readonly [string, string])[] =>
  [...fields].filter(([name]) => RESPONSE_PARAMETERS.some((each) => each === name));

const providerIn = (ctx: Addressed): string => (ctx.params.provider ?? '').slice(0, LONGEST_ID);

/** The pages of one consent, from the popup's first word to the viewer's yes or no. */
export const connectingRoutes = (web: SiteWeb, pages: SitePages) => {
  const { connect, siteOrigin } = web;
  const cookies = flowCookies(siteOrigin);

  /** The flow that a form of ours names, and the nonce this browser has for it. */
  const formFlow = async (ctx: Context): Promise<FormFlow> => {
    const flow = (await readForm(ctx, LARGEST_BODY)).get('flow') ?? '';
    return [flow, cookies.read(ctx).of(flow)];
  };

  const leadingOn =
    (step: (ctx: Context, form: FormFlow) => Promise<void>, late = false) =>
    async (ctx: Context): Promise<void> => {
      const form = await formFlow(ctx);
      await takeStep(ctx, { web, pages, form, late }, () => step(ctx, form));
    };

  const answered = async (ctx: Addressed, parameters: Iterable<readonly [string, string]>): Promise<void> => {
    const provider = providerIn(ctx);
    const callback = await finishFlow(connect, provider, parameters, {
      nonces: cookies.read(ctx),
      requestId: ctx.state.requestId,
    });
    if (callback.kind === 'neutral') pages.neutral(ctx, web.directory.provider(provider));
    else seeOther(ctx, pageOf(callback.flow));
  };

  return {
    /** `POST /connect/open`: JSON, which no other site's page can send without asking first (T5). */
    async open(ctx: Context): Promise<void> {
      const body = await readJson(ctx, LARGEST_BODY);
      const via = body.via === undefined ? 'opener' : textOf(body, 'via', 16);
      const ticket = new Secret(textOf(body, 'ticket', 64));
      const { flow, nonce, resumed } = await openFlow(connect, ticket, via, cookies.read(ctx));
      const page = pageOf(flow.id);
      frameAnswer(ctx);
      if (resumed) {
        ctx.body = { flow: flow.id, resume: page };
        return;
      }
      cookies.write(ctx, flow.id, nonce);
      const names = { locale: viewerLocale(ctx, web.views), ...namesOf(web, flow) };
      ctx.body = {
        flow: flow.id,
        page,
        host: names.host.name,
        hostOrigin: names.host.origin,
        viewer: names.viewer.name,
        viewerEmail: names.viewer.email,
        gadget: names.gadget,
        provider: names.provider.name,
        scopes: names.scopes,
        oneGrantPerAccount: names.oneGrantPerAccount,
        html: web.views.page(flow.mode === 'reauth' ? 'connect/asking' : 'connect/interstitial', names),
      };
    },

    /** `POST /connect/go` */
    go: leadingOn(async (ctx, form) => seeOther(ctx, await redirectFlow(connect, ...form))),

    /** `POST /connect/other` */
    otherAccount: leadingOn(async (ctx, form) => seeOther(ctx, await changeAccount(connect, ...form))),

    /** `GET /connect/callback/:provider`: leads on to a page whose address holds no code. */
    callback: (ctx: Addressed): Promise<void> => answered(ctx, new URLSearchParams(ctx.querystring)),

    /**
     * `POST /connect/callback/:provider`: the same as a form (OAuth 2.0 Form Post Response Mode). A form of another site brings none of our
     * cookies, so a page of ours sends it once more: only then it is known which browser this is.
     */
    async posted(ctx: Addressed): Promise<void> {
      const fields = await readFields(ctx, LARGEST_ANSWER);
      if (isSameOrigin(ctx, siteOrigin)) return answered(ctx, fields);
      if (web.directory.provider(providerIn(ctx)) === undefined) throw new AppError('provider_unknown');
      pages.relay(ctx, providerIn(ctx), meaningful(fields));
    },

    /** `GET /connect/finish`: the page of the step that a flow is at, whichever it is. */
    async finish(ctx: Context): Promise<void> {
      const { flow: id } = ctx.query;
      if (typeof id !== 'string') throw new AppError('parameter_invalid', { as: 'address_incomplete' });
      const nonce = cookies.read(ctx).of(id);
      const { intent } = await checkVouchedFlow(connect, id, nonce);
      if (intent === 'visit') return seeOther(ctx, visitOf(id));
      if (!pages.flow(ctx, await showFlow(connect, id, nonce))) throw wrongStep();
    },

    /** `POST /connect/accept` */
    accept: leadingOn(async (ctx, form) => seeOther(ctx, pageOf((await acceptFlow(connect, ...form)).id))),

    /** `POST /connect/cancel` */
    cancel: leadingOn(async (ctx, form) => pages.cancelled(ctx, await cancelFlow(connect, ...form)), true),
  };
};
