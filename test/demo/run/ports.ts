import { type LoopbackServer, listenOnLoopback } from '../site/loopback.js';

const hold = async (wanted: number): Promise<LoopbackServer> => {
  try {
    return await listenOnLoopback(() => {}, wanted);
  } catch {
    return listenOnLoopback(() => {}, 0);
  }
};

/** The wanted ports, or free ones in the place of those that are taken on 127.0.0.1 or ::1. */
export const freePorts = async (
  wanted: readonly [gocd: number, mingle: number, oriel: number],
): Promise<{ readonly gocd: number; readonly mingle: number; readonly oriel: number }> => {
  const [gocd, mingle, oriel] = [await hold(wanted[0]), await hold(wanted[1]), await hold(wanted[2])];
  await Promise.all([gocd.close(), mingle.close(), oriel.close()]);
  return { gocd: gocd.port, mingle: mingle.port, oriel: oriel.port };
};
