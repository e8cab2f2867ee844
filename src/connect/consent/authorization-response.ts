import { AppError } from '../../domain/errors.js';

/** What an authorization server sent through the browser (RFC 6749 §4.1.2, RFC 9207 §2); null where it said nothing. */
export interface AuthorizationResponse {
  readonly state: string | null;
  readonly code: string | null;
  readonly error: string | null;
  readonly description: string | null;
  /** What some servers say beside, or in place of, an error's code. */
  readonly reasons: readonly string[];
  readonly issuer: string | null;
}

/** The parameters that mean something here. Servers send many more. */
export const RESPONSE_PARAMETERS = [
  'state',
  'code',
  'error',
  'error_description',
  'error_reason',
  'error_subcode',
  'iss',
] as const;

type Name = (typeof RESPONSE_PARAMETERS)[number];

/** Characters. Some servers put all they know into their codes. */
const LONGEST = 16 * 1024;

const isOurs = (name: string): name is Name => (RESPONSE_PARAMETERS as readonly string[]).includes(name);

/**
 * Reads the callback's parameters: an empty one counts as omitted, one given twice is refused, unknown ones are ignored, whatever they
 * are (RFC 6749 §3.1). `error_uri` is never read.
 */
export const authorizationResponse = (
  parameters: Iterable<readonly [string, string]>,
): AuthorizationResponse => {
  const values = new Map<Name, string>();
  for (const [name, value] of parameters) {
    if (value === '' || !isOurs(name)) continue;
    if (values.has(name)) throw new AppError('parameter_repeated', { as: 'answer_repeated' });
    if (value.length > LONGEST && name !== 'error_description')
      throw new AppError(
        'parameter_invalid',
        { as: 'answer_too_long' },
        `Its “${name}” has ${value.length} characters; ${LONGEST} are taken.`,
      );
    values.set(name, value.slice(0, LONGEST));
  }
  const read = (name: Name): string | null => values.get(name) ?? null;
  return {
    state: read('state'),
    code: read('code'),
    error: read('error') ?? read('error_reason') ?? read('error_subcode'),
    description: read('error_description'),
    reasons: [read('error_reason'), read('error_subcode')].filter((reason) => reason !== null),
    issuer: read('iss'),
  };
};
