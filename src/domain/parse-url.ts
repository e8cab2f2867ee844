/**
 * The URL that a text names, seen from `base` where it is relative; null where it names none (WHATWG URL §6.1). By the constructor: in
 * Node 20 `URL.canParse` refuses text such as `ü` once it has been called some thousands of times.
 */
export const parseUrl = (text: string, base?: string | URL): URL | null => {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
};
