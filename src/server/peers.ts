import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { kill, pid, platform } from 'node:process';
import type { Clock, Entropy, Peers } from '../domain/system.js';
import type { Instance } from '../store/instance-store.js';

/** A server that said nothing for so long, while others could, is dead, ms: it speaks about every two seconds, at least every three. */
const DEAD_AFTER = 10_000;
/** Between two looks no more than this counts as silence, ms: the process that looks may have slept, or had no database. */
const MOST_AT_ONCE = 3_000;
/** Stands in a name for what this system does not report. */
const UNKNOWN = '-';

/** What the system says about a process, null where it does not say. Rejects nothing and never throws. */
export interface Processes {
  /** Where process ids mean the same: one boot of one machine, and one namespace of it. */
  here(): string | null;
  /** When the process was started, in a word that another process of the same id does not share; `gone` where there is none. */
  startOf(id: number): string | 'gone' | null;
}

const read = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
};

const isThere = (id: number): boolean => {
  try {
    kill(id, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
};

/** State and start, in proc(5)'s `stat`: what follows the name, which may hold anything. */
const stateAndStart = (stat: string): readonly [state: string, start: string] => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [fields[0] ?? '', fields[19] ?? ''];
};

const linux: Processes = {
  here() {
    try {
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      const namespace = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0];
      return boot === '' || namespace === undefined ? null : `${boot}.${namespace}`;
    } catch {
      return null;
    }
  },
  startOf(id) {
    if (!isThere(id)) return 'gone';
    const stat = read(`/proc/${id}/stat`);
    if (stat === null) return null;
    const [state, start] = stateAndStart(stat);
    // A dead process keeps its id until its parent has looked at it.
    if (state === 'Z' || state === 'X') return 'gone';
    return /^\d+$/.test(start) ? start : null;
  },
};

/** Where ids are of one machine and no namespaces divide them. */
const desktop: Processes = {
  here: () => platform,
  startOf: (id) => (isThere(id) ? null : 'gone'),
};

const systemProcesses: Processes =
  platform === 'linux'
    ? linux
    : platform === 'darwin' || platform === 'win32'
      ? desktop
      : { here: () => null, startOf: () => null };

/** What a server is called among those that share its database: where it runs, so that people find it. */
const serverName = (entropy: Entropy): string =>
  `${hostname()}-${pid}-${entropy.id().slice(0, 4).toLowerCase()}`;

const partsOf = (server: string): { readonly host: string; readonly id: number } | null => {
  const [, host, id] = /^(.*)-(\d+)-.{4}$/.exec(server) ?? [];
  return host === undefined ? null : { host, id: Number(id) };
};

/** Whether a server of this name ran on this machine, and its process is gone: it was killed, or it would have said so. */
export const isGone = (server: string): boolean => {
  const parts = partsOf(server);
  return parts?.host === hostname() && systemProcesses.startOf(parts.id) === 'gone';
};

interface Heard {
  readonly seenAt: number;
  /** For how long it has said nothing since, as far as this process could hear, ms. */
  readonly silent: number;
}

/**
 * The processes that share the database. One of this machine is dead when its process is gone, or its id belongs to a later one; any
 * other when it has said nothing for ten seconds in which this process wrote and read the database itself. Nothing depends on whether
 * the clocks of two machines agree.
 */
export class KnownPeers implements Peers {
  readonly server: string;
  readonly own: string;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #processes: Processes;
  readonly #here: string;
  #heard: ReadonlyMap<string, Heard> = new Map();
  #lookedAt: number | null = null;

  constructor(clock: Pick<Clock, 'monotonic'>, entropy: Entropy, processes: Processes = systemProcesses) {
    this.#clock = clock;
    this.#processes = processes;
    this.#here = processes.here() ?? UNKNOWN;
    this.server = serverName(entropy);
    this.own = `${this.server}/${this.#here}/${processes.startOf(pid) ?? UNKNOWN}`;
  }

  /** Hears of the servers as the database has them, right after this one has written there that it lives. */
  hear(instances: readonly Pick<Instance, 'id' | 'seenAt'>[]): void {
    const now = this.#clock.monotonic();
    const passed = this.#lookedAt === null ? 0 : Math.min(now - this.#lookedAt, MOST_AT_ONCE);
    this.#lookedAt = now;
    this.#heard = new Map(
      instances.map(({ id, seenAt }) => {
        const before = this.#heard.get(id);
        const silent = before?.seenAt === seenAt ? before.silent + passed : 0;
        return [id, { seenAt, silent }];
      }),
    );
  }

  isDead(name: string): boolean {
    if (name === this.own) return false;
    const [server = '', where = UNKNOWN, start = UNKNOWN] = name.split('/');
    return (this.#heard.get(server)?.silent ?? 0) >= DEAD_AFTER || this.#isEnded(server, where, start);
  }

  #isEnded(server: string, where: string, start: string): boolean {
    const parts = partsOf(server);
    if (where === UNKNOWN || where !== this.#here || parts?.host !== hostname()) return false;
    const now = this.#processes.startOf(parts.id);
    if (now === 'gone') return true;
    return now !== null && start !== UNKNOWN && now !== start;
  }
}
