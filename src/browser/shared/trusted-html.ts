interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createHTML(html: string): string },
  ): { createHTML(html: string): string };
}

/**
 * Puts HTML of our own server into an element: the one place where text becomes HTML. The policies of our pages allow no other way
 * (Trusted Types), and a script may ask for it once; the server has escaped everything in it that came from elsewhere.
 */
export const htmlWriter = (): ((element: Element, html: string) => void) => {
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy('oriel', { createHTML: (html) => html });
  return (element, html) => {
    element.innerHTML = policy === undefined ? html : policy.createHTML(html);
  };
};
