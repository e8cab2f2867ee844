/** A browser without a screen, for the demo's own tests: keeps cookies, fills in forms, follows nothing by itself. */
export interface Visitor {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  post(path: string, body: string, headers: Readonly<Record<string, string>>): Promise<Response>;
  /** Sends a form as the page at `from` would: with that page's CSRF token. */
  submit(from: string, action: string, fields: Readonly<Record<string, string>>): Promise<Response>;
  signIn(path: string, login: string): Promise<void>;
}

export const visitor = (base: string): Visitor => {
  let cookie = '';
  const send = async (path: string, init: RequestInit): Promise<Response> => {
    const headers = { ...(init.headers as Record<string, string>), ...(cookie && { cookie }) };
    const response = await fetch(new URL(path, base), { ...init, headers, redirect: 'manual' });
    cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
    return response;
  };
  const self: Visitor = {
    get: (path, headers = {}) => send(path, { headers }),
    post: (path, body, headers) => send(path, { method: 'POST', body, headers }),
    submit: async (from, action, fields) => {
      const page = await (await self.get(from)).text();
      const authenticity_token = /name="authenticity_token" value="([^"]+)"/.exec(page)?.[1] ?? '';
      return send(action, { method: 'POST', body: new URLSearchParams({ authenticity_token, ...fields }) });
    },
    signIn: async (path, login) => {
      await self.submit(path, path, { 'user[login]': login, 'user[password]': login });
    },
  };
  return self;
};
