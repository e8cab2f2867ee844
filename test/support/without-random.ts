/** Ids and tokens: UUIDs, and 20 or more letters of base64url in a row with a digit among them. */
const RANDOM = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=[A-Za-z_-]*\d)[\w-]{20,}/g;

/**
 * A page or answer without what is random in it. That a short word is *not* there can be said of nothing else: now and then a request id
 * or token holds it by chance.
 */
export const withoutRandom = (text: string): string => text.replaceAll(RANDOM, '…');
