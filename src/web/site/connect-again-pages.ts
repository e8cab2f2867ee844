import type { FlowProgress } from '../../connect/consent/activate-flow.js';
import { acceptSessionFlow, startSessionFlow } from '../../connect/consent/session-flow.js';
import { AppError } from '../../domain/errors.js';
import type { FlowIntent } from '../../domain/flow.js';
import { readForm } from '../body.js';
import type { Context } from '../context.js';
import { seeOther } from '../headers.js';
import { flowCookies } from './flow-cookies.js';
import { MINE } from './my-connections.js';
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

/** Connecting again from My connections: the flow starts and ends in the session, and passes the ordinary connect pages between. */
export const connectingAgainRoutes = (web: SiteWeb, withSession: WithSession) => {
  const { connect } = web;
  const cookies = flowCookies(web.siteOrigin);
  return {
    /** `POST /connections/:id/connect` */
    start: (ctx: Addressed) =>
      withSession(ctx, async (session) => {
        const intent = intentOf((await readForm(ctx, LARGEST_BODY)).get('intent'));
        const visitor = session.visitor();
        if (visitor === null) return seeOther(ctx, MINE);
        const id = (ctx.params.id ?? '').slice(0, LONGEST_ID);
        const { flow, nonce } = await startSessionFlow(connect, visitor, id, intent);
        cookies.write(ctx, flow.id, nonce);
        seeOther(ctx, `/connect/finish?flow=${encodeURIComponent(flow.id)}`);
      }),

    /** `POST /connections/accept`: the yes, which needs the session that the flow was started in. */
    accept: (ctx: Context) =>
      withSession(ctx, async (session) => {
        const flow = (await readForm(ctx, LARGEST_BODY)).get('flow') ?? '';
        const visitor = session.visitor();
        if (visitor === null) throw new AppError('session_expired', { as: 'session_expired_connections' });
        const nonce = cookies.read(ctx).of(flow);
        session.leave(saidOf(await acceptSessionFlow(connect, visitor.viewer, flow, nonce)));
        seeOther(ctx, MINE);
      }),
  };
};
