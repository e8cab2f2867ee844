import type { Provider } from './provider.js';

/** What scopes are needed beyond those that were granted: one that another includes, or that the server calls so, is granted with it. */
export const lackingScopes = (
  { impliedScopes = {} }: Pick<Provider, 'impliedScopes'>,
  granted: readonly string[],
  needed: readonly string[],
): readonly string[] => {
  const has = new Set<string>();
  const grant = (scope: string): void => {
    if (has.has(scope)) return;
    has.add(scope);
    if (Object.hasOwn(impliedScopes, scope)) impliedScopes[scope]?.forEach(grant);
  };
  granted.forEach(grant);
  return needed.filter((scope) => !has.has(scope));
};

/** What a gadget needs of a provider, beside what its record asks for anyway. Of a pasted token no one was asked for scopes. */
export const scopesOfGadget = (
  scopes: Readonly<Record<string, readonly string[]>> | undefined,
  { id, pasted }: Pick<Provider, 'id' | 'pasted'>,
): readonly string[] =>
  pasted === undefined && scopes !== undefined && Object.hasOwn(scopes, id) ? (scopes[id] ?? []) : [];

/** What scopes allow, in the administrator's words where there are any. */
export const scopesInWords = (
  { scopeDescriptions = {} }: Pick<Provider, 'scopeDescriptions'>,
  scopes: readonly string[],
): readonly string[] =>
  scopes.map(
    (scope) => (Object.hasOwn(scopeDescriptions, scope) ? scopeDescriptions[scope] : undefined) ?? scope,
  );
