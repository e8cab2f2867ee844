import type { AllowList } from '../domain/administrator-sign-in.js';
import type { ClientCredentials } from '../providers/provider.js';

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
