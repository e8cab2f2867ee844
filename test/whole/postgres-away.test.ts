import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { HOST_SECRET, signHostToken } from '../support/host-token.js';
import { frameData, httpFrame } from '../support/http-viewer.js';
import { startPostgres } from '../support/postgres.js';
import { createTestServer } from '../support/test-server.js';

vi.setConfig({ testTimeout: 60_000 });

/** A way to a database that can be cut off, with all that is on it, and opened again. */
const startWay = async (to: URL) => {
  const open = new Set<Socket>();
  let isCut = false;
  const way = createServer((from) => {
    const onward = connect(Number(to.port), to.hostname);
    for (const socket of [from, onward]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => open.delete(socket));
    }
    from.pipe(onward).pipe(from);
    if (isCut) from.destroy();
  });
  await new Promise<void>((resolve) => way.listen(0, '127.0.0.1', resolve));
  const address = way.address();
  const url = new URL(to);
  url.port = String(typeof address === 'object' ? address?.port : '');
  const drop = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    url: url.href,
    cut(): void {
      isCut = true;
      drop();
    },
    restore(): void {
      isCut = false;
    },
    close(): void {
      drop();
      way.close();
    },
  };
};

/** A server that is restarted is away for about so long, ms, besides what its start takes; five seconds in all are waited for. */
const AWAY = 700;

const startServer = async (database: string) => {
  const gocd = {
    name: 'GoCD',
    origins: ['http://localhost:8153'],
    key: { algorithm: 'HS256', secret: HOST_SECRET },
    gadgets: ['mingle-cards'],
    providers: ['mingle'],
  };
  const mingle = {
    preset: 'mingle',
    url: 'https://mingle.example',
    client: { id: 'c', secret: 's'.repeat(20) },
  };
  const server = await createTestServer({ database, hosts: { gocd }, providers: { mingle } });
  onTestFinished(() => server.close());
  const frame = httpFrame(server);
  const launch = async () =>
    frame.launch('gocd', 'mingle-cards', {
      token: await signHostToken({ aud: server.gadgetOrigin }),
      'p.project': 'apollo',
    });
  return { server, frame, launch };
};

it('While PostgreSQL is restarted for a moment, requests wait for it, and are answered as always', async () => {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.stop());
  const { server, frame, launch } = await startServer(await postgres.database());
  const { bearer } = frameData((await launch()).text);
  const ask = () => Promise.all([launch(), frame.content(bearer)]);
  const before = (await ask()).map(({ status }) => status);
  expect(before).toEqual([200, 200]);
  let asked = Promise.resolve<Awaited<ReturnType<typeof ask>> | null>(null);
  await postgres.restart(async () => {
    asked = ask();
    expect(await Promise.race([asked, pause(AWAY, 'waiting')])).toBe('waiting');
  });
  expect((await asked)?.map(({ status }) => status)).toEqual(before);
  expect(server.bugs()).toEqual([]);
});

it('While PostgreSQL is away everyone is answered 503 with a code, one line says so, and all is well when it is back', async () => {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.stop());
  const way = await startWay(new URL(await postgres.empty()));
  onTestFinished(() => way.close());
  const { server, frame, launch } = await startServer(way.url);
  const readiness = () => frame.browser.send(`${server.siteOrigin}/readyz`);
  const until = async (status: number): Promise<string> => {
    for (;;) {
      const now = await readiness();
      if (now.status === status) return now.text;
      await pause(50);
    }
  };
  await until(200);
  const before = (await launch()).status;

  way.cut();
  expect(JSON.parse(await until(503))).toEqual({
    status: 'not ready',
    version: expect.any(String),
    code: 'database_unreachable',
  });
  for (let times = 0; times < 20; times += 1) {
    const { status, headers, text } = await launch();
    expect({ status, retryAfter: headers['retry-after'] }).toEqual({ status: 503, retryAfter: '10' });
    expect(text).toContain('database_unavailable');
    // Neither the driver's words nor the address.
    expect(text).not.toMatch(/ECONN|postgres|terminat/i);
  }
  const warned = server.lines
    .map((line): Record<string, unknown> => JSON.parse(line))
    .filter(({ level }) => Number(level) > 30);
  expect(warned.map(({ event, code }) => [event, code])).toEqual([
    ['database-unavailable', 'database_unreachable'],
  ]);
  expect(JSON.stringify(warned)).not.toContain(new URL(way.url).password);

  way.restore();
  await until(200);
  expect((await launch()).status).toBe(before);
  expect(server.lines.join('')).toContain('"event":"database-recovered"');
});
