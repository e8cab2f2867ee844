import { askTokenEndpoint, isRefusal, type TokenQuestion, tokenIn } from '../shared/token-endpoint.js';

/** The answer of the host's token endpoint. */
export type TokenAnswer =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'signed-out' }
  | { readonly kind: 'failed'; readonly code: string };

export type TokenSource = (question: TokenQuestion) => Promise<TokenAnswer>;

const AT_ONCE = 4;

/** Runs at most `limit` at a time; the others wait their turn. */
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
  // A redirect leads to a sign-in page: a backend that knows its user answers directly.
  if (isRefusal(response.status) || response.type === 'opaqueredirect') return { kind: 'signed-out' };
  if (!response.ok) return { kind: 'failed', code: 'token_url_failed' };
  const token = tokenIn(await response.json().catch(() => null));
  return token === null ? { kind: 'failed', code: 'token_url_unreadable' } : { kind: 'token', token };
};

const ask = async (question: TokenQuestion): Promise<TokenAnswer> => {
  const answer = await askTokenEndpoint(question, read);
  return typeof answer === 'string' ? { kind: 'failed', code: `token_url_${answer}` } : answer;
};

/** Requests host tokens from the page's own backend, four at a time however many gadgets the page has. */
export const tokenSource = (): TokenSource => {
  const inTurn = taking(AT_ONCE);
  return (question) => inTurn(() => ask(question));
};
