import type { AllowList } from '../domain/administrator-sign-in.js';
import type { Secret } from '../domain/secret.js';
import type { Host } from '../hosts/host.js';
import type { OutgoingProxy } from '../net/proxy.js';
import type { ClientCredentials, ProviderDraft } from '../providers/provider.js';
import type { DatabaseAddress } from '../store/engine/database-address.js';
import type { SealingKey } from '../store/sealing/sealing-key.js';

/** The private addresses that may be called at all. */
export interface OutgoingBound {
  /** CIDR ranges that every record chooses within. */
  readonly allow: readonly string[];
  /** Whether the file sets the bound itself: then what else the file names stays within it too. */
  readonly isSet: boolean;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** Where a server listens. */
export interface ListenOn {
  readonly host: string;
  readonly port: number;
  /** In place of the two; its path is absolute. */
  readonly socket: { readonly path: string; readonly mode: number } | null;
}

/** Everything the administrator settled, checked as a whole and frozen. Paths are absolute. */
export interface Config {
  /** The file it was read from. */
  readonly file: string;
  readonly gadgetOrigin: string;
  readonly siteOrigin: string;
  readonly listen: ListenOn;
  /** CIDR ranges whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  readonly outgoing: OutgoingBound;
  /** Null where other servers are reached directly. */
  readonly outgoingProxy: OutgoingProxy | null;
  /** `sqlite:` and an absolute path, `sqlite::memory:`, or PostgreSQL. */
  readonly database: DatabaseAddress;
  /** At least one: the first seals, all open. */
  readonly keys: readonly SealingKey[];
  /** Gadget folders beside the built-in ones. */
  readonly gadgets: readonly string[];
  readonly logLevel: LogLevel;
  readonly unusedConnectionDays: number;
  /** Seconds. */
  readonly maxStale: number;
  /** Milliseconds. */
  readonly renderBudget: number;
  /** Megabytes for what is remembered; 0 takes a share of the memory there is. */
  readonly memoryBudget: number;
  /** Null where no metrics are offered. */
  readonly metrics: { readonly listen: ListenOn } | null;
  /** Processes that serve. */
  readonly workers: number;
  /** Null where nothing is traced. What it does not say, the SDK takes from the environment, as OpenTelemetry has it. */
  readonly traces: {
    /** Null where the environment names it. */
    readonly endpoint: string | null;
    readonly sample: number | null;
    /** Whether a trace goes on that the proxy in front has started. */
    readonly continueFromProxy: boolean;
    readonly headers: Readonly<Record<string, Secret>>;
  } | null;
  readonly admin: AdminConfig;
  readonly hosts: readonly Host[];
  readonly providers: readonly ProviderDraft[];
  /** What stands under `hosts` and `providers`, variables replaced, as JSON text: it holds secrets. */
  readonly entries: Secret;
}

/** The administration console's settings. */
export interface AdminConfig {
  readonly enabled: boolean;
  /** Null where administrators have passwords alone. */
  readonly oidc: {
    readonly issuer: string;
    readonly name: string;
    readonly client: ClientCredentials;
    readonly scopes: readonly string[];
    readonly allow: AllowList;
  } | null;
}
