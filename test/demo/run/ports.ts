import { type LoopbackServer, listenOnLoopback } from '../site/loopback.js';
import type { Ports } from './options.js';

const hold = async (wanted: number): Promise<LoopbackServer> => {
  try {
    return await listenOnLoopback(() => {}, wanted);
  } catch {
    return listenOnLoopback(() => {}, 0);
  }
};

/** The wanted ports, or free ones in the place of those that are taken on 127.0.0.1 or ::1. */
export const freePorts = async (wanted: Ports): Promise<Ports> => {
  const gocd = await hold(wanted.gocd);
  const mingle = await hold(wanted.mingle);
  const oriel = await hold(wanted.oriel);
  const portal = await hold(wanted.portal);
  await Promise.all([gocd, mingle, oriel, portal].map((held) => held.close()));
  return { gocd: gocd.port, mingle: mingle.port, oriel: oriel.port, portal: portal.port };
};
