import type { Directory } from '../config/directory.js';
import type { Connection } from '../domain/connection.js';
import type { RenderRequest } from '../domain/rendering.js';
import type { Digest } from '../domain/system.js';
import { mayUse } from '../hosts/host.js';
import type { ConnectionStore } from '../store/stores.js';

export interface StandingDeps {
  readonly connections: Pick<ConnectionStore, 'find' | 'recall'>;
  readonly directory: Pick<Directory, 'host'>;
  readonly digest: Digest;
}

/** In place of a Connection that cannot be used, or is not there. */
const NONE = '0';
const MARK_LENGTH = 16;

/** Of Connections in memory, which are asked for with every look. */
const known = new WeakMap<Connection, string>();

const markOf = (digest: Digest, connection: Connection): string => {
  const before = known.get(connection);
  if (before !== undefined) return before;
  const mark = digest.sha256(`${connection.id} ${connection.generation}`).slice(0, MARK_LENGTH);
  known.set(connection, mark);
  return mark;
};

/** The marks of what a gadget uses of each of its providers, in their order; of null where no Connection can be used. */
export function standingOn(
  digest: Digest,
  used: readonly { readonly connection: Connection | null }[],
): string {
  let marks = '';
  for (const { connection } of used)
    marks += `${marks === '' ? '' : '.'}${connection === null ? NONE : markOf(digest, connection)}`;
  return marks;
}

const usableOf = (connection: Connection | null): { connection: Connection | null } => ({
  connection: connection?.status === 'active' ? connection : null,
});

/**
 * What a gadget's data stands on: a mark for each of its providers, in their order, that changes when the viewer's Connection to it
 * ends, is made, or is made again. It asks no provider, refreshes no token, renders nothing and counts as no use of a Connection.
 * Read before a rendering, it is never newer than what that rendering shows.
 */
export async function readStanding(
  { connections, directory, digest }: StandingDeps,
  { gadget, viewer }: Pick<RenderRequest, 'gadget' | 'viewer'>,
): Promise<string> {
  const host = directory.host(viewer.host);
  const usable: { connection: Connection | null }[] = [];
  for (const provider of gadget.providers) {
    const isAllowed = host !== undefined && mayUse(host, provider);
    usable.push(isAllowed ? usableOf(await connections.find(viewer, provider)) : { connection: null });
  }
  return standingOn(digest, usable);
}

/** What `readStanding` would give, where memory knows it without waiting; undefined where something has to be read. */
export function recallStanding(
  { connections, directory, digest }: StandingDeps,
  { gadget, viewer }: Pick<RenderRequest, 'gadget' | 'viewer'>,
): string | undefined {
  const host = directory.host(viewer.host);
  const usable: { connection: Connection | null }[] = [];
  for (const provider of gadget.providers) {
    if (host === undefined || !mayUse(host, provider)) {
      usable.push({ connection: null });
      continue;
    }
    const connection = connections.recall(viewer, provider);
    if (connection === undefined) return undefined;
    usable.push(usableOf(connection));
  }
  return standingOn(digest, usable);
}

/** Whether something that `before` stood on is not there any more: what was shown then must not be shown now. */
export function hasEnded(before: string, now: string): boolean {
  const present = now.split('.');
  return before.split('.').some((mark, index) => mark !== NONE && mark !== present[index]);
}
