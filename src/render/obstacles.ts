import type { AccessOutcome } from '../connect/tokens/open-connection.js';
import type { Connection } from '../domain/connection.js';
import type { Obstacle } from '../domain/rendering.js';
import type { TokenRejection, UpstreamOutcome } from '../upstream/upstream-call.js';

type NoAccess = Exclude<AccessOutcome, { kind: 'access' }>;
type NoData = Exclude<UpstreamOutcome, { kind: 'data' }>;

/** What a viewer meets when there is no token for a provider. */
export const withoutAccess = (provider: string, outcome: NoAccess): Obstacle => {
  switch (outcome.kind) {
    case 'none':
      return { state: 'connect', provider };
    case 'reconnect':
      return { state: 'reconnect', provider, reason: outcome.reason };
    case 'down':
      return { state: 'provider-down', provider, reason: outcome.reason };
    case 'rate-limited':
      return { state: 'rate-limited', provider, retryAfter: outcome.retryAfter };
    case 'stopped':
      return { state: 'misconfigured', provider, code: outcome.code, detail: null };
  }
};

/**
 * An answer that looked like a dead token, with a token that is good as far as is known (`proven`: certainly): the resource spoke for
 * itself, and the Connection goes on.
 */
export const refusedByResource = (
  provider: string,
  { status, otherwise }: TokenRejection,
  proven: boolean,
): Obstacle =>
  otherwise.kind === 'unusable'
    ? { state: 'misconfigured', provider, code: otherwise.code, detail: otherwise.detail }
    : {
        state: 'no-access',
        provider,
        detail: otherwise.detail,
        code: `token-rejected: status-${status}`,
        ...(!proven && { mayReconnect: true }),
      };

/** The one table from a provider's answer to the state that is shown. A rejected token that comes here outlived a refresh. */
export const withoutData = (provider: string, outcome: NoData): Obstacle => {
  switch (outcome.kind) {
    case 'unauthorized':
      return refusedByResource(provider, outcome, true);
    case 'insufficient-scope':
      return { state: 'reconnect', provider, reason: 'more-scopes' };
    case 'forbidden':
      return { state: 'no-access', provider, detail: outcome.detail };
    case 'not-found':
      return { state: 'not-found', provider, detail: outcome.detail };
    case 'rate-limited':
      return { state: 'rate-limited', provider, retryAfter: outcome.retryAfter };
    case 'down':
      return { state: 'provider-down', provider, reason: outcome.reason };
    case 'unusable':
      return { state: 'misconfigured', provider, code: outcome.code, detail: outcome.detail };
  }
};

/** With a company's access there is nothing that its viewer could connect, or is denied: it is for administrators. */
export const withCompanyAccess = (obstacle: Obstacle): Obstacle => {
  const { state, provider } = obstacle;
  if (state !== 'connect' && state !== 'reconnect' && state !== 'no-access') return obstacle;
  const detail = state === 'no-access' ? obstacle.detail : null;
  return { state: 'misconfigured', provider, code: 'company_access_refused', detail };
};

/** What a viewer meets who has this Connection, or none; null when it can be used. */
export const withoutConnection = (provider: string, connection: Connection | null): Obstacle | null => {
  if (connection?.status === 'active') return null;
  return connection?.status === 'reconnect'
    ? { state: 'reconnect', provider, reason: connection.reason ?? 'expired' }
    : { state: 'connect', provider };
};

/** A provider whose metadata could not be read yet. */
export const undiscovered = (provider: string): Obstacle => ({
  state: 'provider-down',
  provider,
  reason: 'undiscovered',
});

/** What the viewer can fix comes first, what only time fixes near the end, what only an administrator fixes last. */
const PRECEDENCE: Readonly<Record<Obstacle['state'], number>> = {
  connect: 1,
  reconnect: 2,
  'no-access': 3,
  'not-found': 4,
  'rate-limited': 5,
  'provider-down': 6,
  misconfigured: 7,
};

/** The obstacle to show when several required answers are missing. */
export const foremost = (obstacles: readonly Obstacle[]): Obstacle | undefined =>
  obstacles.toSorted((one, other) => PRECEDENCE[one.state] - PRECEDENCE[other.state])[0];
