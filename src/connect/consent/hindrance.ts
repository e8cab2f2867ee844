import type { Flow } from '../../domain/flow.js';
import { mayUse } from '../../hosts/host.js';
import type { ConnectPorts } from '../connect-ports.js';
import { type FlowEnd, MODE_CHANGED, NOT_ALLOWED } from './consent-failures.js';

type Directory = Pick<ConnectPorts['directory'], 'host'>;

/** Whether there is this host, and it may connect its viewers to this provider. */
export const isAllowed = (directory: Directory, { viewer, provider }: Pick<Flow, 'viewer' | 'provider'>) => {
  const host = directory.host(viewer.host);
  return host !== undefined && mayUse(host, provider);
};

/**
 * Whether a flow is bound to its viewer as its host's mode demands now: one begun under a weaker mode must not outlive the change
 * (T11). What is begun in My connections is bound by its session.
 */
export const isOfPresentMode = (
  directory: Directory,
  { viewer, mode }: Pick<Flow, 'viewer' | 'mode'>,
): boolean => mode === 'session' || directory.host(viewer.host)?.connectMode === mode;

/** How a flow ends that was rightly begun, since its host's record was changed meanwhile; null while nothing stands in its way. */
export const hindranceOf = (directory: Directory, flow: Flow): FlowEnd | null => {
  if (!isAllowed(directory, flow)) return NOT_ALLOWED;
  return isOfPresentMode(directory, flow) ? null : MODE_CHANGED;
};
