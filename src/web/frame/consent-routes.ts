import { activateFlow, type FlowProgress, listPendingFlows } from '../../connect/consent/activate-flow.js';
import { cancelFlowInGadget } from '../../connect/consent/decide-flow.js';
import { startFlow } from '../../connect/consent/start-flow.js';
import { enterCode } from '../../connect/consent/typed-code.js';
import { startVisit } from '../../connect/consent/visit.js';
import { disconnectViewer } from '../../connect/ending/disconnect.js';
import { issueTicket } from '../../connect/viewers-connections.js';
import { AppError } from '../../domain/errors.js';
import type { FlowIntent } from '../../domain/flow.js';
import type { FrameSession } from '../../domain/frame-session.js';
import { readJson, textOf } from '../body.js';
import type { Context } from '../context.js';
import { frameAnswer } from '../headers.js';
import { disconnectionSentence, failureSentence } from '../sentences.js';
import type { Addressed } from './addressed.js';
import type { FrameBearers } from './frame-bearers.js';
import type { FrameWeb } from './frame-web.js';

const LARGEST_BODY = 4 * 1024;
const LONGEST_ID = 64;

const flowOf = (ctx: Addressed): string => (ctx.params.id ?? '').slice(0, LONGEST_ID);

const intentOf = (value: unknown): FlowIntent => {
  if (value === 'connect' || value === 'other-account' || value === 'visit') return value;
  throw new AppError('body_invalid', '“intent” must be “connect”, “other-account” or “visit”.');
};

/** A flow as its frame sees it, with why it ended in the frame's language. */
const shownIn =
  (views: FrameWeb['views'], locale: string) =>
  ({ failure, ...progress }: FlowProgress): object =>
    failure === null
      ? progress
      : {
          ...progress,
          code: failure.code,
          message: failureSentence(views, locale, failure),
        };

/** The routes by which a frame's script starts a consent, follows it, and ends a Connection; the bearer says for whom. */
export const connectingRoutes = (
  web: FrameWeb,
  bearers: FrameBearers,
  renderings: FrameWeb['renderings'],
) => {
  const { connect, siteOrigin } = web;

  /** Asking is what makes an accepted flow's Connection. */
  const answerProgress = async (ctx: Addressed, session: FrameSession): Promise<void> => {
    const progress = await activateFlow(connect, flowOf(ctx), session.viewer);
    if (progress.status === 'active') renderings.forget(session);
    frameAnswer(ctx);
    ctx.body = shownIn(web.views, session.locale)(progress);
  };

  return {
    /** `POST /frame/flows` */
    async start(ctx: Context): Promise<void> {
      const session = await bearers.live(ctx);
      const { viewer, profile, gadget } = session;
      const body = await readJson(ctx, LARGEST_BODY);
      const intent = intentOf(body.intent);
      const { flow, mode, ticket, expiresIn } =
        intent === 'visit'
          ? await startVisit(connect, viewer, profile, gadget)
          : await startFlow(connect, {
              ...{ viewer, profile, gadget, intent },
              provider: textOf(body, 'provider', LONGEST_ID),
              further: intent === 'connect' ? await renderings.unconnected(session) : [],
            });
      const connectUrl = `${siteOrigin}/${intent === 'visit' ? 'connections' : 'connect'}`;
      frameAnswer(ctx);
      ctx.body = { flow, mode, ticket: ticket.reveal(), connectUrl, expiresIn };
    },

    /** `GET /frame/flows` */
    async pending(ctx: Context): Promise<void> {
      const { viewer, locale } = await bearers.live(ctx);
      const flows = await listPendingFlows(connect, viewer);
      frameAnswer(ctx);
      ctx.body = { flows: flows.map(shownIn(web.views, locale)) };
    },

    /** `GET /frame/flows/:id` */
    async look(ctx: Addressed): Promise<void> {
      await answerProgress(ctx, await bearers.live(ctx));
    },

    /** `POST /frame/flows/:id/code`: the code that the page of the consent shows, typed into the gadget. */
    async enterCode(ctx: Addressed): Promise<void> {
      const session = await bearers.live(ctx);
      const typed = textOf(await readJson(ctx, LARGEST_BODY), 'code', LONGEST_ID);
      await enterCode(connect, flowOf(ctx), session.viewer, typed);
      await answerProgress(ctx, session);
    },

    /** `POST /frame/flows/:id/cancel`: ends it for every page of its viewer. */
    async cancel(ctx: Addressed): Promise<void> {
      const { viewer } = await bearers.live(ctx);
      await readJson(ctx, LARGEST_BODY);
      await cancelFlowInGadget(connect, flowOf(ctx), viewer);
      frameAnswer(ctx);
      ctx.body = {};
    },

    /** `POST /frame/disconnect` */
    async disconnect(ctx: Context): Promise<void> {
      const session = await bearers.live(ctx);
      const provider = textOf(await readJson(ctx, LARGEST_BODY), 'provider', LONGEST_ID);
      const disconnection = await disconnectViewer(connect, session.viewer, provider);
      const { revoked } = disconnection;
      const message = disconnectionSentence(web.views, session.locale, disconnection);
      renderings.forget(session);
      frameAnswer(ctx);
      ctx.body = { revoked, message };
    },

    /** `POST /frame/tickets`: to open My connections. */
    async ticket(ctx: Context): Promise<void> {
      const { viewer, profile } = await bearers.live(ctx);
      await readJson(ctx, LARGEST_BODY);
      const { ticket, expiresIn } = await issueTicket(connect, viewer, profile.name, profile);
      frameAnswer(ctx);
      ctx.body = { ticket: ticket.reveal(), connectionsUrl: `${siteOrigin}/connections`, expiresIn };
    },
  };
};
