import type { Context } from './context.js';

/** `Set-Cookie` for this origin is secure when the origin is: the connection to a proxy says nothing about the browser's. */
export const setSecure = (ctx: Context, siteOrigin: string): boolean => {
  const secure = siteOrigin.startsWith('https:');
  ctx.cookies.secure = secure;
  return secure;
};

/** `__Host-` keeps sibling domains from planting a cookie of theirs; plain http on loopback cannot have it. */
export const hostPrefix = (siteOrigin: string): string => (siteOrigin.startsWith('https:') ? '__Host-' : '');
