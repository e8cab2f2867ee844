import { type Actor, ANONYMOUS, SYSTEM } from '../../domain/actor.js';
import type { ConnectionId } from '../../domain/connection.js';
import type { Departure, Withdrawal } from '../../domain/departure.js';
import { AppError } from '../../domain/errors.js';
import type { Secret } from '../../domain/secret.js';
import type { Viewer } from '../../domain/viewer.js';
import type { HostTokens } from '../../hosts/host-tokens.js';
import { recorder } from '../audited-event.js';
import type { ConnectPorts } from '../connect-ports.js';
import { departing } from './departure-steps.js';
import { type Disconnection, disconnection } from './disconnect.js';
import { type Retired, retiring } from './retire.js';
import { ASKING, withdrawal } from './revoke-tokens.js';

/** What became of one permission that a viewer had given. */
export interface LeftPermission {
  readonly provider: string;
  /** What people call the provider. */
  readonly name: string;
  readonly outcome: Withdrawal;
  /** Where the person sees at the provider what may use their account, or null. */
  readonly accountPage: string | null;
}

/** How far the end of all that is kept of a viewer is. */
export interface Leaving {
  /** Null when nothing was kept of them. */
  readonly departure: string | null;
  readonly total: number;
  /** Connections whose provider was not told yet. */
  readonly left: number;
  /** Those that this call found; `kept` are asked again in the background. Absent where there were none. */
  readonly providers?: readonly LeftPermission[];
}

/** So long providers have to answer before who says that a person left is answered, ms; what takes longer is `kept`. */
const PATIENCE = 8_000;

/**
 * Takes everything of a viewer out of use, asks their providers at once, and tells what came of it: the host that reports a leaving can then
 * tell the person where something is left to do.
 */
const askingProviders = (ports: ConnectPorts) => {
  const { clock, directory, journal } = ports;
  const { connections } = ports.stores;
  const record = recorder(ports.audit);
  const retire = retiring(ports);
  const withdraw = withdrawal(ports);

  const retireLive = async (viewer: Viewer): Promise<readonly Retired[]> => {
    const live = (await connections.ofViewer(viewer)).filter(({ status }) => status !== 'revoking');
    const found = await Promise.all(live.map(({ id }) => retire(id, clock.now() + ASKING)));
    const retired = found.filter((each) => each !== null);
    for (const each of retired)
      await record('connection.disconnected', 'done', SYSTEM, each.retired, 'departure');
    return retired;
  };

  const end = async ({ retired, hadEnded }: Retired): Promise<Withdrawal> => {
    if (!hadEnded) return withdraw(retired);
    await connections.remove(retired.id, 'nothing');
    return 'nothing';
  };

  const told = (provider: string, outcome: Withdrawal): LeftPermission => {
    const accountPage = (directory.provider(provider) ?? directory.leaving(provider))?.accountPage ?? null;
    return { provider, name: directory.providerName(provider), outcome, accountPage };
  };

  /** What is not answered in time goes on, and is `kept` until it is. */
  const askAll = async (all: readonly Retired[]): Promise<ReadonlyMap<ConnectionId, LeftPermission>> => {
    const done = new Map<ConnectionId, LeftPermission>();
    const isAnswered = new AbortController();
    const asked = Promise.all(
      all.map(async (each) => {
        const { id, provider } = each.retired;
        const outcome = await end(each);
        journal.note('disconnected', { connection: id, provider, revoked: outcome });
        done.set(id, told(provider, outcome));
      }),
    );
    await Promise.race([asked, clock.sleep(PATIENCE, isAnswered.signal)]);
    isAnswered.abort();
    return new Map(done);
  };

  return {
    retireLive,
    async report(viewer: Viewer, retired: readonly Retired[]): Promise<readonly LeftPermission[]> {
      const done = await askAll(retired);
      const ours = new Set(retired.map((each) => each.retired.id));
      const waiting = (await connections.ofViewer(viewer)).filter(
        ({ id, status }) => status === 'revoking' && !ours.has(id),
      );
      // One of ours may end between the two looks: it is reported all the same.
      return [...retired.map((each) => each.retired), ...waiting]
        .map(({ id, provider }) => done.get(id) ?? told(provider, 'kept'))
        .toSorted((one, other) =>
          one.provider < other.provider ? -1 : Number(one.provider > other.provider),
        );
    },
  };
};

const GONE: Leaving = { departure: null, total: 0, left: 0 };

/**
 * Forgets a viewer: nothing of theirs is shown any more when this resolves, and their frames are closed. Their providers are asked at
 * once, and again in the background where they do not answer; then the last that names them goes. Asked again, it tells how far that is, and takes along what is kept of them since.
 */
const forgetting = (ports: ConnectPorts) => {
  const { clock, entropy } = ports;
  const { audit, connectionLists, departures } = ports.stores;
  const { empty, conclude } = departing(ports);
  const { retireLive, report } = askingProviders(ports);

  /** Whether anything is kept, be it only that a frame is open. */
  const isKnown = async (viewer: Viewer): Promise<boolean> =>
    Object.values(await connectionLists.everythingOf(viewer)).some((rows) => rows.length > 0);

  const begin = async (viewer: Viewer, startedBy: string): Promise<Departure> => {
    const { host } = viewer;
    const leaver = { kind: 'viewer', host, viewer } as const;
    return departures.start({ id: entropy.id(), leaver, startedAt: clock.now(), startedBy });
  };

  /** One that is under way; null when there is none, or it was finished in this moment. */
  const goingOn = async (viewer: Viewer): Promise<Departure | null> => {
    const known = await departures.ofViewer(viewer);
    return known && departures.again(known.id, clock.now());
  };

  return async (
    viewer: Viewer,
    startedBy: string,
    began: (departure: Departure) => Promise<void>,
  ): Promise<Leaving> => {
    const known = await goingOn(viewer);
    if (known === null && !(await isKnown(viewer))) {
      await audit.forget(viewer);
      return GONE;
    }
    const departure = known ?? (await begin(viewer, startedBy));
    if (known === null) await began(departure);
    const retired = await retireLive(viewer);
    await empty(departure);
    const providers = await report(viewer, retired);
    const left = (await conclude(departure)) ? 0 : await departures.left(departure);
    const leaving = { departure: departure.id, total: departure.total, left };
    return providers.length === 0 ? leaving : { ...leaving, providers };
  };
};

/** A host says, by a token of purpose `leave`, good once, that a person has left it. Throws `host_unknown` and `token_*`. */
export const leave = (
  ports: ConnectPorts,
  hostTokens: Pick<HostTokens, 'verifyFor'>,
): ((hostId: string, token: Secret) => Promise<Leaving>) => {
  const { audit, directory } = ports;
  const { spentTokens } = ports.stores;
  const forget = forgetting(ports);
  return async (hostId, token) => {
    const host = directory.host(hostId);
    if (host === undefined) throw new AppError('host_unknown');
    const { viewer, jti, replayableUntil } = await hostTokens.verifyFor(host, token, 'leave');
    if (!(await spentTokens.spend(host.id, jti, replayableUntil))) throw new AppError('token_replayed');
    const by: Actor = { kind: 'host', id: host.id };
    return forget(viewer, host.id, ({ id }) =>
      // Whom it was about stands nowhere: the log would have to forget it in the same moment.
      audit.record({ action: 'viewer.left', by, outcome: 'done', host: host.id, subject: id }),
    );
  };
};

/** What erasing did, honestly. */
export interface Erasure {
  readonly disconnections: readonly Disconnection[];
  /** Permissions whose provider could not be told yet. */
  readonly left: number;
}

/** The viewer's own wish: disconnects everything, tells each provider, and forgets the rest. */
export const erase = (ports: ConnectPorts): ((viewer: Viewer, by: Actor) => Promise<Erasure>) => {
  const disconnect = disconnection(ports);
  const forget = forgetting(ports);
  return async (viewer, by) => {
    const live = (await ports.stores.connections.ofViewer(viewer)).filter(
      ({ status }) => status !== 'revoking',
    );
    const disconnections = await Promise.all(live.map((connection) => disconnect(connection, by)));
    const { left } = await forget(viewer, 'viewer', ({ id }) =>
      ports.audit.record({
        action: 'viewer.erased',
        by: ANONYMOUS,
        outcome: 'done',
        host: viewer.host,
        subject: id,
      }),
    );
    return { disconnections, left };
  };
};
