import { type Actor, asViewer } from '../../domain/actor.js';
import type { Connection, ConnectionId } from '../../domain/connection.js';
import type { Withdrawal } from '../../domain/departure.js';
import { AppError } from '../../domain/errors.js';
import { type Flow, type FlowFailure, type FlowStatus, UNFINISHED } from '../../domain/flow.js';
import type { Viewer } from '../../domain/viewer.js';
import { recorder } from '../audited-event.js';
import type { ConnectPorts } from '../connect-ports.js';
import { ENDED_BY_ADMINISTRATOR } from '../consent/consent-failures.js';
import { retiring } from './retire.js';
import { ASKING, withdrawal } from './revoke-tokens.js';
import { takingFlowBack } from './take-back.js';

/** What Disconnect did, honestly: whether the provider was told, and what to do where it was not. */
export interface Disconnection {
  readonly revoked: Withdrawal;
  /** What people call the provider. */
  readonly name: string;
  /** Where a person sees at the provider what may use their account, or null. */
  readonly accountPage: string | null;
}

export type Disconnect = (connection: Connection, by: Actor) => Promise<Disconnection>;

/**
 * Ends a Connection: from the first step on it shows nothing, then its cache goes, then the provider is asked to take the tokens
 * back. Where it cannot be reached the sealed tokens stay for nothing but asking again.
 */
export const disconnection = (ports: ConnectPorts): Disconnect => {
  const { clock, directory, journal } = ports;
  const { connections } = ports.stores;
  const record = recorder(ports.audit);
  const retire = retiring(ports);
  const withdraw = withdrawal(ports);

  const end = async (connection: Connection): Promise<Withdrawal> => {
    const found = await retire(connection.id, clock.now() + ASKING);
    // Somebody else disconnected it in the same moment.
    if (found === null) return 'nothing';
    if (!found.hadEnded) return withdraw(found.retired);
    await connections.remove(connection.id, 'nothing');
    return 'nothing';
  };

  return async (connection, by) => {
    const ended = await end(connection);
    const { id, provider: providerId } = connection;
    journal.note('disconnected', { connection: id, provider: providerId, revoked: ended });
    await record('connection.disconnected', 'done', by, connection, ended);
    const provider = directory.provider(providerId) ?? directory.leaving(providerId);
    const accountPage = provider?.accountPage ?? null;
    return { revoked: ended, name: provider?.name ?? providerId, accountPage };
  };
};

/** Disconnect, by which consents of the same viewer and provider end first that are in one of these steps. */
const withConsents = (ports: ConnectPorts, from: readonly FlowStatus[], failure: FlowFailure): Disconnect => {
  const { clock, stores } = ports;
  const end = disconnection(ports);
  const record = recorder(ports.audit);
  const takeBack = takingFlowBack(ports);

  const endConsents = async ({ viewer, provider }: Connection, by: Actor): Promise<readonly Flow[]> => {
    const ended: Flow[] = [];
    for (const pending of await stores.flows.pending(viewer, clock.now())) {
      const flow =
        pending.provider === provider ? await stores.flows.end(pending.id, from, 'cancelled', failure) : null;
      if (flow === null) continue;
      ended.push(flow);
      await record('flow.ended', 'done', by, flow, 'cancelled');
    }
    return ended;
  };

  return async (connection, by) => {
    const ended = await endConsents(connection, by);
    const done = await end(connection, by);
    for (const flow of ended) await takeBack(flow);
    return done;
  };
};

/**
 * A viewer's own Disconnect. A consent that was accepted, but of which no frame has made a Connection yet, ends before it: the next
 * frame would make one of it, and whoever disconnects means no.
 */
const byViewer = (ports: ConnectPorts): ((connection: Connection) => Promise<Disconnection>) => {
  const end = withConsents(ports, ['coded', 'accepted'], {
    code: 'cancelled',
    as: 'cancelled_by_disconnect',
  });
  return (connection) => end(connection, asViewer(connection.viewer));
};

/** An administrator's end of a Connection: no consent that its viewer had begun before brings it back. */
export const disconnectByAdministrator = (ports: ConnectPorts): Disconnect =>
  withConsents(ports, UNFINISHED, ENDED_BY_ADMINISTRATOR);

/** Disconnects the viewer's Connection to a provider, from the gadget's menu. */
export const disconnect = (ports: ConnectPorts) => {
  const end = byViewer(ports);
  return async (viewer: Viewer, provider: string): Promise<Disconnection> => {
    const connection = await ports.stores.connections.find(viewer, provider);
    if (connection === null || connection.status === 'revoking') throw unknown();
    return end(connection);
  };
};

/** Disconnects one Connection of this viewer, from My connections; another viewer's is not found. */
export const disconnectOne = (ports: ConnectPorts) => {
  const end = byViewer(ports);
  return async (viewer: Viewer, id: string): Promise<Disconnection> => {
    const connection = await ports.stores.connections.byId(id as ConnectionId);
    if (connection === null || connection.viewer.id !== viewer.id || connection.status === 'revoking')
      throw unknown();
    return end(connection);
  };
};

const unknown = (): AppError => new AppError('connection_unknown');
