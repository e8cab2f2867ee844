import type { Directory } from '../../config/directory.js';
import type { FlowProgress } from '../../connect/consent/activate.js';
import type { BegunFlow, ConnectWish } from '../../connect/consent/begin.js';
import type { Disconnection } from '../../connect/ending/disconnect.js';
import type { Leaving } from '../../connect/ending/leave.js';
import type { Secret } from '../../domain/secret.js';
import type { Clock, Digest, Entropy } from '../../domain/system.js';
import type { Viewer, ViewerProfile } from '../../domain/viewer.js';
import type { HostTokens } from '../../hosts/host-tokens.js';
import type { FrameRenderings } from '../../render/frame-renderings.js';
import type { FrameSessionStore } from '../../store/stores.js';
import type { ViewerLimits } from '../../store/viewer-limits.js';
import type { PageViews } from '../../views/view-models.js';
import type { Assets } from '../assets.js';

/** All that the gadget origin's routes need: the use cases they call, and what tells them who is asking. */
export interface FrameWeb {
  readonly gadgetOrigin: string;
  readonly siteOrigin: string;
  readonly directory: Directory;
  readonly hostTokens: HostTokens;
  readonly sessions: FrameSessionStore;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly digest: Digest;
  readonly views: PageViews;
  readonly assets: Pick<Assets, 'url' | 'has'>;
  /** What one viewer may have at the same time, where it is not the usual. */
  readonly limits?: ViewerLimits;
  /** How much is kept of what is made for everyone alike, where it is not the usual: locales and time zones, forms of pages. */
  readonly kept?: { readonly locales: number; readonly moulds: number };
  readonly renderings: Pick<FrameRenderings, 'answer' | 'forget' | 'recall' | 'recallStanding' | 'standing'>;
  readonly begin: (wish: ConnectWish) => Promise<BegunFlow>;
  readonly beginVisit: (viewer: Viewer, profile: ViewerProfile, gadget: string) => Promise<BegunFlow>;
  readonly activate: (flow: string, viewer: Viewer) => Promise<FlowProgress>;
  readonly enterCode: (flow: string, viewer: Viewer, typed: string) => Promise<void>;
  readonly giveUp: (flow: string, viewer: Viewer) => Promise<void>;
  readonly pendingFlows: (viewer: Viewer) => Promise<readonly FlowProgress[]>;
  readonly disconnect: (viewer: Viewer, provider: string) => Promise<Disconnection>;
  readonly leave: (host: string, token: Secret) => Promise<Leaving>;
  readonly issueTicket: (
    viewer: Viewer,
    name: string | null,
    page?: Pick<ViewerProfile, 'origin' | 'locale'>,
  ) => Promise<{ readonly ticket: Secret; readonly expiresIn: number }>;
}
