import { askHost, checkVouchedFlow, findAskedFlow, vouchForFlow } from '../../connect/consent/ask-host.js';
import { acceptAndGoOn, cancelFlow, findNext, showFlow } from '../../connect/consent/decide-flow.js';
import { finishFlow, RESPONSE_PARAMETERS } from '../../connect/consent/finish-flow.js';
import { unknownFlow, wrongStep } from '../../connect/consent/flow-checks.js';
import { openFlow } from '../../connect/consent/open-flow.js';
import { type PasteRefusal, pasteToken } from '../../connect/consent/paste-token.js';
import { factParameters } from '../../connect/consent/read-grant.js';
import { changeAccount, redirectFlow } from '../../connect/consent/redirect-flow.js';
import { AppError } from '../../domain/errors.js';
import type { Flow } from '../../domain/flow.js';
import { Secret } from '../../domain/secret.js';
import type { Provider } from '../../providers/provider.js';
import { readFields, readForm, readJson, textOf } from '../body.js';
import type { Context } from '../context.js';
import { frameAnswer, seeOther } from '../headers.js';
import { viewerLocale } from '../locale.js';
import { isSameOrigin } from '../origin-check.js';
import { flowCookies } from './flow-cookies.js';
import { namesOf, pageOf, type SitePages, visitOf } from './site-pages.js';
import type { SiteWeb } from './site-web.js';

type Addressed = Context & { readonly params: Readonly<Record<string, string | undefined>> };

const LARGEST_BODY = 4 * 1024;
/** A provider's answer as a form: a code of 16 kB, each character of it escaped, and the rest. */
const LARGEST_ANSWER = 64 * 1024;
/** A token of 4,096 characters, an account name and what else the form has. */
const LARGEST_PASTE = 8 * 1024;
const LARGEST_HOST_ANSWER = 16 * 1024;
const LONGEST_TOKEN = 8 * 1024;
const LONGEST_ID = 64;

const meaningful = (fields: URLSearchParams, provider: Provider): readonly (readonly [string, string])[] => {
  const names: readonly string[] = [...RESPONSE_PARAMETERS, ...factParameters(provider)];
  return [...fields].filter(([name]) => names.includes(name));
};

const providerIn = (ctx: Addressed): string => (ctx.params.provider ?? '').slice(0, LONGEST_ID);

/** The pages of one consent, from the popup's first word to the viewer's yes or no. */
export const connectingRoutes = (web: SiteWeb, pages: SitePages) => {
  const { connect, siteOrigin } = web;
  const cookies = flowCookies(siteOrigin);

  const finish = async (ctx: Addressed, parameters: Iterable<readonly [string, string]>): Promise<void> => {
    const provider = providerIn(ctx);
    const { requestId } = ctx.state;
    const callback = await finishFlow(connect, provider, parameters, {
      nonces: cookies.read(ctx),
      requestId,
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
      frameAnswer(ctx);
      if (resumed) {
        ctx.body = { flow: flow.id, resume: pageOf(flow.id) };
        return;
      }
      cookies.write(ctx, flow.id, nonce);
      ctx.body = openedAnswer(ctx, web, flow);
    },

    /** `POST /connect/go` */
    go: formStep(web, pages, async (ctx, form) => seeOther(ctx, await redirectFlow(connect, ...form))),

    /**
     * `POST /connect/token`: what a person pasted, in a body and nowhere else. One that is not taken is answered with the form, empty where the
     * token was.
     */
    token: formStep(
      web,
      pages,
      async (ctx, form, fields) => {
        const typed = {
          token: fields.get('token') ?? '',
          account: fields.get('account') ?? '',
          expires: fields.get('expires') ?? '',
        };
        const pasted = await pasteToken(connect, ...form, typed);
        if (pasted.kind === 'held') return seeOther(ctx, pageOf(form[0]));
        const { token: _, ...again } = typed;
        const seen = await showFlow(connect, ...form);
        if (!pages.flow(ctx, seen, { refused: { why: pasted.why, ...again } })) throw wrongStep();
        ctx.status = STATUS_OF[pasted.why] ?? 422;
      },
      { largest: LARGEST_PASTE },
    ),

    /** `POST /connect/other` */
    otherAccount: formStep(web, pages, async (ctx, form) =>
      seeOther(ctx, (await changeAccount(connect, ...form)) ?? pageOf(form[0])),
    ),

    /** `GET /connect/callback/:provider`: leads on to a page whose address holds no code. */
    callback: (ctx: Addressed): Promise<void> => finish(ctx, new URLSearchParams(ctx.querystring)),

    /**
     * `POST /connect/callback/:provider`: the same as a form (OAuth 2.0 Form Post Response Mode). A form of another site brings none of our
     * cookies, so a page of ours sends it once more: only then it is known which browser this is.
     */
    async posted(ctx: Addressed): Promise<void> {
      const fields = await readFields(ctx, LARGEST_ANSWER);
      if (isSameOrigin(ctx, siteOrigin)) return finish(ctx, fields);
      const provider = web.directory.provider(providerIn(ctx));
      if (provider === undefined) throw new AppError('provider_unknown');
      pages.relay(ctx, provider.id, meaningful(fields, provider));
    },

    /** `GET /connect/finish`: the page of the step that a flow is at, whichever it is. */
    finish: (ctx: Context): Promise<void> => showStep(ctx, web, pages, ctx.query.flow),

    /**
     * `POST /connect/accept`: the window then shows the first question about the next provider, where the gadget needs one more; in mode
     * `code` as soon as the code that it shows was typed.
     */
    accept: formStep(web, pages, async (ctx, form, fields) => {
      const { accepted, next } = await acceptAndGoOn(connect, ...form, chosenIn(fields));
      if (next !== null) cookies.write(ctx, next.flow.id, next.nonce);
      const shown = accepted.status === 'coded' ? accepted : (next?.flow ?? accepted);
      seeOther(ctx, pageOf(shown.id));
    }),

    /** `POST /connect/cancel` */
    cancel: formStep(
      web,
      pages,
      async (ctx, form) => pages.cancelled(ctx, await cancelFlow(connect, ...form)),
      { late: true },
    ),
  };
};

/** The way over the host, which says whose session a browser has (connect mode `reauth`). */
export const vouchingRoutes = (web: SiteWeb, pages: SitePages) => {
  const { connect, hostTokens } = web;
  const cookies = flowCookies(web.siteOrigin);
  return {
    /** `POST /connect/ask`: leads to the host's own page. */
    ask: formStep(web, pages, async (ctx, form) => seeOther(ctx, await askHost(connect, ...form))),

    /**
     * `POST /connect/vouched/:host`: a form of the host's page. It comes from another site, so neither its `Origin` nor a cookie says
     * anything; the token does. Who may go on is seen at our own address, which it leads to.
     */
    async answer(ctx: Addressed): Promise<void> {
      const id = (ctx.params.host ?? '').slice(0, LONGEST_ID);
      const host = web.directory.host(id);
      // Its page leads on: at our own address this browser's cookies show which flow waits.
      if (host !== undefined) ctx.state.showRefusal = (refusal) => pages.unusableAnswer(ctx, host, refusal);
      const token = (await readForm(ctx, LARGEST_HOST_ANSWER)).get('token') ?? '';
      if (token === '') throw new AppError('token_missing');
      if (token.length > LONGEST_TOKEN)
        throw new AppError('token_invalid', {}, `A host token has at most ${LONGEST_TOKEN} characters.`);
      const flow = await vouchForFlow({ ...connect, hostTokens }, id, new Secret(token));
      seeOther(ctx, `/connect/vouched?flow=${encodeURIComponent(flow)}`);
    },

    /** `GET /connect/vouched`: of the flow that the host answered about, or of the one that still waits for this host. */
    async vouched(ctx: Context): Promise<void> {
      const { flow, host } = ctx.query;
      const id =
        flow ?? (typeof host === 'string' ? await findAskedFlow(connect, host, cookies.read(ctx)) : null);
      if (id === null) throw unknownFlow();
      await showStep(ctx, web, pages, id);
    },
  };
};

/** What a token was refused for that is not what was typed. */
const STATUS_OF: Partial<Record<PasteRefusal, number>> = {
  throttled: 429,
  busy: 503,
  down: 503,
  absent: 502,
  unreadable: 502,
};

/** What the popup's script shows of a flow that was just opened. */
const openedAnswer = (ctx: Context, web: SiteWeb, flow: Flow): object => {
  const names = { locale: viewerLocale(ctx, web.views), ...namesOf(web, flow) };
  return {
    flow: flow.id,
    page: pageOf(flow.id),
    host: names.host.name,
    hostOrigin: names.host.origin,
    viewer: names.viewer.name,
    viewerEmail: names.viewer.email,
    gadget: names.gadget,
    provider: names.provider.name,
    scopes: names.scopes,
    oneGrantPerAccount: names.oneGrantPerAccount,
    html: web.views.page(flow.mode === 'reauth' ? 'connect/ask-host-body' : 'connect/question-body', names),
  };
};

/** Shows the page of the step that a flow is at, to the browser that carries its nonce. */
const showStep = async (ctx: Context, web: SiteWeb, pages: SitePages, id: unknown): Promise<void> => {
  if (typeof id !== 'string') throw new AppError('parameter_invalid', { as: 'address_incomplete' });
  const nonces = flowCookies(web.siteOrigin).read(ctx);
  const nonce = nonces.of(id);
  const { intent } = await checkVouchedFlow(web.connect, id, nonce);
  if (intent === 'visit') return seeOther(ctx, visitOf(id));
  const seen = await showFlow(web.connect, id, nonce);
  const next = await findNext(web.connect, seen, nonces);
  if (next !== null && seen.status !== 'coded') return seeOther(ctx, pageOf(next.id));
  if (!pages.flow(ctx, seen, { next: next?.provider ?? null })) throw wrongStep();
};

const CHOICE = 'fact-';

/** What a form chose among several, by the facts' names. */
export const chosenIn = (fields: ReadonlyMap<string, string>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...fields].flatMap(([name, value]) =>
      name.startsWith(CHOICE) ? [[name.slice(CHOICE.length), value] as const] : [],
    ),
  );

/** The flow that a form of ours names, and the nonce this browser has for it. */
type FormFlow = readonly [id: string, nonce: Secret | null];

/**
 * A step of a flow that a form of ours takes. One that was already taken (by Back, a second click, another tab) is answered with the page
 * of the step that the flow is at, under the refusal's own status: no one is left at a dead end. `late`: it is Cancel, and came too late.
 */
const formStep =
  (
    web: SiteWeb,
    pages: SitePages,
    step: (ctx: Context, form: FormFlow, fields: ReadonlyMap<string, string>) => Promise<void>,
    { late = false, largest = LARGEST_BODY }: { readonly late?: boolean; readonly largest?: number } = {},
  ): ((ctx: Context) => Promise<void>) =>
  async (ctx) => {
    const fields = await readForm(ctx, largest);
    const id = fields.get('flow') ?? '';
    const form = [id, flowCookies(web.siteOrigin).read(ctx).of(id)] as const;
    try {
      await step(ctx, form, fields);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'flow_step') throw error;
      if (!pages.flow(ctx, await showFlow(web.connect, ...form), { late })) throw error;
      ctx.status = error.status;
      ctx.state.log.code = error.code;
    }
  };
