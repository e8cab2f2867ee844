import type { RejectedAt } from '../../src/connect/tokens/rejected-tokens.js';
import type { TokenRejection } from '../../src/upstream/upstream-call.js';

/** An answer that rejects the token: a plain 401, unless given otherwise. */
export const rejection = (given: Partial<TokenRejection> = {}): TokenRejection => ({
  kind: 'unauthorized',
  sign: 'possible',
  status: 401,
  otherwise: { kind: 'forbidden', detail: null },
  ...given,
});

/** Where it was answered. */
export const rejectedAt = (target = '/cards', sign: RejectedAt['sign'] = 'possible'): RejectedAt => ({
  target,
  format: 'json',
  sign,
});
