import { asViewer } from '../../domain/actor.js';
import { AppError } from '../../domain/errors.js';
import type { FlowStatus } from '../../domain/flow.js';
import type { Viewer } from '../../domain/viewer.js';
import { about, becomingOf } from '../audited-event.js';
import type { ConnectPorts } from '../connect-ports.js';
import { takingFlowBack } from '../ending/take-back.js';
import { CANCELLABLE } from './decision.js';
import { requiringOwn } from './own-flow.js';

const FROM: readonly FlowStatus[] = ['begun', ...CANCELLABLE];

/**
 * Cancel in a gadget that waits: ends the consent wherever it stands, for every page of its viewer, and takes back what it holds. The
 * window of the consent may be out of reach, as where the provider keeps the person on an error page. Of one that has ended, or was
 * accepted, it says nothing: the frame sees at its next look how that is.
 */
export const giveUp = (ports: ConnectPorts): ((id: string, viewer: Viewer) => Promise<void>) => {
  const { audit, journal } = ports;
  const { flows } = ports.stores;
  const requireOwn = requiringOwn(ports);
  const takeBack = takingFlowBack(ports);
  return async (id, viewer) => {
    const found = await flows.byId(id);
    if (found === null) throw new AppError('flow_unknown', { as: 'flow_unknown_attempt' });
    await requireOwn(found, viewer);
    const flow = await flows.end(id, FROM, 'cancelled', {
      code: 'cancelled',
      as: 'cancelled_in_gadget',
    });
    if (flow === null) return;
    const revoked = await takeBack(flow);
    journal.note('flow-cancelled', { flow: id, provider: flow.provider, by: 'viewer', revoked });
    await audit.record({
      ...{ action: 'flow.ended', outcome: 'done', by: asViewer(flow.viewer), code: 'cancelled' },
      ...about(flow),
      changes: [becomingOf(revoked)],
    });
  };
};
