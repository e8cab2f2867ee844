import type { AccessOutcome } from '../../../connect/tokens/access-source.js';
import type { Actor } from '../../../domain/actor.js';
import type { Audit } from '../../../domain/audit-event.js';
import type { Entry } from '../../../domain/setup-record.js';
import type { Clock, Entropy } from '../../../domain/system.js';
import type { Probe } from '../../../providers/probe.js';
import type { ClientCredentials, Provider, ProviderDraft } from '../../../providers/provider.js';
import type { Authorizer, TokenJudge } from '../../../providers/token-outcome.js';
import type { AuditStore } from '../../../store/admin-stores.js';
import type { Throttle } from '../../../store/stores.js';
import type { Upstream } from '../../../upstream/upstream.js';

/** All that a dry run asks of the world. */
export interface DryRunPorts {
  readonly probe: Probe;
  readonly authorizer: Pick<Authorizer, 'authorizationUrl'> & TokenJudge;
  readonly upstream: Pick<Upstream, 'ask'>;
  readonly audit: Audit;
  readonly throttle: Throttle;
  readonly clock: Pick<Clock, 'now'>;
  readonly entropy: Entropy;
  readonly stores: { readonly audit: Pick<AuditStore, 'list'> };
  /** Where a provider sends people back to. */
  redirectUri(provider: string): string;
  /** Completes a draft from its server's metadata, or says in a sentence why it cannot. */
  discover(
    draft: Extract<ProviderDraft, { kind: 'discover' }>,
  ): Promise<Provider | { readonly failure: string }>;
  /** The record as it serves; of an entry, as it would serve if it were saved. Throws `record_unknown` and `InvalidRecord`. */
  draft(id: string, entry?: Entry): Promise<ProviderDraft>;
  /** Whether token requests of this registration are stopped at present, as the record in hand has it. */
  isStopped(provider: Provider, client: ClientCredentials): Promise<boolean>;
  /** The administrator's own connection to a provider as it serves; null for whoever can have none. */
  ownAccess(by: Actor, provider: Provider): Promise<AccessOutcome | null>;
}
