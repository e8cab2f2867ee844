import type { FlowProgress } from '../../connect/consent/activate.js';
import { AppError } from '../../domain/errors.js';
import type { FlowIntent } from '../../domain/flow.js';
import { readForm } from '../body.js';
import type { Context } from '../context.js';
import { requireSameOrigin } from '../origin-check.js';
import { flowCookies } from './flow-cookies.js';
import { MINE } from './my-connections.js';
import { seeOther } from './see-other.js';
import type { SiteWeb } from './site-web.js';
import type { Said, WithSession } from './viewer-session.js';

type Addressed = Context & { readonly params: Readonly<Record<string, string | undefined>> };

const LARGEST_BODY = 4 * 1024;
const LONGEST_ID = 64;

const intentOf = (value: string | undefined): FlowIntent => {
  if (value === 'connect' || value === 'other-account') return value;
  throw new AppError('body_invalid', '“intent” must be “connect” or “other-account”.');
};

const saidOf = ({ status, failure }: FlowProgress): Said => {
  if (status === 'active') return { kind: 'active' };
  return failure === null ? { kind: 'superseded' } : { kind: 'failed', failure };
};

/** Connecting anew from My connections: the flow begins and ends in the session, and passes the ordinary connect pages between. */
export const connectingAgainRoutes = (web: SiteWeb, withSession: WithSession) => {
  const { siteOrigin } = web;
  const cookies = flowCookies(siteOrigin);
  return {
    /** `POST /connections/:id/connect` */
    begin: (ctx: Addressed) =>
      withSession(ctx, async (session) => {
        requireSameOrigin(ctx, siteOrigin);
        const intent = intentOf((await readForm(ctx, LARGEST_BODY)).get('intent'));
        const visitor = session.visitor();
        if (visitor === null) return seeOther(ctx, MINE);
        const id = (ctx.params.id ?? '').slice(0, LONGEST_ID);
        const { flow, nonce } = await web.beginInSession(visitor, id, intent);
        cookies.write(ctx, flow.id, nonce);
        seeOther(ctx, `/connect/finish?flow=${encodeURIComponent(flow.id)}`);
      }),

    /** `POST /connections/accept`: the yes, which needs the session that the flow was begun in. */
    accept: (ctx: Context) =>
      withSession(ctx, async (session) => {
        requireSameOrigin(ctx, siteOrigin);
        const flow = (await readForm(ctx, LARGEST_BODY)).get('flow') ?? '';
        const visitor = session.visitor();
        if (visitor === null) throw new AppError('session_expired', { as: 'session_expired_connections' });
        session.leave(saidOf(await web.acceptInSession(visitor.viewer, flow, cookies.read(ctx).of(flow))));
        seeOther(ctx, MINE);
      }),
  };
};
