/** What the token address answered, without the token: its header and claims, and what surrounds them. */
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

const PATIENCE = 15_000;

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

const read = async (response: Response, at: number): Promise<TokenAnswer> => {
  if (response.type === 'opaqueredirect') return { kind: 'redirect' };
  const { status } = response;
  if ([204, 401, 403].includes(status)) return { kind: 'refused', status };
  if (!response.ok) return { kind: 'failed', status };
  const body = asFields(await response.json().catch(() => null));
  if (body === null) return { kind: 'not-json', type: response.headers.get('Content-Type') ?? 'no type' };
  if (typeof body.token !== 'string' || body.token === '') return { kind: 'no-token' };
  const [header, claims, signature] = body.token.split('.');
  const [readHeader, readClaims] = [part(header), part(claims)];
  if (readHeader === null || readClaims === null || !signature) return { kind: 'no-jwt' };
  const noStore = response.headers.get('Cache-Control')?.includes('no-store') === true;
  return { kind: 'token', header: readHeader, claims: readClaims, at, noStore };
};

/** Asks the token address as the element does. `at` is when the answer came, by `performance.now()`. */
export const askForToken = async (
  url: string,
  question: { readonly gadget: string; readonly params: Readonly<Record<string, string>> },
): Promise<TokenAnswer> => {
  const address = new URL(url, document.baseURI);
  if (address.origin !== location.origin) return { kind: 'foreign' };
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), PATIENCE);
  try {
    const response = await fetch(address, {
      method: 'POST',
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'manual',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify(question),
      signal: giveUp.signal,
    });
    return await read(response, performance.now());
  } catch {
    return { kind: 'unreachable' };
  } finally {
    clearTimeout(timer);
  }
};
