import { type Person, personByLogin } from '../people.js';
import type { Web } from '../site/web.js';
import type { Grants } from './grants.js';

/** Who an `Authorization` header speaks for: no one, a person, or a token that is unknown or expired. */
export type TokenBearer =
  | { readonly kind: 'none' | 'invalid' }
  | { readonly kind: 'person'; readonly person: Person };

/** Reads `Authorization: Token token="…"`; the pattern says whether the whole header must match. */
export const tokenBearer =
  (grants: Grants, pattern: RegExp) =>
  (ctx: Web): TokenBearer => {
    const header = ctx.get('authorization');
    if (!/^\s*token\b/i.test(header)) return { kind: 'none' };
    const token = pattern.exec(header)?.[1];
    const person = token ? personByLogin(grants.loginFor(token) ?? '') : null;
    return person ? { kind: 'person', person } : { kind: 'invalid' };
  };
