import type { FlowFailure, FlowStatus } from '../../domain/flow.js';
import type { TokenFailure } from '../../domain/ports.js';
import type { Provider } from '../../domain/provider.js';

/** How a flow ends without a Connection. */
export interface FlowEnd {
  readonly status: Extract<FlowStatus, 'failed' | 'cancelled'>;
  readonly failure: FlowFailure;
}

const failed = (code: string, message: string): FlowEnd => ({ status: 'failed', failure: { code, message } });

/** The provider's own sentence, short and on one line; pages escape it like any text. */
const quoted = (provider: Provider, description: string | null): string => {
  const text = (description ?? '').replace(/[\p{Cc}\p{Cf}\p{Z}]+/gu, ' ').trim();
  if (text === '') return '';
  return ` ${provider.name} says: “${text.length > 200 ? `${text.slice(0, 199)}…` : text}”`;
};

/** An authorization server's error code in RFC 6749's spelling; anything unreadable is `unknown`. */
export const errorCodeOf = (provider: Provider, code: string): string => {
  const translated = Object.hasOwn(provider.errorCodes, code) ? provider.errorCodes[code] : code;
  return translated !== undefined && /^[a-z][a-z0-9_-]{0,63}$/.test(translated) ? translated : 'unknown';
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
      );
    case 'invalid_request':
    case 'unauthorized_client':
    case 'unsupported_response_type':
    case 'invalid_scope':
    case 'invalid_client':
      return failed(
        'misconfigured',
        `${name} does not accept how this server is registered there. Please tell whoever runs it.${quoted(provider, description)}`,
      );
    default:
      return failed(
        'provider_refused',
        `${name} did not give permission. Nothing was connected.${quoted(provider, description)}`,
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
      );
    case 'invalid-client':
    case 'refused':
      return failed(
        'misconfigured',
        `${name} does not accept how this server is registered there. Please tell whoever runs it.`,
      );
    case 'rate-limited':
      return failed('provider_down', `${name} asks us to wait. Please try again in a few minutes.`);
    case 'unreachable':
    case 'protocol-error':
      return failed(
        'provider_down',
        `${name} did not answer as expected. Please try again in a few minutes.`,
      );
  }
};

export const NOT_OURS = (provider: Provider): FlowEnd =>
  failed(
    'issuer_mismatch',
    `The answer did not come from ${provider.name}’s sign-in server, so it was not used. Nothing was connected.`,
  );

export const NO_CODE = (provider: Provider): FlowEnd =>
  failed('provider_refused', `${provider.name} answered without saying yes or no.`);

export const CHANGED_MEANWHILE = (provider: Provider): FlowEnd =>
  failed('misconfigured', `This server’s registration at ${provider.name} was changed meanwhile.`);

export const NOT_ALLOWED: FlowEnd = failed(
  'provider_not_allowed',
  'The application of this gadget may not use this provider any more. Nothing was connected.',
);

export const MODE_CHANGED: FlowEnd = failed(
  'mode_changed',
  'How accounts are connected from this application was changed meanwhile. Nothing was connected.',
);

export const ACCOUNT_UNKNOWN = (provider: Provider): FlowEnd =>
  failed('account_unknown', `${provider.name} did not say whose account this is, so nothing was connected.`);

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
