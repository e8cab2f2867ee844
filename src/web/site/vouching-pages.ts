import { showFlow } from '../../connect/consent/decide-flow.js';
import { unknownFlow, wrongStep } from '../../connect/consent/flow-checks.js';
import { askHost, checkVouchedFlow, findAskedFlow, vouchForFlow } from '../../connect/consent/vouching.js';
import { AppError } from '../../domain/errors.js';
import { Secret } from '../../domain/secret.js';
import { readForm } from '../body.js';
import type { Context } from '../context.js';
import { flowCookies } from './flow-cookies.js';
import { seeOther } from './see-other.js';
import { type SitePages, visitOf } from './site-pages.js';
import type { SiteWeb } from './site-web.js';
import { takeStep } from './taken-steps.js';

type Addressed = Context & { readonly params: Readonly<Record<string, string | undefined>> };

const LARGEST_BODY = 4 * 1024;
const LARGEST_ANSWER = 16 * 1024;
const LONGEST_TOKEN = 8 * 1024;
const LONGEST_ID = 64;

/** The way over the host, which says whose session a browser has (connect mode `reauth`). */
export const vouchingRoutes = (web: SiteWeb, pages: SitePages) => {
  const { connect, hostTokens } = web;
  const cookies = flowCookies(web.siteOrigin);
  return {
    /** `POST /connect/ask`: leads to the host's own page. */
    async ask(ctx: Context): Promise<void> {
      const flow = (await readForm(ctx, LARGEST_BODY)).get('flow') ?? '';
      const form = [flow, cookies.read(ctx).of(flow)] as const;
      await takeStep(ctx, { web, pages, form }, async () => seeOther(ctx, await askHost(connect, ...form)));
    },

    /**
     * `POST /connect/vouched/:host`: a form of the host's page. It comes from another site, so neither its `Origin` nor a cookie says
     * anything; the token does. Who may go on is seen at our own address, which it leads to.
     */
    async answer(ctx: Addressed): Promise<void> {
      const host = web.directory.host((ctx.params.host ?? '').slice(0, LONGEST_ID));
      // Its page leads on: at our own address this browser's cookies show which flow waits.
      if (host !== undefined) ctx.state.showRefusal = (refusal) => pages.unusableAnswer(ctx, host, refusal);
      const token = (await readForm(ctx, LARGEST_ANSWER)).get('token') ?? '';
      if (token === '') throw new AppError('token_missing');
      if (token.length > LONGEST_TOKEN)
        throw new AppError('token_invalid', {}, `A host token has at most ${LONGEST_TOKEN} characters.`);
      const id = (ctx.params.host ?? '').slice(0, LONGEST_ID);
      const flow = await vouchForFlow({ ...connect, hostTokens }, id, new Secret(token));
      seeOther(ctx, `/connect/vouched?flow=${encodeURIComponent(flow)}`);
    },

    /** `GET /connect/vouched`: of the flow that the host answered about, or of the one that still waits for this host. */
    async vouched(ctx: Context): Promise<void> {
      const { flow, host } = ctx.query;
      const nonces = cookies.read(ctx);
      const id = flow ?? (typeof host === 'string' ? await findAskedFlow(connect, host, nonces) : null);
      if (id === null) throw unknownFlow();
      if (typeof id !== 'string') throw new AppError('parameter_invalid', { as: 'address_incomplete' });
      const nonce = nonces.of(id);
      const { intent } = await checkVouchedFlow(connect, id, nonce);
      if (intent === 'visit') return seeOther(ctx, visitOf(id));
      if (!pages.flow(ctx, await showFlow(connect, id, nonce))) throw wrongStep();
    },
  };
};
