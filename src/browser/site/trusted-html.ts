interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createHTML(html: string): string },
  ): { createHTML(html: string): string };
}

/**
 * Puts HTML of our own server into an element. The page's policy allows this one way only (Trusted Types); the server has
 * escaped everything in it that came from elsewhere.
 */
export const htmlWriter = (): ((element: Element, html: string) => void) => {
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy('oriel', { createHTML: (html) => html });
  return (element, html) => {
    element.innerHTML = policy === undefined ? html : policy.createHTML(html);
  };
};
