/** What the element asks its page's own backend: who is looking at this gadget? */
export interface TokenQuestion {
  readonly url: string;
  readonly gadget: string;
  readonly params: Readonly<Record<string, string>>;
}

/** The backend was not asked, or did not answer. */
export type NoAnswer = 'foreign' | 'unreachable';

const PATIENCE = 15_000;

/** Statuses that say that nobody is signed in. */
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
 * Posts the question to the page's own origin, and has its answer read, all within fifteen seconds. An address of another origin, or none
 * at all, is `foreign` and not asked; redirects are not followed.
 */
export const askTokenAddress = async <T>(
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
