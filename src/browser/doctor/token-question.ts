import { askTokenEndpoint, isRefusal, type TokenQuestion, tokenIn } from '../shared/token-endpoint.js';

/** The answer of the token endpoint, without the token itself: its header and claims. */
export type TokenAnswer =
  | {
      readonly kind: 'token';
      readonly header: Fields;
      readonly claims: Fields;
      readonly at: number;
      readonly noStore: boolean;
    }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'redirect' }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'failed'; readonly status: number }
  | { readonly kind: 'not-json'; readonly type: string }
  | { readonly kind: 'no-token' }
  | { readonly kind: 'no-jwt' }
  | { readonly kind: 'unreachable' };

export type Fields = Readonly<Record<string, unknown>>;

const asFields = (value: unknown): Fields | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;

const part = (text: string | undefined): Fields | null => {
  try {
    const bytes = Uint8Array.from(atob((text ?? '').replaceAll('-', '+').replaceAll('_', '/')), (byte) =>
      byte.charCodeAt(0),
    );
    return asFields(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return null;
  }
};

const read = async (response: Response): Promise<TokenAnswer> => {
  const at = performance.now();
  if (response.type === 'opaqueredirect') return { kind: 'redirect' };
  const { status } = response;
  if (isRefusal(status)) return { kind: 'refused', status };
  if (!response.ok) return { kind: 'failed', status };
  const body = asFields(await response.json().catch(() => null));
  if (body === null) return { kind: 'not-json', type: response.headers.get('Content-Type') ?? 'no type' };
  const token = tokenIn(body);
  if (token === null) return { kind: 'no-token' };
  const [header, claims, signature] = token.split('.');
  const [readHeader, readClaims] = [part(header), part(claims)];
  if (readHeader === null || readClaims === null || !signature) return { kind: 'no-jwt' };
  const noStore = response.headers.get('Cache-Control')?.includes('no-store') === true;
  return { kind: 'token', header: readHeader, claims: readClaims, at, noStore };
};

/** Asks the token endpoint as the element does. `at` is when the answer arrived (`performance.now()`). */
export const askForToken = async (question: TokenQuestion): Promise<TokenAnswer> => {
  const answer = await askTokenEndpoint(question, read);
  return typeof answer === 'string' ? { kind: answer } : answer;
};
