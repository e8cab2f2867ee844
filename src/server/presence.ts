import type { Actor } from '../domain/actor.js';
import type { Clock, Entropy, Journal } from '../domain/system.js';
import type { InstanceStore } from '../store/instance-store.js';
import type { KnownPeers } from './peers.js';
import type { ReloadOutcome } from './reload-file.js';
import { every, upkeepFailed } from './upkeep.js';

/** How often a server says that it runs, and hears who else does: at most one and a half times as long passes in between. */
const BEAT = 2_000;
/** A report older than this is not used any more, ms. */
const LONG_AGO = 60 * 60_000;
/** How often it looks for what others changed or ask: at most one and a half times as long passes in between. */
const LOOK = 1_000;

/** Makes this server known to others by the store, takes up what they changed there, and heeds their wish to reload. */
export const presence = (
  peers: Pick<KnownPeers, 'server' | 'hear'>,
  parts: {
    readonly instances: InstanceStore;
    readonly poll: () => Promise<void>;
    readonly reload: (by: Actor) => Promise<ReloadOutcome>;
    /** Whether the configuration file still says what this server was started with. */
    readonly isUnchanged: () => boolean;
    /** Ids of the key ring, the one that seals first. */
    readonly keys: () => readonly string[];
    readonly clock: Clock;
    readonly entropy: Entropy;
    readonly journal: Journal;
  },
): {
  /** Says for the first time that this server runs, and looks about from then on. */
  begin(): Promise<void>;
  reloaded(outcome: ReloadOutcome): Promise<void>;
  stop(): Promise<void>;
} => {
  const { clock, instances } = parts;
  const { server } = peers;
  const startedAt = clock.now();
  let last: ReloadOutcome = { problem: null, restart: [] };
  let reload = 0;
  let loops: readonly ReturnType<typeof every>[] = [];

  const beat = async (): Promise<void> => {
    const now = clock.now();
    await instances.beat({ id: server, startedAt, seenAt: now, keys: parts.keys(), reload, ...last });
    peers.hear(await instances.alive(now - LONG_AGO));
  };

  const look = async (): Promise<void> => {
    await parts.poll();
    const request = await instances.reloadRequested();
    if (request.number <= reload) return;
    last = await parts.reload(request.by);
    reload = request.number;
    await beat();
  };

  return {
    async begin() {
      const { number } = await instances.reloadRequested();
      // A wish from before is heeded by having started, unless the file was changed since it was read for that.
      reload = number > 0 && !parts.isUnchanged() ? number - 1 : number;
      await beat();
      loops = [every(LOOK, look, parts), every(BEAT, beat, parts)];
    },
    async reloaded(outcome) {
      last = outcome;
      await beat();
    },
    async stop() {
      for (const loop of loops) await loop.stop();
      // Others notice the silence by themselves, and what is still to be saved must not be lost for it.
      await instances.gone(server).catch((error: unknown) => upkeepFailed(parts.journal, error));
    },
  };
};
