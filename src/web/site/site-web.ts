import type { Directory } from '../../config/directory.js';
import type { FlowNonces } from '../../connect/connect-ports.js';
import type { FlowProgress } from '../../connect/consent/activate.js';
import type { Cancellation, SeenFlow } from '../../connect/consent/decision.js';
import type { Callback } from '../../connect/consent/finish.js';
import type { OpenedFlow, TradedTicket } from '../../connect/consent/open.js';
import type { Disconnection } from '../../connect/ending/disconnect.js';
import type { Belongings } from '../../connect/ending/export.js';
import type { Erasure } from '../../connect/ending/leave.js';
import type { ListedConnection, Visitor } from '../../connect/viewers-connections.js';
import type { Actor } from '../../domain/actor.js';
import type { Flow, FlowIntent } from '../../domain/flow.js';
import type { Secret } from '../../domain/secret.js';
import type { Clock, Entropy } from '../../domain/system.js';
import type { Viewer } from '../../domain/viewer.js';
import type { WebSessionStore } from '../../store/stores.js';
import type { PageViews } from '../../views/view-models.js';
import type { Assets } from '../assets.js';
import type { ErrorPage } from './error-text.js';

/** All that the site origin's routes need. */
export interface SiteWeb {
  readonly gadgetOrigin: string;
  readonly siteOrigin: string;
  readonly directory: Directory;
  readonly views: PageViews;
  readonly assets: Pick<Assets, 'url'>;
  /** By code. */
  readonly errorPages: ReadonlyMap<string, ErrorPage>;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly webSessions: WebSessionStore;
  readonly open: (ticket: Secret, via: string, nonces: FlowNonces) => Promise<TradedTicket>;
  readonly ask: (flow: string, nonce: Secret | null) => Promise<string>;
  readonly vouch: (host: string, token: Secret) => Promise<string>;
  readonly vouched: (flow: string, nonce: Secret | null) => Promise<Flow>;
  readonly askedFlow: (host: string, nonces: FlowNonces) => Promise<string | null>;
  readonly redirect: (flow: string, nonce: Secret | null) => Promise<string>;
  readonly otherAccount: (flow: string, nonce: Secret | null) => Promise<string>;
  readonly finish: (
    provider: string,
    parameters: Iterable<readonly [string, string]>,
    nonces: FlowNonces,
    requestId: string,
  ) => Promise<Callback>;
  readonly seen: (flow: string, nonce: Secret | null) => Promise<SeenFlow>;
  readonly accept: (flow: string, nonce: Secret | null) => Promise<Flow>;
  readonly cancel: (flow: string, nonce: Secret | null) => Promise<Cancellation>;
  readonly takeTicket: (ticket: Secret) => Promise<Visitor>;
  readonly connections: (viewer: Viewer) => Promise<readonly ListedConnection[]>;
  readonly disconnectOne: (viewer: Viewer, connection: string) => Promise<Disconnection>;
  readonly beginInSession: (visitor: Visitor, connection: string, intent: FlowIntent) => Promise<OpenedFlow>;
  readonly acceptInSession: (viewer: Viewer, flow: string, nonce: Secret | null) => Promise<FlowProgress>;
  readonly openVisit: (ticket: Secret, nonces: FlowNonces) => Promise<OpenedFlow>;
  readonly seenVisit: (flow: string, nonce: Secret | null) => Promise<SeenFlow>;
  readonly enter: (flow: string, nonce: Secret | null) => Promise<Visitor | null>;
  readonly exportOf: (viewer: Viewer) => Promise<Belongings>;
  readonly erase: (viewer: Viewer, by: Actor) => Promise<Erasure>;
}
