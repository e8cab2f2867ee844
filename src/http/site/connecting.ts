import { wrongStep } from '../../connect/consent/browser-flow.js';
import { AppError } from '../../domain/errors.js';
import { Secret } from '../../domain/secret.js';
import { readForm, readJson, textOf } from '../body.js';
import type { Context } from '../context.js';
import { frameAnswer } from '../headers.js';
import { requireSameOrigin } from '../origin-check.js';
import { seeOther } from './answers.js';
import { flowCookies } from './flow-cookies.js';
import { namesOf, type SitePages } from './pages.js';
import type { SiteWeb } from './web.js';

type Addressed = Context & { readonly params: Readonly<Record<string, string | undefined>> };

const LARGEST_BODY = 4 * 1024;
const LONGEST_ID = 64;

/** The pages of one consent, from the popup's first word to the viewer's yes or no. */
export const connectingRoutes = (web: SiteWeb, pages: SitePages) => {
  const { siteOrigin } = web;
  const cookies = flowCookies(siteOrigin);

  /** The flow that a form of ours names, and the nonce this browser has for it. */
  const formFlow = async (ctx: Context): Promise<readonly [string, Secret | null]> => {
    requireSameOrigin(ctx, siteOrigin);
    const flow = (await readForm(ctx, LARGEST_BODY)).get('flow') ?? '';
    return [flow, cookies.read(ctx).of(flow)];
  };

  return {
    /** `POST /connect/open`: JSON, which no other site's page can send without asking first (T5). */
    async open(ctx: Context): Promise<void> {
      requireSameOrigin(ctx, siteOrigin);
      const body = await readJson(ctx, LARGEST_BODY);
      const via = body.via === undefined ? 'opener' : textOf(body, 'via', 16);
      const { flow, nonce } = await web.open(new Secret(textOf(body, 'ticket', 64)), via);
      cookies.write(ctx, flow.id, nonce);
      const names = namesOf(web, flow);
      frameAnswer(ctx);
      ctx.body = {
        flow: flow.id,
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
    async go(ctx: Context): Promise<void> {
      seeOther(ctx, await web.redirect(...(await formFlow(ctx))));
    },

    /** `POST /connect/other` */
    async other(ctx: Context): Promise<void> {
      seeOther(ctx, await web.otherAccount(...(await formFlow(ctx))));
    },

    /** `GET /connect/callback/:provider`: leads on to a page whose address holds no code. */
    async callback(ctx: Addressed): Promise<void> {
      const provider = (ctx.params.provider ?? '').slice(0, LONGEST_ID);
      const callback = await web.finish(provider, new URLSearchParams(ctx.querystring), cookies.read(ctx));
      if (callback.kind === 'neutral') pages.neutral(ctx, web.directory.provider(provider));
      else seeOther(ctx, `/connect/finish?flow=${encodeURIComponent(callback.flow)}`);
    },

    /** `GET /connect/finish` */
    async finish(ctx: Context): Promise<void> {
      const { flow } = ctx.query;
      if (typeof flow !== 'string') throw new AppError('parameter_invalid', 'This address is incomplete.');
      if (!pages.flow(ctx, await web.seen(flow, cookies.read(ctx).of(flow)))) throw wrongStep();
    },

    /** `POST /connect/accept` */
    async accept(ctx: Context): Promise<void> {
      const { id } = await web.accept(...(await formFlow(ctx)));
      seeOther(ctx, `/connect/finish?flow=${encodeURIComponent(id)}`);
    },

    /** `POST /connect/cancel` */
    async cancel(ctx: Context): Promise<void> {
      pages.cancelled(ctx, await web.cancel(...(await formFlow(ctx))));
    },
  };
};
