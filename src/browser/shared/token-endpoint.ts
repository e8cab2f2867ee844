/** What the element asks its page's own backend: a token for the viewer of this gadget. */
export interface TokenQuestion {
  readonly url: string;
  readonly gadget: string;
  readonly params: Readonly<Record<string, string>>;
}

/** The backend was not asked, or did not answer. */
export type NoAnswer = 'foreign' | 'unreachable';

const PATIENCE = 15_000;

/** Statuses that mean that no one is signed in. */
export const isRefusal = (status: number): boolean => [204, 401, 403].includes(status);

/** The member `token` of a JSON answer, or null. */
export const tokenIn = (body: unknown): string | null => {
  const token = typeof body === 'object' && body !== null ? (body as { token?: unknown }).token : null;
  return typeof token === 'string' && token !== '' ? token : null;
};

const addressOf = (url: string): URL | null => {
  try {
    return new URL(url, document.baseURI);
  } catch {
    return null;
  }
};

/**
 * Posts the question to the page's own origin and reads the answer, within fifteen seconds. A URL of another origin, or an invalid one,
 * is `foreign` and not requested; redirects are not followed.
 */
export const askTokenEndpoint = async <T>(
  { url, gadget, params }: TokenQuestion,
  read: (response: Response) => Promise<T>,
): Promise<T | NoAnswer> => {
  const address = addressOf(url);
  if (address?.origin !== location.origin) return 'foreign';
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), PATIENCE);
  try {
    const response = await fetch(address, {
      method: 'POST',
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'manual',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify({ gadget, params }),
      signal: giveUp.signal,
    });
    return await read(response);
  } catch {
    return 'unreachable';
  } finally {
    clearTimeout(timer);
  }
};
