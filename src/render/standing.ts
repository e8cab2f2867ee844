import type { Directory } from '../config/directory.js';
import type { Connection } from '../domain/connection.js';
import type { RenderRequest } from '../domain/rendering.js';
import type { Digest } from '../domain/system.js';
import { mayUse } from '../hosts/host.js';
import type { ConnectionStore } from '../store/stores.js';

export interface StandingDeps {
  readonly connections: Pick<ConnectionStore, 'find'>;
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
  const marks: string[] = [];
  for (const provider of gadget.providers) {
    const isAllowed = host !== undefined && mayUse(host, provider);
    const connection = isAllowed ? await connections.find(viewer, provider) : null;
    marks.push(connection?.status === 'active' ? markOf(digest, connection) : NONE);
  }
  return marks.join('.');
}

/** Whether something that `before` stood on is not there any more: what was shown then must not be shown now. */
export function hasEnded(before: string, now: string): boolean {
  const present = now.split('.');
  return before.split('.').some((mark, index) => mark !== NONE && mark !== present[index]);
}
