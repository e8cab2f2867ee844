import type { ConnectPorts } from '../connect-ports.js';
import { departing } from './departure-steps.js';
import { lateRevocation } from './late-revocation.js';

/**
 * Goes on with every unfinished departure: takes out of use what is left, asks the providers, and finishes what is done. To be called
 * every few seconds, by any number of processes; where nobody departs it costs one read.
 */
export const departures = (ports: ConnectPorts): (() => Promise<void>) => {
  const { empty, conclude } = departing(ports);
  const askAgain = lateRevocation(ports);
  return async () => {
    const unfinished = await ports.stores.departures.unfinished();
    if (unfinished.length === 0) return;
    for (const departure of unfinished) await empty(departure);
    await askAgain();
    for (const departure of unfinished) await conclude(departure);
  };
};
