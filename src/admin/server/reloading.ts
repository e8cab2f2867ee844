import type { Actor } from '../../domain/actor.js';
import type { Instance } from '../../store/setup-stores.js';
import type { ManagePorts } from '../admin-ports.js';

/** What became of a reload at one running server. */
export interface ReloadAnswer {
  readonly server: string;
  /** `silent`: it did not answer in time. */
  readonly outcome: 'taken' | 'refused' | 'silent';
  /** Why it goes on with what it had. */
  readonly problem: string | null;
  /** Settings that were changed and wait for a restart. */
  readonly restart: readonly string[];
}

/** The running servers, and the configuration file they read. */
export interface Configuration {
  servers(): Promise<readonly Instance[]>;
  /** Asks every running server to read its file again, and tells what each of them did. Empty when none runs. */
  reload(by: Actor): Promise<readonly ReloadAnswer[]>;
}

/** A server that was not heard of for so long is gone; it says so every five seconds. */
const ALIVE = 15_000;
const PATIENCE = 15_000;
/** A running server looks every second and a half at the latest; reading its file takes the rest. */
const USUAL = 3_000;
/** Without a word for so long a server is gone, or as good as: it is not waited for. */
const WORDLESS = 9_000;
const LOOK_AGAIN = 200;

const answerOf = ({ id, problem, restart }: Instance): ReloadAnswer => ({
  server: id,
  outcome: problem === null ? 'taken' : 'refused',
  problem,
  restart,
});

const silent = (server: string): ReloadAnswer => ({ server, outcome: 'silent', problem: null, restart: [] });

export interface ConfigurationPorts extends Pick<ManagePorts, 'stores' | 'clock'> {
  /** Whether this server certainly runs no more: it ran on this machine, and its process is gone. */
  readonly isGone: (server: string) => boolean;
}

export const configuration = ({ stores, clock, isGone }: ConfigurationPorts): Configuration => {
  const { instances } = stores;
  const servers = (): Promise<readonly Instance[]> => instances.alive(clock.now() - ALIVE);

  return {
    servers,
    async reload(by) {
      const asked = (await servers()).map(({ id }) => id);
      if (asked.length === 0) return [];
      const askedAt = clock.now();
      const since = clock.monotonic();
      const number = await instances.requestReload(by, askedAt);
      for (;;) {
        // One that was stopped meanwhile does not answer, and need not.
        const now = new Map((await instances.alive(askedAt - ALIVE)).map((each) => [each.id, each]));
        const waitedFor = clock.monotonic() - since;
        const isLate = waitedFor >= USUAL;
        const hasAnswered = (id: string): boolean => (now.get(id)?.reload ?? 0) >= number;
        const isMute = (id: string): boolean => clock.now() - (now.get(id)?.seenAt ?? 0) >= WORDLESS;
        const waited = asked.filter((id) => now.has(id) && (hasAnswered(id) || !(isLate && isGone(id))));
        const done = waited.every((id) => hasAnswered(id) || (isLate && isMute(id)));
        if (done || waitedFor >= PATIENCE)
          return waited.map((id) => {
            const server = now.get(id);
            return server !== undefined && server.reload >= number ? answerOf(server) : silent(id);
          });
        await clock.sleep(LOOK_AGAIN);
      }
    },
  };
};
