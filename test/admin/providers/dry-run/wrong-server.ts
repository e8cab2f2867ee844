import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Line, LineCode } from '../../../../src/admin/providers/dry-run/line.js';
import type { Provider } from '../../../../src/providers/provider.js';
import { type Answering, says, stubServer } from '../../../upstream/stub-server.js';
import { client, dryRuns, record, SECRET } from './dry-run-setup.js';

const html = { 'content-type': 'text/html; charset=utf-8' };

export const page = (body: string, status = 200): Answering =>
  says(status, `<html><body>${body}</body></html>`, html);
export const to = (location: string, status = 302): Answering => says(status, '', { location });
/** Its script has a sentence for every case, as real ones do. */
export const signIn = page(
  '<h1>Sign in</h1><form><input name="user"></form><script>var m="invalid redirect_uri"</script>',
);
export const error = (code: string, description = '', status = 400): Answering =>
  says(status, JSON.stringify({ error: code, error_description: description }));
export const hangs: Answering = () => undefined;
export const huge: Answering = (_, response) => {
  response.writeHead(200, html);
  const pour = (): void => {
    while (!response.destroyed && response.write('x'.repeat(65_536)));
    if (!response.destroyed) response.once('drain', pour);
  };
  pour();
};

export const asked = (request: IncomingMessage): URL => new URL(request.url ?? '/', 'http://stub');
const isOurs = ({ searchParams }: URL): boolean =>
  searchParams.get('client_id') === client.id &&
  (searchParams.get('redirect_uri') ?? '').startsWith('https://oriel.example/');

/** Distinguishes ours from what is made up. */
export const ifOurs =
  (ours: Answering, others: Answering): Answering =>
  (request, response) =>
    (isOurs(asked(request)) ? ours : others)(request, response);

/** Everything a request said, its credentials in clear. */
export const heard = async (request: IncomingMessage): Promise<string> => {
  const basic = Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64').toString();
  return `${request.url} ${basic} ${await text(request)}`;
};

/** Distinguishes our secret from another. */
export const bySecret =
  (ours: Answering, others: Answering): Answering =>
  async (request, response) =>
    ((await heard(request)).includes(SECRET) ? ours : others)(request, response);

/** How a server answers at each endpoint; well, where nothing is said. */
export interface WrongAnswers {
  readonly authorize?: Answering;
  readonly token?: Answering;
  readonly revoke?: Answering;
}

export const good = {
  authorize: ifOurs(signIn, page('redirect_uri is not associated with this application', 400)),
  token: bySecret(error('invalid_grant'), error('invalid_client', '', 401)),
  revoke: says(200, ''),
};

/** What a server answers, the line that says so, and its light. */
export type Row = readonly [what: string, code: LineCode, light: string, answers: WrongAnswers];

/** A server on loopback, and dry runs against it. */
export const wrongServer = async () => {
  const runs = dryRuns({ timeLimit: 400 });
  const stub = await stubServer();
  return {
    audited: runs.audited,
    lines: async (answers: WrongAnswers, given: Partial<Provider> = {}): Promise<readonly Line[]> => {
      const { authorize, token, revoke } = { ...good, ...answers };
      stub.answers((request, response) => {
        const { pathname } = asked(request);
        const answer = pathname === '/authorize' ? authorize : pathname === '/token' ? token : revoke;
        answer(request, response);
      });
      const revocation = { kind: 'rfc7009', endpoint: `${stub.origin}/revoke` } as const;
      return runs.lines(record(stub.origin, { revocation, ...given }));
    },
    async close() {
      await stub.close();
      await runs.close();
    },
  };
};
