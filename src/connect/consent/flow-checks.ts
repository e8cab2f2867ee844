import { asViewer } from '../../domain/actor.js';
import { AppError } from '../../domain/errors.js';
import type { Flow } from '../../domain/flow.js';
import type { Secret } from '../../domain/secret.js';
import type { Viewer } from '../../domain/viewer.js';
import { mayUse } from '../../hosts/host.js';
import { recordEvent } from '../audited-event.js';
import type { ConnectDeps, Deps } from '../connect-deps.js';
import { type FlowEnd, MODE_CHANGED, NOT_ALLOWED } from './consent-failures.js';

/** The answer for a flow that does not exist, and for one of another browser: which of the two is not said. */
export const unknownFlow = (): AppError => new AppError('flow_unknown');

export const wrongStep = (): AppError => new AppError('flow_step');

/** A flow with the nonce of the browser that asks for it. */
export type BrowserFlow = Flow & { readonly nonceHash: string };

/** Finds a flow for the browser that carries its nonce; every other browser learns nothing. Throws `flow_unknown`. */
export async function findBrowserFlow(
  { digest, stores }: Deps<'digest', 'flows'>,
  id: string,
  nonce: Secret | null,
): Promise<BrowserFlow> {
  if (nonce === null) throw unknownFlow();
  const flow = await stores.flows.byId(id);
  const nonceHash = digest.sha256(nonce.reveal());
  if (flow === null || flow.nonceHash !== nonceHash) throw unknownFlow();
  return { ...flow, nonceHash };
}

/**
 * Finds a flow for a frame of the viewer who started it, and records when another viewer asks (T15). The viewer is compared, not the
 * frame or browser. Throws `flow_unknown` and `viewer_changed`.
 */
export async function findViewerFlow(
  deps: Deps<'audit', 'flows'>,
  id: string,
  viewer: Viewer,
): Promise<Flow> {
  const flow = await deps.stores.flows.byId(id);
  if (flow === null) throw new AppError('flow_unknown', { as: 'flow_unknown_attempt' });
  await requireOwnFlow(deps, flow, viewer);
  return flow;
}

/** Refuses a viewer who did not start this flow, and records that (T15). */
export async function requireOwnFlow(deps: Deps<'audit'>, flow: Flow, viewer: Viewer): Promise<void> {
  if (flow.viewer.id === viewer.id) return;
  const event = { outcome: 'refused', by: asViewer(viewer), code: 'viewer_changed' } as const;
  await recordEvent(deps, 'flow.refused', { ...flow, viewer }, event);
  throw new AppError('viewer_changed', { as: 'viewer_changed_flow' });
}

/** Whether the window of `before` goes on to this flow of the same viewer. */
export const comesAfter = ({ after, startedAt }: Flow, before: Flow): boolean =>
  after === before.provider && startedAt >= before.startedAt;

type Directory = Pick<ConnectDeps['directory'], 'host'>;

/** Whether there is this host, and it may connect its viewers to this provider. */
export const isAllowed = (
  directory: Directory,
  { viewer, provider }: Pick<Flow, 'viewer' | 'provider'>,
): boolean => {
  const host = directory.host(viewer.host);
  return host !== undefined && mayUse(host, provider);
};

/**
 * Whether a flow is bound to its viewer as its host's mode demands now: one started under a weaker mode must not outlive the change
 * (T11). What is started in My connections is bound by its session.
 */
export const isOfPresentMode = (
  directory: Directory,
  { viewer, mode }: Pick<Flow, 'viewer' | 'mode'>,
): boolean => mode === 'session' || directory.host(viewer.host)?.connectMode === mode;

/** How a flow must end since its host's record was changed after it started; null while it may go on. */
export const obstacleOf = (directory: Directory, flow: Flow): FlowEnd | null => {
  if (!isAllowed(directory, flow)) return NOT_ALLOWED;
  return isOfPresentMode(directory, flow) ? null : MODE_CHANGED;
};
