import { askTokenAddress, isRefusal, type TokenQuestion, tokenIn } from '../shared/token-address.js';

/** What the host's backend says when asked who is looking. */
export type TokenAnswer =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'signed-out' }
  | { readonly kind: 'failed'; readonly code: string };

export type TokenSource = (question: TokenQuestion) => Promise<TokenAnswer>;

const AT_ONCE = 4;

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

const read = async (response: Response): Promise<TokenAnswer> => {
  // A redirect leads to a sign-in page: a backend that knows its user answers in place.
  if (isRefusal(response.status) || response.type === 'opaqueredirect') return { kind: 'signed-out' };
  if (!response.ok) return { kind: 'failed', code: 'token_url_failed' };
  const token = tokenIn(await response.json().catch(() => null));
  return token === null ? { kind: 'failed', code: 'token_url_unreadable' } : { kind: 'token', token };
};

const ask = async (question: TokenQuestion): Promise<TokenAnswer> => {
  const answer = await askTokenAddress(question, read);
  return typeof answer === 'string' ? { kind: 'failed', code: `token_url_${answer}` } : answer;
};

/** Asks the page's own backend for host tokens, four questions at a time however many gadgets the page has. */
export const tokenSource = (): TokenSource => {
  const inTurn = taking(AT_ONCE);
  return (question) => inTurn(() => ask(question));
};
