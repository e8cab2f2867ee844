import { mayUse } from '../domain/host.js';
import type { Digest, Directory } from '../domain/ports.js';
import type { RenderRequest } from '../domain/rendering.js';
import type { ConnectionStore } from '../domain/stores.js';

export interface StandingDeps {
  readonly connections: Pick<ConnectionStore, 'find'>;
  readonly directory: Pick<Directory, 'host'>;
  readonly digest: Digest;
}

/** In place of a Connection that cannot be used, or is not there. */
const NONE = '0';
const MARK_LENGTH = 16;

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
    marks.push(
      connection?.status === 'active'
        ? digest.sha256(`${connection.id} ${connection.generation}`).slice(0, MARK_LENGTH)
        : NONE,
    );
  }
  return marks.join('.');
}

/** Whether something that `before` stood on is not there any more: what was shown then must not be shown now. */
export function hasEnded(before: string, now: string): boolean {
  const present = now.split('.');
  return before.split('.').some((mark, index) => mark !== NONE && mark !== present[index]);
}
