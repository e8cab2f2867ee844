import type { Person } from '../people.js';
import { tokenBearer } from '../provider/access.js';
import type { Grants } from '../provider/grants.js';
import { isSecure } from '../site/secure.js';
import type { Web } from '../site/web.js';

/** Who asks an API, by token or by session; where it is no one, whether a token was sent that is no good. */
export type Asking = { readonly person: Person } | { readonly person: null; readonly badToken: boolean };

export const personAsking = (grants: Grants): ((ctx: Web) => Asking) => {
  const bearerOf = tokenBearer(grants, /^Token token="([^"]*)"$/);
  return (ctx) => {
    const bearer = isSecure(ctx) ? bearerOf(ctx) : ({ kind: 'none' } as const);
    if (bearer.kind === 'person') return { person: bearer.person };
    const { person } = ctx.state;
    return bearer.kind === 'none' && person
      ? { person }
      : { person: null, badToken: bearer.kind === 'invalid' };
  };
};
