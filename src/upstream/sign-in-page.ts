/** Names that sign-in pages have in their paths, as whole segments; `auth` and `session` are too common for what stands alone. */
const SEGMENT =
  /^(?:log[-_]?in|sign[-_]?in|log[-_]?on|sign[-_]?on|sso|saml2?|adfs|cas|auth|authori[sz]e|authenticate|authentication|accountchooser|reauthenticate|wp-login|openid-connect)(?:\.\w{2,5})?$/i;
const PATH = /\/(?:sessions?\/new|oauth2?\/(?:auth|v2)|protocol\/openid-connect)(?:\/|$)/i;

/** What authorization requests and sign-in pages carry in their query. */
const QUERY = ['SAMLRequest', 'response_type', 'wtrealm'];

/** Whether an address looks like one where a person signs in. */
export const looksLikeSignIn = ({ pathname, searchParams, hash }: URL): boolean =>
  pathname.split('/').some((segment) => SEGMENT.test(segment.split(';', 1)[0] ?? '')) ||
  PATH.test(pathname) ||
  QUERY.some((name) => searchParams.has(name)) ||
  /^#!?\/?(?:login|signin|sign-in)\b/i.test(hash);

/** Whether a page asks for a password. */
export const asksForPassword = (page: string): boolean => /\btype\s*=\s*["']?password\b/i.test(page);
