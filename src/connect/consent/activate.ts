import { asViewer, SYSTEM } from '../../domain/actor.js';
import type { ConnectionId } from '../../domain/connection.js';
import { AppError } from '../../domain/errors.js';
import {
  type ConnectMode,
  type Flow,
  type FlowFailure,
  type FlowStatus,
  isTooLate,
} from '../../domain/flow.js';
import type { Viewer } from '../../domain/viewer.js';
import { about, recorder } from '../audited-event.js';
import type { ConnectPorts } from '../connect-ports.js';
import { ASKING } from '../ending/revoke-tokens.js';
import { takingFlowBack } from '../ending/take-back.js';
import { shownMode } from './begin.js';
import { type FlowEnd, TOO_LATE } from './consent-failures.js';
import { hindranceOf } from './hindrance.js';
import { requiringOwn } from './own-flow.js';
import { replacement } from './replacement.js';

/** How far a flow is, for the frame that polls. */
export interface FlowProgress {
  readonly flow: string;
  readonly provider: string;
  readonly mode: ConnectMode;
  readonly status: FlowStatus | 'expired';
  readonly failure: FlowFailure | null;
}

const progressOf = (flow: Flow, now: number): FlowProgress => {
  const { id, provider, status, failure } = flow;
  const mode = shownMode(flow.mode);
  if (isTooLate(flow, now)) return { flow: id, provider, mode, status: 'expired', failure: TOO_LATE.failure };
  return { flow: id, provider, mode, status, failure };
};

/**
 * Flows of this viewer that may still make a Connection, newest first: a newly launched frame polls them in place of a lost one.
 * What a newer flow has overtaken is not among them.
 */
export const pendingFlows = (ports: ConnectPorts) => {
  const { connections, flows } = ports.stores;
  return async (viewer: Viewer): Promise<readonly FlowProgress[]> => {
    const now = ports.clock.now();
    const pending = await flows.pending(viewer, now);
    if (pending.length === 0) return [];
    const made = await connections.ofViewer(viewer);
    const isOvertaken = (flow: Flow): boolean =>
      made.some(
        ({ provider, flowStartedAt }) => provider === flow.provider && flowStartedAt > flow.startedAt,
      );
    // One of My connections is that page's to go on with, until it is accepted: then any frame may make the Connection.
    const isOthers = ({ intent, mode, status }: Flow): boolean =>
      intent === 'visit' || (mode === 'session' && status !== 'accepted');
    return pending
      .filter((flow) => !isOvertaken(flow) && !isOthers(flow))
      .map((flow) => progressOf(flow, now));
  };
};

/**
 * Tells a polling frame how far a flow is, and makes the Connection of an accepted one: only now does it exist, and only because a
 * frame of the very same viewer asks (T15). The viewer is compared, not the frame, so that a page reloaded during consent loses
 * nothing. The newest flow wins, whichever is accepted last (T19). Asked again after a crash, it finishes what was begun.
 */
export const activate = (ports: ConnectPorts) => {
  const { audit, caches, clock, directory, entropy, journal } = ports;
  const { connections, flows } = ports.stores;
  const record = recorder(audit);
  const { displaceOthers, revokeReplaced } = replacement(ports);
  const takeBack = takingFlowBack(ports);
  const requireOwn = requiringOwn(ports);

  /** False when whoever polls beside us did. */
  const settle = async (flow: Flow): Promise<boolean> => {
    const ended = await flows.end(flow.id, ['accepted'], 'active', null);
    await flows.forget(flow.id);
    return ended !== null;
  };

  /** A newer flow was activated first, or this one's Connection is gone again. */
  const overtaken = async (flow: Flow): Promise<void> => {
    const winner = await connections.find(flow.viewer, flow.provider);
    if (winner?.flow === flow.id) return void (await settle(flow));
    if ((await flows.end(flow.id, ['accepted'], 'superseded', null)) === null) return;
    const revoked = await takeBack(flow);
    journal.note('flow-superseded', { flow: flow.id, provider: flow.provider, revoked });
    await record('flow.ended', 'done', SYSTEM, flow, 'superseded');
  };

  /** The host's record was changed while its viewer was asked. */
  const refuse = async (flow: Flow, { status, failure }: FlowEnd): Promise<void> => {
    if ((await flows.end(flow.id, ['accepted'], status, failure)) === null) return;
    await takeBack(flow);
    await record('flow.refused', 'refused', SYSTEM, flow, failure.code);
  };

  const connect = async (flow: Flow): Promise<void> => {
    const tokens = await flows.tokens(flow);
    // Whoever polls beside us has finished it.
    if (tokens === null) return;
    const hindrance = hindranceOf(directory, flow);
    if (hindrance !== null) return refuse(flow, hindrance);
    const replacedAs = entropy.id() as ConnectionId;
    const connection = await connections.activate({
      id: entropy.id() as ConnectionId,
      flow,
      tokens,
      account: flow.account,
      scopes: tokens.scopes ?? flow.scopes,
      now: clock.now(),
      replacedAs,
      replacedUntil: clock.now() + ASKING,
    });
    if (connection === null) return overtaken(flow);
    revokeReplaced(replacedAs, connection);
    caches.purge(connection.id);
    await displaceOthers(connection);
    if (!(await settle(flow))) return;
    journal.note('connected', { connection: connection.id, provider: flow.provider, host: flow.viewer.host });
    await audit.record({
      action: 'flow.finished',
      by: asViewer(flow.viewer),
      outcome: 'done',
      ...about(flow),
      changes: [
        {
          path: 'connection',
          before: connection.generation > 1 ? connection.id : null,
          after: connection.id,
        },
      ],
    });
  };

  return async (id: string, viewer: Viewer): Promise<FlowProgress> => {
    const flow = await flows.byId(id);
    if (flow === null) throw new AppError('flow_unknown', { as: 'flow_unknown_attempt' });
    await requireOwn(flow, viewer);
    if (flow.status !== 'accepted' || isTooLate(flow, clock.now())) return progressOf(flow, clock.now());
    await connect(flow);
    return progressOf((await flows.byId(id)) ?? flow, clock.now());
  };
};
