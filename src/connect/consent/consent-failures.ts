import type { FlowFailure, FlowStatus } from '../../domain/flow.js';
import type { Provider } from '../../providers/provider.js';
import type { TokenFailure } from '../../providers/token-outcome.js';
import type { UpstreamOutcome } from '../../upstream/upstream-call.js';

/** How a flow ends without a Connection. */
export interface FlowEnd {
  readonly status: Extract<FlowStatus, 'failed' | 'cancelled'>;
  readonly failure: FlowFailure;
}

const failed = (code: string, message: string, cause?: string): FlowEnd => ({
  status: 'failed',
  failure: { code, message, ...(cause !== undefined && { cause }) },
});

const causeOf = (failure: TokenFailure): string => ('code' in failure ? failure.code : failure.kind);

/** The provider's own sentence, short and on one line; pages escape it like any text. */
const quoted = (provider: Provider, description: string | null): string => {
  const text = (description ?? '').replace(/[\p{Cc}\p{Cf}\p{Z}]+/gu, ' ').trim();
  if (text === '') return '';
  return ` ${provider.name} says: “${text.length > 200 ? `${text.slice(0, 199)}…` : text}”`;
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
    const spelt = said.trim().toLowerCase().replaceAll(' ', '_');
    const told = [said, spelt].find((each) => Object.hasOwn(provider.errorCodes, each));
    return told === undefined ? spelt : (provider.errorCodes[told] ?? spelt);
  });
  if (codes.some((code) => SAID_NO.test(code))) return 'access_denied';
  const [code = ''] = codes;
  return /^[a-z][a-z0-9_-]{0,63}$/.test(code) ? code : 'unknown';
};

/** An error response of the authorization endpoint (RFC 6749 §4.1.2.1). */
export const refusedBy = (provider: Provider, code: string, description: string | null): FlowEnd => {
  const { name } = provider;
  switch (code) {
    case 'access_denied':
      return {
        status: 'cancelled',
        failure: {
          code: 'denied',
          message: `You did not give permission at ${name}. Nothing was connected.`,
        },
      };
    case 'server_error':
    case 'temporarily_unavailable':
      return failed(
        'provider_down',
        `${name} cannot answer just now. Please try again in a few minutes.${quoted(provider, description)}`,
        code,
      );
    case 'invalid_request':
    case 'unauthorized_client':
    case 'unsupported_response_type':
    case 'invalid_scope':
    case 'invalid_client':
      return failed(
        'misconfigured',
        `${name} does not accept how this server is registered there. Please tell whoever runs it.${quoted(provider, description)}`,
        code,
      );
    default:
      return failed(
        'provider_refused',
        `${name} did not give permission. Nothing was connected.${quoted(provider, description)}`,
        code,
      );
  }
};

/** The token endpoint did not trade the code for tokens. */
export const notRedeemed = (provider: Provider, failure: TokenFailure): FlowEnd => {
  const { name } = provider;
  switch (failure.kind) {
    case 'invalid-grant':
      return failed(
        'provider_refused',
        `${name} took its permission back, perhaps because it waited too long.`,
        causeOf(failure),
      );
    case 'invalid-client':
    case 'refused':
      return failed(
        'misconfigured',
        `${name} does not accept how this server is registered there. Please tell whoever runs it.`,
        causeOf(failure),
      );
    case 'rate-limited':
      return failed(
        'provider_down',
        `${name} asks us to wait. Please try again in a few minutes.`,
        causeOf(failure),
      );
    case 'unreachable':
    case 'protocol-error':
      return failed(
        'provider_down',
        `${name} did not answer as expected. Please try again in a few minutes.`,
        causeOf(failure),
      );
  }
};

export const NOT_OURS = (provider: Provider, cause: string): FlowEnd =>
  failed(
    'issuer_mismatch',
    `The answer did not come from ${provider.name}’s sign-in server, so it was not used. Nothing was connected.`,
    cause,
  );

export const NO_CODE = (provider: Provider): FlowEnd =>
  failed('provider_refused', `${provider.name} answered without saying yes or no.`, 'no-code');

export const CHANGED_MEANWHILE = (provider: Provider): FlowEnd =>
  failed(
    'misconfigured',
    `This server’s registration at ${provider.name} was changed meanwhile.`,
    'client-changed',
  );

export const NOT_ALLOWED: FlowEnd = failed(
  'provider_not_allowed',
  'The application of this gadget may not use this provider any more. Nothing was connected.',
);

export const MODE_CHANGED: FlowEnd = failed(
  'mode_changed',
  'How accounts are connected from this application was changed meanwhile. Nothing was connected.',
);

const unreadable = (code: string, detail: string | null): readonly [cause: string, words: string] => {
  const cause = code === 'redirect' && detail !== null ? `redirect to ${detail}` : code;
  return [cause, `its answer could not be read (${cause})`];
};

/** Why the account could not be read: the cause for the administrator, and what the person is told. */
const UNREAD: {
  readonly [kind in UpstreamOutcome['kind']]: (
    outcome: Extract<UpstreamOutcome, { kind: kind }>,
  ) => readonly [cause: string, words: string];
} = {
  data: () => ['id-missing', 'its answer names no account'],
  unauthorized: ({ status, otherwise }) =>
    otherwise.kind === 'unusable'
      ? unreadable(otherwise.code, otherwise.detail)
      : [`status-${status}`, `it refuses the token that it has just given (${status})`],
  'insufficient-scope': () => ['insufficient-scope', 'the permission does not reach that far'],
  forbidden: () => ['status-403', 'it may not be asked (403)'],
  'not-found': () => ['status-404', 'there is nothing where it is asked (404)'],
  'rate-limited': () => ['status-429', 'it was asked too often (429)'],
  down: ({ reason }) => [reason, `it could not be asked (${reason})`],
  unusable: ({ code, detail }) => unreadable(code, detail),
};

/** The request for the account came to this, with nothing in it that names an account. */
export const ACCOUNT_UNKNOWN = <Kind extends UpstreamOutcome['kind']>(
  provider: Provider,
  outcome: Extract<UpstreamOutcome, { kind: Kind }>,
): FlowEnd => {
  const [cause, words] = UNREAD[outcome.kind as Kind](outcome);
  return failed(
    'account_unknown',
    `${provider.name} did not say whose account this is: ${words}. Nothing was connected.`,
    `account: ${cause}`,
  );
};

export const STOPPED = (provider: Provider): FlowEnd =>
  failed(
    'client_stopped',
    `${provider.name} does not accept how this server is registered there. Please tell whoever runs it.`,
  );

export const ANOTHER_PERSON = (host: string): FlowEnd =>
  failed(
    'another_person',
    `The link was opened where ${host} knows another person than the one who pressed Connect. Nothing was connected. ` +
      `If both are you, sign in to ${host} as the one you need first.`,
  );

export const CODE_WRONG: FlowEnd = failed(
  'code_wrong',
  'A wrong code was typed five times, so nothing was connected.',
);

export const TOO_LATE: FlowEnd = failed(
  'expired',
  'This took longer than ten minutes, so nothing was connected.',
);

export const ENDED_BY_ADMINISTRATOR: FlowFailure = {
  code: 'cancelled',
  message: 'An administrator ended this.',
};
