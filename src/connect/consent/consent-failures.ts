import type { FlowFailure, FlowStatus } from '../../domain/flow.js';
import type { Provider } from '../../providers/provider.js';
import type { TokenFailure } from '../../providers/token-outcome.js';
import type { UpstreamOutcome } from '../../upstream/upstream-call.js';

/** How a flow ends without a Connection. */
export interface FlowEnd {
  readonly status: Extract<FlowStatus, 'failed' | 'cancelled'>;
  readonly failure: FlowFailure;
}

const failed = (code: string, more: Omit<FlowFailure, 'code'> = {}): FlowEnd => ({
  status: 'failed',
  failure: { code, ...more },
});

const causeOf = (failure: TokenFailure): string => ('code' in failure ? failure.code : failure.kind);

/** The provider's own sentence, short and on one line; pages escape it like any text. */
const saying = (description: string | null): Pick<FlowFailure, 'said'> => {
  const text = (description ?? '').replace(/[\p{Cc}\p{Cf}\p{Z}]+/gu, ' ').trim();
  if (text === '') return {};
  return { said: text.length > 200 ? `${text.slice(0, 199)}…` : text };
};

/** How servers in use say that a person said no: `access_denied` in any spelling, LinkedIn's, Facebook's and Microsoft's own words. */
const SAID_NO =
  /^(?:(?:access|consent|user|permission|authori[sz]ation|login|oauth|request)[_.-]?)?(?:is_|was_)?(?:denied|declined|rejected|cancel|cancell?ed)(?:[_.-][a-z_.-]{1,40})?$|^consent_required$/;

/**
 * An authorization server's error code in RFC 6749's spelling; anything unreadable is `unknown`. A reason that is given beside it and says
 * that the person said no counts more: some servers call that `server_error`.
 */
export const errorCodeOf = (provider: Provider, error: string, reasons: readonly string[] = []): string => {
  const codes = [error, ...reasons].map((said) => {
    const normalized = said.trim().toLowerCase().replaceAll(' ', '_');
    const known = [said, normalized].find((each) => Object.hasOwn(provider.errorCodes, each));
    return known === undefined ? normalized : (provider.errorCodes[known] ?? normalized);
  });
  if (codes.some((code) => SAID_NO.test(code))) return 'access_denied';
  const [code = ''] = codes;
  return /^[a-z][a-z0-9_-]{0,63}$/.test(code) ? code : 'unknown';
};

/** An error response of the authorization endpoint (RFC 6749 §4.1.2.1). */
export const refusedBy = (provider: Provider, code: string, description: string | null): FlowEnd => {
  const values = { provider: provider.name };
  switch (code) {
    case 'access_denied':
      return { status: 'cancelled', failure: { code: 'denied', values } };
    case 'server_error':
    case 'temporarily_unavailable':
      return failed('provider_down', { values, ...saying(description), cause: code });
    case 'invalid_request':
    case 'unauthorized_client':
    case 'unsupported_response_type':
    case 'invalid_scope':
    case 'invalid_client':
      return failed('misconfigured', { values, ...saying(description), cause: code });
    default:
      return failed('provider_refused', { values, ...saying(description), cause: code });
  }
};

/** The token endpoint did not trade the code for tokens. */
export const notRedeemed = (provider: Provider, failure: TokenFailure): FlowEnd => {
  const more = { values: { provider: provider.name }, cause: causeOf(failure) };
  switch (failure.kind) {
    case 'invalid-grant':
      return failed('provider_refused', { as: 'provider_refused_grant', ...more });
    case 'invalid-client':
    case 'refused':
      return failed('misconfigured', more);
    case 'rate-limited':
      return failed('provider_down', { as: 'provider_down_busy', ...more });
    case 'unreachable':
    case 'protocol-error':
      return failed('provider_down', { as: 'provider_down_unexpected', ...more });
  }
};

export const NOT_OURS = (provider: Provider, cause: string): FlowEnd =>
  failed('issuer_mismatch', { values: { provider: provider.name }, cause });

export const NO_CODE = (provider: Provider): FlowEnd =>
  failed('provider_refused', {
    as: 'provider_refused_no_code',
    values: { provider: provider.name },
    cause: 'no-code',
  });

export const CLIENT_CHANGED = (provider: Provider): FlowEnd =>
  failed('misconfigured', {
    as: 'misconfigured_since',
    values: { provider: provider.name },
    cause: 'client-changed',
  });

export const NOT_ALLOWED: FlowEnd = failed('provider_not_allowed');

export const MODE_CHANGED: FlowEnd = failed('mode_changed');

const unreadable = (code: string, detail: string | null): readonly [cause: string, why: string] => [
  code === 'redirect' && detail !== null ? `redirect to ${detail}` : code,
  'unreadable',
];

/** Why the account could not be read: the cause for the administrator, and which words the person gets. */
const UNREAD: {
  readonly [kind in UpstreamOutcome['kind']]: (
    outcome: Extract<UpstreamOutcome, { kind: kind }>,
  ) => readonly [cause: string, why: string];
} = {
  data: () => ['id-missing', 'unnamed'],
  unauthorized: ({ status, otherwise }) =>
    otherwise.kind === 'unusable'
      ? unreadable(otherwise.code, otherwise.detail)
      : [`status-${status}`, 'token'],
  'insufficient-scope': () => ['insufficient-scope', 'scope'],
  forbidden: () => ['status-403', 'forbidden'],
  'not-found': () => ['status-404', 'absent'],
  'rate-limited': () => ['status-429', 'busy'],
  down: ({ reason }) => [reason, 'down'],
  unusable: ({ code, detail }) => unreadable(code, detail),
};

/** The request for the account came to this, with nothing in it that names an account. */
export const ACCOUNT_UNKNOWN = <Kind extends UpstreamOutcome['kind']>(
  provider: Provider,
  outcome: Extract<UpstreamOutcome, { kind: Kind }>,
): FlowEnd => {
  const [cause, why] = UNREAD[outcome.kind as Kind](outcome);
  return failed('account_unknown', { values: { provider: provider.name, why }, cause: `account: ${cause}` });
};

/** What came with the token does not say whose account it is: `cause` is a stable code. */
export const ACCOUNT_UNSAID = (provider: Provider, cause: string): FlowEnd =>
  failed('account_unknown', {
    values: { provider: provider.name, why: cause === 'id-missing' ? 'unnamed' : 'unreadable' },
    cause: `account: ${cause}`,
  });

/** Nothing says, in a form that can be used, where the person's data is; `cause` names the fact. */
export const FACT_MISSING = (provider: Provider, title: string, cause: string): FlowEnd =>
  failed('fact_missing', { values: { provider: provider.name, what: title }, cause });

export const STOPPED = (provider: Provider): FlowEnd =>
  failed('client_stopped', { values: { provider: provider.name } });

export const ANOTHER_PERSON = (host: string): FlowEnd => failed('another_person', { values: { host } });

export const CODE_WRONG: FlowEnd = failed('code_wrong');

export const TOO_LATE: FlowEnd = failed('expired');

export const ENDED_BY_ADMINISTRATOR: FlowFailure = { code: 'cancelled', as: 'cancelled_by_administrator' };
