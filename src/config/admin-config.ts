import type { ClientCredentials } from '../domain/provider.js';
import type { AllowList } from '../domain/sign-in.js';

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
