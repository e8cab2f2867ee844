/** An answer of the frame's API; `null` in its place if the server can't be reached. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** A JSON answer's members; empty for other answers. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export interface Api {
  /** `patience`: milliseconds after which the server counts as unreachable. */
  get(path: string, headers?: Readonly<Record<string, string>>, patience?: number): Promise<Answer | null>;
  post(path: string, body: Readonly<Record<string, unknown>>): Promise<Answer | null>;
  /** A picture; null if there is none. */
  image(path: string): Promise<Blob | null>;
}

const PATIENCE = 20_000;

const fieldsOf = (text: string, type: string): Readonly<Record<string, unknown>> => {
  if (!type.includes('json')) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};

/** Calls the gadget origin with this frame's bearer, and asks for the frame's language. A network error is the answer `null`. */
export const frameApi = (bearer: string, locale: string): Api => {
  const ask = async <T>(
    path: string,
    init: RequestInit,
    patience: number,
    read: (response: Response) => Promise<T>,
  ): Promise<T | null> => {
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(), patience);
    try {
      const headers = { ...init.headers, Authorization: `Bearer ${bearer}`, 'Accept-Language': locale };
      const response = await fetch(path, {
        ...init,
        headers,
        cache: 'no-store',
        credentials: 'omit',
        signal: giveUp.signal,
      });
      return await read(response);
    } catch {
      return null;
    } finally {
      clearTimeout(timer);
    }
  };
  const call = (path: string, init: RequestInit, patience = PATIENCE): Promise<Answer | null> =>
    ask(path, init, patience, async (response) => {
      const text = await response.text();
      const fields = fieldsOf(text, response.headers.get('Content-Type') ?? '');
      return { status: response.status, headers: response.headers, fields, text };
    });
  return {
    get: (path, headers = {}, patience) => call(path, { headers }, patience),
    post: (path, body) =>
      call(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }),
    image: (path) =>
      ask(path, {}, PATIENCE, async (response) => (response.status === 200 ? response.blob() : null)),
  };
};

/** Posts, and once more after `renew` has renewed the session, so that an expired bearer doesn't lose what the person did. */
export const postRenewing =
  (api: Api, renew: () => Promise<string>): Api['post'] =>
  async (path, body) => {
    const answer = await api.post(path, body);
    const again = answer?.status === 401 && (await renew()) === 'renewed';
    return again ? api.post(path, body) : answer;
  };

/** A text member of an answer, or null. */
export const textIn = (answer: Answer | null, name: string): string | null => {
  const value = answer?.fields[name];
  return typeof value === 'string' ? value : null;
};
