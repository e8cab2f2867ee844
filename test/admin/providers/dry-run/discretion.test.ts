import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Answering } from '../../../upstream/stub-server.js';
import { client, dryRuns, record, SECRET } from './dry-run-setup.js';
import { asked, error, good, heard, to, wrongServer } from './wrong-server.js';

let server: Awaited<ReturnType<typeof wrongServer>>;
beforeAll(async () => {
  server = await wrongServer();
});
afterAll(() => server.close());

it('A dry run never shows our secret, though a server repeats it', async () => {
  const echo: Answering = async (request, response) => {
    const body = await text(request);
    const repeated = `${request.headers.authorization} ${body}`;
    error('invalid_client', `no such ${repeated} ${decodeURIComponent(body)}`, 400)(request, response);
  };
  for (const clientAuthentication of ['basic', 'body'] as const) {
    const found = JSON.stringify(await server.lines({ token: echo, revoke: echo }, { clientAuthentication }));
    expect(found).toContain('token_client');
    expect(found).toContain('[secret]');
    expect(found).not.toContain(SECRET);
    expect(found).not.toContain(Buffer.from(`${client.id}:${SECRET}`).toString('base64'));
  }
});

it('A dry run never shows our secret in a server’s redirect', async () => {
  const echo: Answering = async (request, response) =>
    to(`https://elsewhere.example/${new URLSearchParams(await text(request)).get('client_secret')}`)(
      request,
      response,
    );
  const found = JSON.stringify(await server.lines({ token: echo }, { clientAuthentication: 'body' }));
  expect(found).toContain('It leads to https://elsewhere.example/[secret]');
  expect(found).not.toContain(SECRET);
});

it('A dry run sends the secret to the token and revocation endpoints alone, nothing that could be used up, and few requests', async () => {
  const seen: { readonly path: string; readonly said: string }[] = [];
  const note =
    (answering: Answering): Answering =>
    async (request, response) => {
      seen.push({ path: asked(request).pathname, said: await heard(request) });
      answering(request, response);
    };
  await server.lines({
    authorize: note(good.authorize),
    token: note(error('invalid_grant')),
    revoke: note(good.revoke),
  });
  const paths = seen.map(({ path }) => path).sort();
  expect(paths).toEqual([...Array(3).fill('/authorize'), '/revoke', ...Array(3).fill('/token')]);
  for (const { path, said } of seen) {
    expect(said).not.toContain('refresh_token');
    if (path === '/authorize') expect(said).not.toContain(SECRET);
  }
  expect(server.audited.at(-1)).toMatchObject({
    action: 'provider.tested',
    provider: 'mingle',
    code: 'unsure',
  });
  expect(JSON.stringify(server.audited)).not.toContain(SECRET);
});

it('A dry run sends no request once its administrator has made too many', async () => {
  const attempts: string[] = [];
  const attempt = async (who: string) => (attempts.push(who) > 1 ? 61 : null);
  const { lines, audited, close } = dryRuns({ throttle: { attempt } });
  const nowhere = record('http://127.0.0.1:9');
  await lines(nowhere);
  await expect(lines(nowhere)).rejects.toMatchObject({
    code: 'too_many_requests',
    message: expect.stringContaining('Wait 2 minutes'),
  });
  expect(new Set(attempts)).toEqual(new Set(['["admin","a1"]']));
  expect(audited).toHaveLength(1);
  await close();
});
