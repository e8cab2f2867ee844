import { AppError } from '../../domain/errors.js';

/** What an authorization server sent through the browser (RFC 6749 §4.1.2, RFC 9207 §2); null where it said nothing. */
export interface AuthorizationResponse {
  readonly state: string | null;
  readonly code: string | null;
  readonly error: string | null;
  readonly description: string | null;
  readonly issuer: string | null;
}

const LONGEST = 4096;

/**
 * Reads the callback's parameters: an empty one counts as omitted, one given twice is refused, unknown ones are ignored
 * (RFC 6749 §3.1). `error_uri` is never read.
 */
export const authorizationResponse = (
  parameters: Iterable<readonly [string, string]>,
): AuthorizationResponse => {
  const values = new Map<string, string>();
  for (const [name, value] of parameters) {
    if (value === '') continue;
    if (values.has(name))
      throw new AppError('parameter_repeated', 'The provider’s answer gives a parameter more than once.');
    if (value.length > LONGEST)
      throw new AppError('parameter_invalid', 'The provider’s answer is longer than we take.');
    values.set(name, value);
  }
  const read = (name: string): string | null => values.get(name) ?? null;
  return {
    state: read('state'),
    code: read('code'),
    error: read('error'),
    description: read('error_description'),
    issuer: read('iss'),
  };
};
