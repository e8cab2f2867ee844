import { readFileSync } from 'node:fs';
import { env, platform } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort, loopback, openFolder, type Started, start } from '../cli/command-line.js';
import { HostileClient, hostileClients } from './hostile-client.js';
import { residentOf } from './resident.js';

/** What takes minutes is part of `npm run chaos`. */
const IS_LONG = Number(env.ORIEL_CHAOS_SECONDS ?? 0) >= 60;
vi.setConfig({ testTimeout: IS_LONG ? 400_000 : 90_000 });

/** Files that this process may open: both ends of each connection count, one of them in the server. */
const openFiles = (): number =>
  Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 0);

// Only Linux says by a file how much memory another process has.
describe.runIf(platform === 'linux')('a server among clients that do not behave', () => {
  const folder = openFolder();
  let server: Started;
  let port = 0;
  beforeAll(async () => {
    port = await freePort();
    folder.write('oriel.yaml', {
      ...loopback(port),
      keys: [`k1:${Buffer.alloc(32, 3).toString('base64url')}`],
    });
    server = start(['serve'], { cwd: folder.path });
    await server.saying('"ready"');
    // What a first request loads is not of the clients.
    for (let n = 0; n < 200; n += 1) await ask();
  });
  afterAll(async () => {
    server.child.kill('SIGTERM');
    const { code, out } = await server.ended;
    folder.remove();
    expect(code).toBe(0);
    expect(out).not.toContain('"event":"bug"');
  });

  const head = (method: string, path: string): string =>
    `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`;
  const ask = async (): Promise<number> => {
    const answer = await fetch(`http://127.0.0.1:${port}/embed.js`);
    await answer.arrayBuffer();
    return answer.status;
  };
  /** Connections that the server still has open (proc_pid_net(5), state 01). */
  const connectionsOf = async (): Promise<number> => {
    const own = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
    const rows = readFileSync('/proc/net/tcp', 'utf8').split('\n');
    return rows.filter((row) => {
      const [, local = '', , state] = row.trim().split(/\s+/);
      return local.endsWith(own) && state === '01';
    }).length;
  };
  const resident = (): number => residentOf(server.child.pid ?? 0);

  /** Asks as everybody else does until `until` resolves: every answer must come, and be right. */
  const servesOthers = async (until: Promise<unknown>): Promise<void> => {
    let isOver = false;
    void until.finally(() => {
      isOver = true;
    });
    let asked = 0;
    while (!isOver || asked < 20) {
      expect(await ask()).toBe(200);
      asked += 1;
      await pause(20);
    }
    await until;
  };

  let opened: Promise<readonly HostileClient[]> | null = null;
  /** The server gives all of them the same ten seconds: they wait these out beside those that send nothing. */
  const dripping = (): Promise<readonly HostileClient[]> => {
    opened ??= hostileClients(port, 300).then((slow) => {
      for (const client of slow) client.drip(head('GET', '/embed.js'), 'X-More: 1\r\n');
      return slow;
    });
    return opened;
  };

  it('serves others beside 5,000 connections that send nothing, and closes these', async ({ skip }) => {
    const count = Math.min(5000, Math.floor(openFiles() / 2) - 500);
    if (count < 500) skip(`this process may open ${openFiles()} files only`);
    const before = resident();
    const silent = await hostileClients(port, count);
    for (const client of silent) client.wait();
    await servesOthers(pause(500));
    // Some may be closed by now, before the last was opened.
    const during = resident();
    await dripping();
    await servesOthers(Promise.all(silent.map(({ closed }) => closed)));
    expect(during).toBeLessThan(before * 2);
    expect(await ask()).toBe(200);
  });

  it('closes those that send their headers a little at a time', async () => {
    const slow = await dripping();
    await servesOthers(Promise.all(slow.map(({ closed }) => closed)));
    for (const { received } of slow) expect(received).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  it.each([
    ['headers without end', (n: number) => `X-${n}: ${'y'.repeat(1000)}\r\n`, 200],
    ['one header of a megabyte', () => `X: ${'y'.repeat(1_000_000)}\r\n`, 1],
    ['ten thousand small ones', (n: number) => `a: ${n % 10}\r\n`, 9000],
    ['a few more than are taken', (n: number) => `x${n}: 1\r\n`, 250],
  ])('refuses %s with 431', async (_, line, count) => {
    const flood = Array.from({ length: count }, (__, n) => line(n)).join('');
    const clients = await hostileClients(port, 50);
    for (const client of clients) client.send(`${head('GET', '/embed.js')}${flood}\r\n`);
    await servesOthers(Promise.all(clients.map(({ closed }) => closed)));
    for (const { received } of clients) expect(received).toMatch(/^(HTTP\/1\.1 431 |$)/);
    expect(clients.some(({ received }) => received !== '')).toBe(true);
  });

  it('takes as many headers as browsers and proxies send', async () => {
    const headers = Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`x-${n}`, 'y'.repeat(100)]));
    expect((await fetch(`http://127.0.0.1:${port}/embed.js`, { headers })).status).toBe(200);
  });

  it('answers what is not HTTP with 400', async () => {
    const client = new HostileClient(port);
    client.send('\u0000\u0001 nonsense\r\n\r\n');
    await client.closed;
    expect(client.received).toMatch(/^HTTP\/1\.1 400 /);
  });

  it.each([1, 30, 1300])(
    'holds little for those who never read the answers to %i requests',
    async (count) => {
      const before = resident();
      const deaf = await hostileClients(port, 100);
      for (const client of deaf) client.ignore(`${head('GET', '/embed.js')}\r\n`.repeat(count));
      await servesOthers(pause(2000));
      // With every answer kept it would be six times as much or more; how much garbage waits to be collected differs from run to run.
      expect(resident()).toBeLessThan(before * 4);
      for (const client of deaf) client.end();
      expect(await ask()).toBe(200);
    },
  );

  it.runIf(IS_LONG)('closes the connections of those who do not read', async () => {
    const deaf = await hostileClients(port, 20);
    for (const client of deaf) client.ignore(`${head('GET', '/embed.js')}\r\n`.repeat(30));
    const before = await connectionsOf();
    expect(before).toBeGreaterThanOrEqual(20);
    await servesOthers(vi.waitFor(async () => expect(await connectionsOf()).toBeLessThan(10), 300_000));
    for (const client of deaf) client.end();
  });

  it.runIf(IS_LONG)('closes those that send their body a little at a time', async () => {
    const slow = await hostileClients(port, 300);
    const form = 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 30000\r\n\r\n';
    for (const client of slow) client.drip(`${head('POST', '/h/gocd/g/mingle-cards')}${form}`, 'a');
    await servesOthers(Promise.all(slow.map(({ closed }) => closed)));
    for (const { received } of slow) expect(received).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  it.runIf(IS_LONG)('closes a connection that is not used again, after a proxy would', async () => {
    const idle = new HostileClient(port);
    idle.send(`${head('GET', '/embed.js')}\r\n`);
    let isClosed = false;
    void idle.closed.then(() => {
      isClosed = true;
    });
    await pause(61_000);
    expect(isClosed).toBe(false);
    await idle.closed;
  });
});
