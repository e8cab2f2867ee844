import type { Secret } from './secret.js';

/** What an administrator makes in the console, by command or by API; the same kinds that the configuration file declares. */
export type SetupKind = 'provider' | 'host';

/** JSON as an entry of the configuration file holds it, with its secrets in clear. */
export type Entry = Readonly<Record<string, unknown>>;

/** One provider or host that lives in the store. */
export interface SetupRecord {
  readonly kind: SetupKind;
  readonly id: string;
  /** Grows by one with every change: who changes an older version than there is must look again. */
  readonly version: number;
  /** The entry as JSON text: it holds secrets. Null when no key of the ring opens it. */
  readonly entry: Secret | null;
  /** When each of its secrets was set, by its place: `client.secret`. */
  readonly secretsSetAt: Readonly<Record<string, number>>;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Name of the one who changed it last. */
  readonly updatedBy: string;
  /** Since when it is being removed: it serves no viewer any more, and its Connections are being revoked. */
  readonly leavingAt: number | null;
}

/** Under which key of the configuration file the records of a kind stand. */
export const GROUP = { host: 'hosts', provider: 'providers' } as const satisfies Record<SetupKind, string>;

/** Where an entry holds secrets, key by key; `*` stands for any key. */
export const SECRETS: Readonly<Record<SetupKind, readonly (readonly string[])[]>> = {
  provider: [
    ['client', 'secret'],
    ['clients', '*', 'secret'],
  ],
  host: [['key', 'secret']],
};

/** Words that the console has in the place of an id: a record of that name could not be opened there. */
const TAKEN = new Set(['new']);

/** Words that follow an id, or may come to stand in its place. A test holds them against all addresses of console and API. */
const RESERVED = new Set([
  ...TAKEN,
  ...['certificates', 'check', 'edit', 'form', 'remove', 'retry', 'secret', 'snippet', 'snippets', 'test'],
  ...['test-entry', 'trust'],
]);

/** Whether no record may have this id, wherever it is declared. */
export const isTakenId = (id: string): boolean => TAKEN.has(id);

/** Whether nothing new is called so. What has the name already keeps it, unless it is taken. */
export const isReservedId = (id: string): boolean => RESERVED.has(id);
