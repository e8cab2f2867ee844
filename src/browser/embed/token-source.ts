/** What the host's backend says when asked who is looking. */
export type TokenAnswer =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'signed-out' }
  | { readonly kind: 'failed'; readonly code: string };

export interface TokenQuestion {
  readonly url: string;
  readonly gadget: string;
  readonly params: Readonly<Record<string, string>>;
}

export type TokenSource = (question: TokenQuestion) => Promise<TokenAnswer>;

const AT_ONCE = 4;
const PATIENCE = 15_000;

/** Lets at most `limit` of these run at a time; the others wait their turn. */
const taking = (limit: number): (<T>(work: () => Promise<T>) => Promise<T>) => {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
};

const tokenIn = (body: unknown): string | null => {
  const token = typeof body === 'object' && body !== null ? (body as { token?: unknown }).token : null;
  return typeof token === 'string' && token !== '' ? token : null;
};

const read = async (response: Response): Promise<TokenAnswer> => {
  // A redirect leads to a sign-in page: a backend that knows its user answers in place.
  if ([204, 401, 403].includes(response.status) || response.type === 'opaqueredirect')
    return { kind: 'signed-out' };
  if (!response.ok) return { kind: 'failed', code: 'token_url_failed' };
  const token = tokenIn(await response.json().catch(() => null));
  return token === null ? { kind: 'failed', code: 'token_url_unreadable' } : { kind: 'token', token };
};

const ask = async ({ url, gadget, params }: TokenQuestion): Promise<TokenAnswer> => {
  const address = URL.canParse?.(url, document.baseURI) === false ? null : new URL(url, document.baseURI);
  if (address?.origin !== location.origin) return { kind: 'failed', code: 'token_url_foreign' };
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
    return { kind: 'failed', code: 'token_url_unreachable' };
  } finally {
    clearTimeout(timer);
  }
};

/** Asks the page's own backend for host tokens, four questions at a time however many gadgets the page has. */
export const tokenSource = (): TokenSource => {
  const inTurn = taking(AT_ONCE);
  return (question) => inTurn(() => ask(question));
};
