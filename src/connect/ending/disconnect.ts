import { type Actor, asViewer } from '../../domain/actor.js';
import type { Connection, ConnectionId } from '../../domain/connection.js';
import { AppError } from '../../domain/errors.js';
import type { Flow } from '../../domain/flow.js';
import type { Viewer } from '../../domain/viewer.js';
import { recorder } from '../audited.js';
import type { ConnectPorts } from '../ports.js';
import { retiring } from './retire.js';
import { ASKING, type Withdrawal, withdrawal } from './revocation.js';
import { takingBack } from './take-back.js';

/** What Disconnect did, honestly: whether the provider was told, and what to do where it was not. */
export interface Disconnection {
  readonly revoked: Withdrawal;
  readonly message: string;
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

  const end = async (connection: Connection): Promise<Withdrawal | 'nothing'> => {
    const found = await retire(connection.id, clock.now() + ASKING);
    // Somebody else disconnected it in the same moment.
    if (found === null) return 'nothing';
    if (!found.hadEnded) return withdraw(found.retired);
    await connections.remove(connection.id, 'revoked');
    return 'nothing';
  };

  return async (connection, by) => {
    const ended = await end(connection);
    const { id, provider: providerId } = connection;
    journal.note('disconnected', { connection: id, provider: providerId, revoked: ended });
    await record('connection.disconnected', 'done', by, connection, ended);
    const provider = directory.provider(providerId) ?? directory.leaving(providerId);
    const accountPage = provider?.accountPage ?? null;
    const message = sentence(ended, provider?.name ?? providerId, accountPage);
    return { revoked: ended === 'nothing' ? 'revoked' : ended, accountPage, message };
  };
};

const sentence = (ended: Withdrawal | 'nothing', name: string, accountPage: string | null): string => {
  const there = accountPage === null ? `in your ${name} account` : `at ${name}: ${accountPage}`;
  switch (ended) {
    case 'nothing':
      return `${name} is disconnected. Its permission had ended before.`;
    case 'revoked':
      return `${name} is disconnected, and took back the permission you had given.`;
    case 'unsupported':
      return `${name} is disconnected here. It offers no way to take your permission back from here; you can delete it ${there}`;
    case 'kept':
      return `${name} is disconnected here. It could not be told just now, and will be told later; you can also delete the permission ${there}`;
    case 'failed':
      return `${name} is disconnected here. Your permission could not be taken back from here; you can delete it ${there}`;
  }
};

/**
 * A viewer's own Disconnect. A consent that was accepted, but of which no frame has made a Connection yet, ends before it: the next
 * frame would make one of it, and whoever disconnects means no.
 */
const byViewer = (ports: ConnectPorts): ((connection: Connection) => Promise<Disconnection>) => {
  const { flows } = ports.stores;
  const end = disconnection(ports);
  const record = recorder(ports.audit);
  const takeBack = takingBack(ports);

  const endAccepted = async ({ viewer, provider }: Connection): Promise<readonly Flow[]> => {
    const accepted = (await flows.pending(viewer, ports.clock.now())).filter(
      (flow) => flow.provider === provider && (flow.status === 'coded' || flow.status === 'accepted'),
    );
    const ended: Flow[] = [];
    for (const { id } of accepted) {
      const flow = await flows.end(id, ['coded', 'accepted'], 'cancelled', {
        code: 'cancelled',
        message: 'Disconnect was chosen meanwhile. Nothing was connected.',
      });
      if (flow === null) continue;
      ended.push(flow);
      await record('flow.ended', 'done', asViewer(viewer), flow, 'cancelled');
    }
    return ended;
  };

  return async (connection) => {
    const ended = await endAccepted(connection);
    const done = await end(connection, asViewer(connection.viewer));
    for (const flow of ended) {
      const tokens = await flows.tokens(flow);
      if (tokens !== null) await takeBack(tokens, { ...flow, since: flow.startedAt });
      await flows.forget(flow.id);
    }
    return done;
  };
};

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

const unknown = (): AppError => new AppError('connection_unknown', 'There is no such connection any more.');
