import { SYSTEM } from '../../domain/actor.js';
import type { Departure } from '../../domain/departure.js';
import type { FlowFailure } from '../../domain/flow.js';
import { recorder } from '../audited-event.js';
import type { ConnectPorts } from '../connect-ports.js';
import { ENDED_BY_ADMINISTRATOR } from '../consent/consent-failures.js';
import { retiring } from './retire.js';
import { settingFlowAside, takingFlowBack } from './take-back.js';

const AT_ONCE = 100;

const OVER: Readonly<Record<Departure['leaver']['kind'], FlowFailure>> = {
  provider: { code: 'cancelled', as: 'cancelled_provider_removed' },
  host: { code: 'cancelled', as: 'cancelled_host_removed' },
  connections: ENDED_BY_ADMINISTRATOR,
  viewer: { code: 'cancelled', as: 'cancelled_erased' },
};

/** The steps of a departure. Each may be taken again, by any process, after whoever took it last was killed in the middle. */
export interface Departing {
  /** Ends flows and sessions and takes every Connection out of use: from then on nothing is shown, whatever the providers say. */
  empty(departure: Departure): Promise<void>;
  /** Finishes a departure of which nothing is left. False when something is. */
  conclude(departure: Departure): Promise<boolean>;
}

/** Does `each` of what `next` gives until it gives nothing: what is done is not given again. */
const untilNone = async <T>(
  next: () => Promise<readonly T[]>,
  each: (one: T) => Promise<void>,
): Promise<void> => {
  for (let batch = await next(); batch.length > 0; batch = await next()) await Promise.all(batch.map(each));
};

/** Other processes may not have heard yet that a provider or host is leaving, and connect somebody once more, for so long at most. */
const HEARSAY = 15_000;

export const departing = (ports: ConnectPorts): Departing => {
  const { clock, journal } = ports;
  const { audit, connectionLists, connections, departures, flows, setup } = ports.stores;
  const record = recorder(ports.audit);
  const retire = retiring(ports);
  const setAside = settingFlowAside(ports);
  const takeBack = takingFlowBack(ports);

  /** What is gone for good is closed at each look; a person may come back meanwhile, and what they then begin is another matter. */
  const close = async (departure: Departure): Promise<void> => {
    const { id, leaver, closedAt } = departure;
    const isFinal = leaver.kind === 'provider' || leaver.kind === 'host';
    if (closedAt !== null && !isFinal) return;
    if (leaver.kind === 'host') await departures.endSessions(leaver.host);
    if (leaver.kind === 'viewer' && leaver.viewer !== null) await connectionLists.erase(leaver.viewer);
    await departures.cancelFlows(departure, OVER[leaver.kind]);
    await departures.close(id, clock.now());
  };

  /** A person's few are taken back at once, so that they can be told what became of them. */
  const clearFlows = (departure: Departure): Promise<void> =>
    untilNone(
      () => departures.holding(departure, AT_ONCE),
      async (flow) => {
        if (departure.leaver.kind !== 'viewer') return setAside(flow);
        await takeBack(flow);
        await flows.remove(flow.id);
      },
    );

  const retireAll = (departure: Departure): Promise<void> =>
    untilNone(
      () => departures.unretired(departure, AT_ONCE),
      async ({ id }) => {
        const found = await retire(id);
        if (found === null) return;
        await record('connection.disconnected', 'done', SYSTEM, found.retired, 'departure');
        if (found.hadEnded) await connections.remove(id, 'nothing');
      },
    );

  /** What must be done before the departure itself is done, so that it is done again if we are killed in between. */
  const settle = async ({ leaver, startedAt }: Departure): Promise<boolean> => {
    switch (leaver.kind) {
      case 'provider':
      case 'host':
        if (clock.now() - startedAt < HEARSAY) return false;
        await setup.drop(leaver.kind, leaver.kind === 'provider' ? leaver.provider : leaver.host);
        return true;
      case 'viewer':
        if (leaver.viewer !== null) await audit.forget(leaver.viewer);
        return true;
      case 'connections':
        return true;
    }
  };

  return {
    async empty(departure) {
      await close(departure);
      await clearFlows(departure);
      await retireAll(departure);
    },

    async conclude(departure) {
      const isOver =
        (await departures.left(departure)) === 0 && (await departures.holding(departure, 1)).length === 0;
      if (!isOver || !(await settle(departure))) return false;
      if (!(await departures.finish(departure, clock.now()))) return false;
      journal.note('departed', { departure: departure.id, kind: departure.leaver.kind });
      return true;
    },
  };
};
