import type { Disconnection } from '../../connect/ending/disconnect.js';
import type { Visitor } from '../../connect/viewers-connections.js';
import type { FlowFailure } from '../../domain/flow.js';
import { viewerOf } from '../../domain/viewer.js';
import type { Context } from '../context.js';
import { type WebSession, webSessionsOf } from '../web-session.js';
import type { SiteWeb } from './site-web.js';

interface Content {
  readonly visitor: {
    readonly host: string;
    readonly sub: string;
    readonly name: string | null;
    readonly origin?: string;
    readonly locale?: string;
  };
  readonly said?: Said;
}

/** What the next page of the session says once. It becomes a sentence where it is shown. */
export type Said =
  | { readonly kind: 'active' | 'superseded' | 'reset' | 'chosen' }
  | { readonly kind: 'failed'; readonly failure: FlowFailure }
  | { readonly kind: 'disconnected'; readonly disconnection: Disconnection };

/** Whose connections this browser shows. */
export interface ViewerSession extends Pick<WebSession<Content>, 'close'> {
  visitor(): Visitor | null;
  leave(said: Said): void;
  takeSaid(): Said | null;
  /** A new session for this visitor; the one before is gone. */
  open(visitor: Visitor): Promise<void>;
}

const viewerSession = ({ kept, open, close, keep, drop }: WebSession<Content>): ViewerSession => ({
  close,
  leave: (said) => keep({ said }),
  takeSaid() {
    const { said = null } = kept();
    drop('said');
    return said;
  },
  visitor() {
    const { visitor } = kept();
    if (visitor === undefined) return null;
    const { host, sub, ...rest } = visitor;
    return { viewer: viewerOf(host, sub), ...rest };
  },
  open: ({ viewer, ...rest }) => open({ visitor: { host: viewer.host, sub: viewer.sub, ...rest } }),
});

/** Runs `work` with the request's session, and stores it afterwards, also when `work` throws. */
export type WithSession = (ctx: Context, work: (session: ViewerSession) => Promise<void>) => Promise<void>;

/** The sessions of My connections. They end after fifteen minutes without a request. */
export const viewerSessions = (web: SiteWeb): WithSession => {
  const withSession = webSessionsOf<Content>(web, {
    name: 'oriel-viewer',
    sameSite: 'lax',
    idle: 15 * 60_000,
    viewer: ({ visitor }) => visitor && viewerOf(visitor.host, visitor.sub),
  });
  return (ctx, work) => withSession(ctx, (session) => work(viewerSession(session)));
};
