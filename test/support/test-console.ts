import { HttpBrowser } from './http-viewer.js';
import { createTestServer } from './test-server.js';

const PASSWORD = 'four words in a row';

const tokenIn = (html: string): string => /name="form-token" value="([\w-]+)"/.exec(html)?.[1] ?? '';

/** The product as a whole in this process: real routes, real store in a file, an administrator, no host and no provider. */
export const createTestConsole = async (more: Readonly<Record<string, unknown>> = {}) => {
  const oriel = await createTestServer(more, { invites: true });
  const { siteOrigin, gadgetOrigin, database, server: running, invitation } = oriel;

  const browser = new HttpBrowser();
  const page = (path: string) => browser.send(siteOrigin + path);
  const send = (path: string, form: Readonly<Record<string, string>>) =>
    browser.send(siteOrigin + path, { origin: siteOrigin, form });
  const link = new URL(invitation?.link.reveal() ?? '');
  const token = link.hash.slice(1);
  await send('/admin/setup', { token, name: 'ann', password: PASSWORD, again: PASSWORD });
  const signIn = async (): Promise<void> => {
    const answer = await send('/admin/sign-in', { name: 'ann', password: PASSWORD });
    if (answer.status !== 303) throw new Error(`no one could sign in: ${answer.text}`);
  };
  await signIn();

  /** Sends a form of the console, with the token of this session. */
  const post = async (path: string, form: Readonly<Record<string, string>> = {}) =>
    send(path, { ...form, 'form-token': tokenIn((await page('/admin/administrators')).text) });

  return {
    siteOrigin,
    gadgetOrigin,
    database,
    running,
    browser,
    /** Again, after a sign-out. */
    signIn,
    page,
    post,
    logged: () => oriel.lines.join(''),
    /** An API key with these scopes. */
    async key(...scopes: readonly string[]): Promise<string> {
      const form = Object.fromEntries(scopes.map((scope) => [`scope.${scope}`, 'on']));
      const made = await post('/admin/api-keys/new', {
        name: scopes.join(' ').slice(0, 80).trim(),
        days: '1',
        ...form,
      });
      const [secret] = /oriel_[\w-]{43}/.exec(made.text) ?? [];
      if (secret === undefined) throw new Error(`no key was made: ${made.status} ${made.text}`);
      return secret;
    },
    close: oriel.close,
  };
};

export type TestConsole = Awaited<ReturnType<typeof createTestConsole>>;

/** One call of the administration API. */
export const call = async (
  testConsole: Pick<TestConsole, 'siteOrigin'>,
  method: string,
  path: string,
  {
    key,
    body,
    headers = {},
  }: {
    readonly key?: string;
    readonly body?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
) => {
  const answer = await fetch(`${testConsole.siteOrigin}/api/admin/v1${path}`, {
    method,
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = /[/+]json$/.test((answer.headers.get('content-type') ?? '').split(';')[0] ?? '');
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    json: isJson ? JSON.parse(text) : null,
  };
};
