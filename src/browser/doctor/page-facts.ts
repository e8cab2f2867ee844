import { type Policy, readPolicies } from './policy.js';

/** What can be found out about the page around the gadget. */
export interface PageFacts {
  readonly origin: string;
  /** Its current response headers; null if its own URL can't be fetched. */
  readonly headers: Headers | null;
  readonly policies: readonly Policy[];
  /** Its `<meta>` policies alone. */
  readonly metaPolicies: readonly Policy[];
  /** Origins of the pages around it, the nearest first; empty for a top-level page. */
  readonly ancestors: readonly string[];
  readonly isFramed: boolean;
  readonly isIsolated: boolean;
  /** The tokens of the page's own sandbox, if it can be seen; null without one. */
  readonly sandbox: readonly string[] | null;
}

const ownHeaders = async (): Promise<Headers | null> => {
  // A page without an origin can't fetch even its own URL.
  for (const method of ['HEAD', 'GET'] as const)
    try {
      const answer = await fetch(location.href, { method, cache: 'no-store', credentials: 'same-origin' });
      if (answer.ok) return answer.headers;
    } catch {
      return null;
    }
  return null;
};

const metaPolicies = (): readonly Policy[] =>
  Array.from(document.querySelectorAll<HTMLMetaElement>('meta[http-equiv]'))
    .filter(({ httpEquiv }) => httpEquiv.toLowerCase() === 'content-security-policy')
    .flatMap(({ content }) => readPolicies(content));

const frameAround = (): Element | null => {
  try {
    return window.frameElement;
  } catch {
    return null;
  }
};

const sandboxOf = (policies: readonly Policy[]): readonly string[] | null => {
  const attribute = frameAround()?.getAttribute('sandbox');
  if (typeof attribute === 'string') return attribute.split(/\s+/);
  const directive = policies.find((policy) => policy.has('sandbox'))?.get('sandbox');
  if (directive !== undefined) return directive;
  // Only a sandbox removes a page's origin.
  return window.origin === 'null' ? [] : null;
};

export const pageFacts = async (): Promise<PageFacts> => {
  const headers = await ownHeaders();
  const meta = metaPolicies();
  const policies = [...readPolicies(headers?.get('Content-Security-Policy') ?? ''), ...meta];
  return {
    origin: window.origin,
    headers,
    policies,
    metaPolicies: meta,
    ancestors: Array.from(location.ancestorOrigins ?? []),
    isFramed: window.parent !== window,
    isIsolated: window.crossOriginIsolated === true,
    sandbox: sandboxOf(policies),
  };
};
