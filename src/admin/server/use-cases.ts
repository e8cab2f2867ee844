import type { Actor } from '../../domain/actor.js';
import type { FaultyGadget } from '../../domain/faulty-gadget.js';
import type { Instance } from '../../store/instance-store.js';
import type { Deps } from '../admin-deps.js';
import { backupOf } from './backup-file.js';

/** What one running server did when it was asked to reload. */
export interface ReloadResult {
  readonly server: string;
  /** `silent`: it did not respond in time. */
  readonly outcome: 'taken' | 'refused' | 'silent';
  /** Why it keeps the previous configuration. */
  readonly problem: string | null;
  /** Settings that were changed and wait for a restart. */
  readonly restart: readonly string[];
  /** Gadgets that it leaves out or keeps as they were because of their own mistakes. */
  readonly gadgets: readonly FaultyGadget[];
}

/** A server that has not reported for this long no longer runs; it reports every five seconds. */
const ALIVE = 15_000;
const PATIENCE = 15_000;
/** A running server checks at least every second and a half; reading its file takes the rest. */
const USUAL = 3_000;
/** A server that has not reported for this long is not waited for. */
const WORDLESS = 9_000;
const CHECK_AGAIN = 200;

const toResult = ({ id, problem, restart, gadgets }: Instance): ReloadResult => ({
  server: id,
  outcome: problem === null ? 'taken' : 'refused',
  problem,
  restart,
  gadgets,
});

const silent = (server: string): ReloadResult => ({
  ...{ server, outcome: 'silent', problem: null },
  ...{ restart: [], gadgets: [] },
});

/** The running servers. */
export function listServers({ stores, clock }: Deps<'clock', 'instances'>): Promise<readonly Instance[]> {
  return stores.instances.alive(clock.now() - ALIVE);
}

/** Asks every running server to read its file again, and reports what each of them did. Empty when none runs. */
export async function reloadServers(
  deps: Deps<'clock' | 'isGone', 'instances'>,
  by: Actor,
): Promise<readonly ReloadResult[]> {
  const { clock, isGone, stores } = deps;
  const asked = (await listServers(deps)).map(({ id }) => id);
  if (asked.length === 0) return [];
  const askedAt = clock.now();
  const since = clock.monotonic();
  const number = await stores.instances.requestReload(by, askedAt);
  for (;;) {
    // One that was stopped in the meantime does not respond, and need not.
    const now = new Map((await stores.instances.alive(askedAt - ALIVE)).map((each) => [each.id, each]));
    const waitedFor = clock.monotonic() - since;
    const isLate = waitedFor >= USUAL;
    const hasAnswered = (id: string): boolean => (now.get(id)?.reload ?? 0) >= number;
    const isMute = (id: string): boolean => clock.now() - (now.get(id)?.seenAt ?? 0) >= WORDLESS;
    const waited = asked.filter((id) => now.has(id) && (hasAnswered(id) || !(isLate && isGone(id))));
    const done = waited.every((id) => hasAnswered(id) || (isLate && isMute(id)));
    if (done || waitedFor >= PATIENCE)
      return waited.map((id) => {
        const server = now.get(id);
        return server !== undefined && server.reload >= number ? toResult(server) : silent(id);
      });
    await clock.sleep(CHECK_AGAIN);
  }
}

/** Everything worth keeping as one file, sealed: its bytes, as of the moment the first of them is read. */
export async function makeBackup(
  { stores, audit, clock }: Deps<'audit' | 'clock', 'archive'>,
  by: Actor,
): Promise<AsyncIterable<Uint8Array>> {
  await audit.record({ action: 'backup.made', by, outcome: 'done' });
  return backupOf(stores.archive, clock.now()).content;
}
