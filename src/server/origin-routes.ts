import type { ManagePorts } from '../admin/admin-ports.js';
import { administration } from '../admin/administration.js';
import type { Management } from '../admin/management.js';
import type { ConnectPorts } from '../connect/connect-ports.js';
import { activate, pendingFlows } from '../connect/consent/activate.js';
import { begin } from '../connect/consent/begin.js';
import { accept, cancel, seen } from '../connect/consent/decision.js';
import { finish } from '../connect/consent/finish.js';
import { giveUp } from '../connect/consent/give-up.js';
import { open } from '../connect/consent/open.js';
import { otherAccount, redirect } from '../connect/consent/redirect.js';
import { acceptInSession, beginInSession } from '../connect/consent/session-flow.js';
import { enterCode } from '../connect/consent/typed-code.js';
import { beginVisit, enter, openVisit, seenVisit } from '../connect/consent/visit.js';
import { ask, askedFlow, vouch, vouched } from '../connect/consent/vouching.js';
import { disconnect, disconnectOne } from '../connect/ending/disconnect.js';
import { exportOf } from '../connect/ending/export.js';
import { erase, leave } from '../connect/ending/leave.js';
import { connections, issueTicket, takeTicket } from '../connect/viewers-connections.js';
import type { HostTokens } from '../hosts/host-tokens.js';
import type { Views } from '../views/view-models.js';
import type { Administration } from '../web/app.js';
import type { Assets } from '../web/assets.js';
import { type GadgetOriginRoutes, gadgetOriginRoutes } from '../web/frame/frame-routes.js';
import type { FrameWeb } from '../web/frame/frame-web.js';
import type { ErrorPage } from '../web/site/error-text.js';
import { siteOriginRoutes } from '../web/site/site-routes.js';

/** What both origins' pages are made with. */
export interface Pages {
  readonly gadgetOrigin: string;
  readonly siteOrigin: string;
  readonly views: Views;
  readonly assets: Assets;
  readonly errorPages: ReadonlyMap<string, ErrorPage>;
}

/** The gadget origin's routes, bound to their stories. */
export const gadgetRoutes = (
  pages: Pages,
  ports: ConnectPorts,
  rendering: {
    readonly hostTokens: HostTokens;
    readonly renderings: FrameWeb['renderings'];
    readonly kept?: { readonly locales: number; readonly moulds: number };
  },
): GadgetOriginRoutes =>
  gadgetOriginRoutes({
    ...pages,
    ...rendering,
    directory: ports.directory,
    sessions: ports.stores.frameSessions,
    ...(ports.limits && { limits: ports.limits }),
    clock: ports.clock,
    entropy: ports.entropy,
    digest: ports.digest,
    begin: begin(ports),
    beginVisit: beginVisit(ports),
    activate: activate(ports),
    enterCode: enterCode(ports),
    giveUp: giveUp(ports),
    pendingFlows: pendingFlows(ports),
    disconnect: disconnect(ports),
    issueTicket: issueTicket(ports),
    leave: leave(ports, rendering.hostTokens),
  });

/** The site origin's routes, bound to their stories. */
export const siteRoutes = (
  pages: Pages,
  ports: ConnectPorts,
  hostTokens: Pick<HostTokens, 'verifyFor'>,
): ReturnType<typeof siteOriginRoutes> =>
  siteOriginRoutes({
    ...pages,
    directory: ports.directory,
    clock: ports.clock,
    entropy: ports.entropy,
    webSessions: ports.stores.webSessions,
    open: open(ports),
    ask: ask(ports),
    vouch: vouch(ports, hostTokens),
    vouched: vouched(ports),
    askedFlow: askedFlow(ports),
    redirect: redirect(ports),
    otherAccount: otherAccount(ports),
    finish: finish(ports),
    seen: seen(ports),
    accept: accept(ports),
    cancel: cancel(ports),
    takeTicket: takeTicket(ports),
    connections: connections(ports),
    disconnectOne: disconnectOne(ports),
    beginInSession: beginInSession(ports),
    acceptInSession: acceptInSession(ports),
    openVisit: openVisit(ports),
    seenVisit: seenVisit(ports),
    enter: enter(ports),
    exportOf: exportOf(ports),
    erase: erase(ports),
  });

/** The console, bound to its stories. */
export const consoleOf = (
  pages: Pages,
  { stores, clock, entropy }: Pick<ManagePorts, 'stores' | 'clock' | 'entropy'>,
  manage: Management,
): Administration => administration({ ...pages, clock, entropy, webSessions: stores.webSessions, manage });
