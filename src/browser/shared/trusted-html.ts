interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createHTML(html: string): string },
  ): { createHTML(html: string): string };
}

/**
 * Puts HTML of our own server into an element: the only place where text becomes HTML. The policies of our pages allow no other way
 * (Trusted Types), and a script can create the writer once. The server has escaped everything in it that came from elsewhere.
 */
export const htmlWriter = (): ((element: Element, html: string) => void) => {
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy('oriel', { createHTML: (html) => html });
  return (element, html) => {
    element.innerHTML = policy === undefined ? html : policy.createHTML(html);
  };
};
