import { asViewer } from '../../domain/actor.js';
import { AppError } from '../../domain/errors.js';
import type { Flow } from '../../domain/flow.js';
import type { Viewer } from '../../domain/viewer.js';
import { recorder } from '../audited-event.js';
import type { ConnectPorts } from '../connect-ports.js';

/** Refuses a viewer who did not begin this flow, and remembers that (T15). The viewer is compared, not the frame or browser. */
export const requiringOwn = ({ audit }: Pick<ConnectPorts, 'audit'>) => {
  const record = recorder(audit);
  return async (flow: Flow, viewer: Viewer): Promise<void> => {
    if (flow.viewer.id === viewer.id) return;
    await record('flow.refused', 'refused', asViewer(viewer), { ...flow, viewer }, 'viewer_changed');
    throw new AppError('viewer_changed', { as: 'viewer_changed_flow' });
  };
};
