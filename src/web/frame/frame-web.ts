import type { Directory } from '../../config/directory.js';
import type { ConnectDeps } from '../../connect/connect-deps.js';
import type { Clock, Digest, Entropy } from '../../domain/system.js';
import type { HostTokens } from '../../hosts/host-tokens.js';
import type { FrameImages } from '../../render/frame-images.js';
import type { FrameRenderings } from '../../render/frame-renderings.js';
import type { FrameSessionStore } from '../../store/frame-session-store.js';
import type { ViewerChoiceStore } from '../../store/viewer-choice-store.js';
import type { ViewerLimits } from '../../store/viewer-limits.js';
import type { PageViews } from '../../views/view-models.js';
import type { Assets } from '../assets.js';

/** All that the gadget origin's routes need: what the use cases are given, and what identifies the caller. */
export interface FrameWeb {
  readonly gadgetOrigin: string;
  readonly siteOrigin: string;
  readonly directory: Directory;
  readonly hostTokens: Pick<HostTokens, 'verify' | 'verifyFor'>;
  readonly sessions: FrameSessionStore;
  /** What viewers chose of the parameters that gadgets let them change. */
  readonly choices: Pick<ViewerChoiceStore, 'of' | 'put' | 'reset'>;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly digest: Digest;
  readonly views: PageViews;
  readonly assets: Pick<Assets, 'url' | 'gadgetStyle'>;
  /** What one viewer may have at the same time, where it is not the usual. */
  readonly limits?: ViewerLimits;
  /** How much is kept of what is the same for everyone, where it is not the usual: locales and time zones, forms of pages. */
  readonly kept?: { readonly locales: number; readonly pageShells: number };
  readonly renderings: Pick<
    FrameRenderings,
    'answer' | 'forget' | 'recall' | 'recallStanding' | 'standing' | 'unconnected'
  >;
  readonly images: Pick<FrameImages, 'find'>;
  /** What connecting is given. */
  readonly connect: ConnectDeps;
}
