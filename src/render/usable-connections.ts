import type { Directory } from '../config/directory.js';
import type { Connection } from '../domain/connection.js';
import type { RenderRequest } from '../domain/rendering.js';
import type { Digest } from '../domain/system.js';
import { canonical } from '../gadgets/parameters.js';
import { mayUse } from '../hosts/host.js';
import { placeOf } from '../providers/provider.js';
import type { ConnectionStore } from '../store/connections/connection-store.js';

/** What a gadget has of one of its providers: the viewer's Connection, null where none can be used, and where the record leads. */
export interface Usable {
  readonly connection: Connection | null;
  /** The place that the provider's record leads to (`placeOf`); empty where it is not known. */
  readonly api: string;
}

export interface UsableDeps {
  /** Looked up for every rendering, so best kept in memory. */
  readonly connections: Pick<ConnectionStore, 'find' | 'recall'>;
  readonly directory: Pick<Directory, 'host' | 'provider'>;
}

export type StandingDeps = UsableDeps & { readonly digest: Digest };

type Asked = Pick<RenderRequest, 'gadget' | 'viewer'>;
type AskedWith = Asked & Pick<RenderRequest, 'parameters' | 'changeable'>;

const toUsable = ({ directory }: UsableDeps, id: string, connection: Connection | null): Usable => {
  const provider = directory.provider(id);
  return {
    connection: connection?.status === 'active' ? connection : null,
    api: provider === undefined ? '' : placeOf(provider),
  };
};

/** The Connections by which a gadget may show something to its viewer now, in the order of its providers. */
export async function findUsable(deps: UsableDeps, { gadget, viewer }: Asked): Promise<readonly Usable[]> {
  const host = deps.directory.host(viewer.host);
  const found: Usable[] = [];
  for (const provider of gadget.providers) {
    const isAllowed = host !== undefined && mayUse(host, provider);
    const connection = isAllowed ? await deps.connections.find(viewer, provider) : null;
    found.push(toUsable(deps, provider, connection));
  }
  return found;
}

/** What `findUsable` would give, where memory knows each of them without waiting. */
export function recallUsable(deps: UsableDeps, { gadget, viewer }: Asked): readonly Usable[] | undefined {
  const host = deps.directory.host(viewer.host);
  const found: Usable[] = [];
  for (const provider of gadget.providers) {
    const isAllowed = host !== undefined && mayUse(host, provider);
    const connection = isAllowed ? deps.connections.recall(viewer, provider) : null;
    if (connection === undefined) return undefined;
    found.push(toUsable(deps, provider, connection));
  }
  return found;
}

/** In place of a Connection that cannot be used, or is not there. */
const NONE = '0';
const MARK_LENGTH = 16;

/** The marks of Connections in memory, which are needed for almost every request of a frame. */
const marks = new WeakMap<Connection, string>();

const markOf = (digest: Digest, connection: Connection): string => {
  const known = marks.get(connection);
  if (known !== undefined) return known;
  const mark = digest.sha256(`${connection.id} ${connection.generation}`).slice(0, MARK_LENGTH);
  marks.set(connection, mark);
  return mark;
};

/** The same of what viewers chose; a session in memory is asked about with the same object each time. */
const choiceMarks = new WeakMap<object, string>();

const choiceMarkOf = (digest: Digest, parameters: AskedWith['parameters'], changeable: object): string => {
  const known = choiceMarks.get(changeable);
  if (known !== undefined) return known;
  const mark = digest.sha256(JSON.stringify([canonical(parameters), changeable])).slice(0, MARK_LENGTH);
  choiceMarks.set(changeable, mark);
  return mark;
};

/** Between the marks of Connections and that of what the viewer chose. */
const THEN = '~';

/** The marks of what a gadget uses of each of its providers, in their order; then, where its viewer may change anything, of what they chose. */
export function formatStanding(
  digest: Digest,
  used: readonly Usable[],
  { parameters, changeable }: Pick<AskedWith, 'parameters' | 'changeable'>,
): string {
  let standing = '';
  for (const { connection } of used)
    standing += `${standing === '' ? '' : '.'}${connection === null ? NONE : markOf(digest, connection)}`;
  return changeable === undefined ? standing : standing + THEN + choiceMarkOf(digest, parameters, changeable);
}

/**
 * What a gadget's data stands on: a mark for each of its providers, in their order, that changes when the viewer's Connection to it
 * ends, is made, or is made again, and one that changes with what the viewer chose. It asks no provider, refreshes no token, renders
 * nothing and counts as no use of a Connection. Read before a rendering, it is never newer than what that rendering shows.
 */
export async function readStanding(deps: StandingDeps, request: AskedWith): Promise<string> {
  return formatStanding(deps.digest, await findUsable(deps, request), request);
}

/** What `readStanding` would give, where memory knows it without waiting; undefined where something has to be read. */
export function recallStanding(deps: StandingDeps, request: AskedWith): string | undefined {
  const used = recallUsable(deps, request);
  return used && formatStanding(deps.digest, used, request);
}

const marksIn = (standing: string): readonly string[] => (standing.split(THEN)[0] ?? '').split('.');

/** Whether a Connection that `before` stood on has ended: what was shown then must not be shown now. */
export function hasEnded(before: string, now: string): boolean {
  const present = marksIn(now);
  return marksIn(before).some((mark, index) => mark !== NONE && mark !== present[index]);
}
