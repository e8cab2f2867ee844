import type { Host } from '../domain/host.js';
import type { ProviderDraft } from '../domain/provider.js';
import type { Secret } from '../domain/secret.js';

/** One key of the ring: `key` reveals base64url of exactly 32 bytes. The first of the ring seals, all open. */
export interface RingKey {
  readonly id: string;
  readonly key: Secret;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** Everything the administrator settled, checked as a whole and frozen. Paths are absolute. */
export interface Config {
  /** The file it was read from. */
  readonly file: string;
  readonly gadgetOrigin: string;
  readonly siteOrigin: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** CIDR ranges whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** `path` is absolute, or `:memory:`. */
  readonly database: { readonly kind: 'sqlite'; readonly path: string };
  readonly keys: readonly [RingKey, ...RingKey[]];
  /** Gadget folders beside the built-in ones. */
  readonly gadgets: readonly string[];
  readonly logLevel: LogLevel;
  readonly unusedConnectionDays: number;
  /** Seconds. */
  readonly maxStale: number;
  /** Milliseconds. */
  readonly renderBudget: number;
  readonly hosts: readonly Host[];
  readonly providers: readonly ProviderDraft[];
}
