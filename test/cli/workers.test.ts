import { readFileSync } from 'node:fs';
import { Agent, type RequestOptions, request } from 'node:http';
import { platform } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { HOST_SECRET, signHostToken } from '../support/host-token.js';
import { frameData, httpFrame } from '../support/http-viewer.js';
import { freePort, KEY, loopback, openFolder, type Started, start } from './command-line.js';

// Each test starts three processes or more.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const folder = openFolder();
const running: Started[] = [];
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGTERM');
    await ended;
  }
});
afterAll(() => folder.remove());

interface Served {
  readonly server: Started;
  readonly port: number;
}

const serveBy = async (
  workers: number | string,
  config: Readonly<Record<string, unknown>> = {},
  onInput = false,
): Promise<Served> => {
  const port = await freePort();
  const data = { ...loopback(port), database: `sqlite:./${port}.db`, workers, ...config };
  const file = onInput ? '-' : folder.write(`${port}.yaml`, data);
  const server = start(['serve', '--config', file], {
    cwd: folder.path,
    env: { ORIEL_KEY: KEY },
    ...(onInput && { input: stringify(data, { aliasDuplicateObjects: false }) }),
  });
  running.push(server);
  return { server, port };
};

/** The processes that a process started. */
const childrenOf = (id: number | undefined): readonly number[] =>
  readFileSync(`/proc/${id}/task/${id}/children`, 'utf8')
    .split(' ')
    .flatMap((each) => (each === '' ? [] : [Number(each)]));

/** One letter (proc(5)), or nothing where there is no such process. */
const stateOf = (id: number): string => {
  try {
    return /^State:\s+(\S)/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
};

const ready = async ({ server, port }: Served, workers: number): Promise<readonly number[]> => {
  await expect
    .poll(
      async () => {
        const { status } = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => ({ status: 0 }));
        return [status, childrenOf(server.child.pid).length];
      },
      { timeout: 30_000, interval: 50 },
    )
    .toEqual([200, workers]);
  return childrenOf(server.child.pid);
};

/** What a launch without a token is answered with. */
const REFUSED = '415';

/** Milliseconds between an answer and the next question of a client. */
const BETWEEN = 5;

/** What is asked for: a path, and how. A client without `keepAlive` opens a new connection each time. */
interface Asked extends Pick<RequestOptions, 'method' | 'headers'> {
  readonly path: string;
  readonly keepAlive?: boolean;
  /** What the answer must hold. */
  readonly holding?: string;
}

const LAUNCH: Asked = { method: 'POST', path: '/h/gocd/g/mingle-cards' };

/** Asks again and again, and counts what came back. */
const asking = (port: number, clients: number, asked: Asked = LAUNCH) => {
  const { keepAlive = true, holding = '', ...options } = asked;
  const agent = new Agent({ keepAlive, maxSockets: clients });
  const results = new Map<string, number>();
  let isOver = false;
  const once = (): Promise<string> =>
    new Promise((resolve) => {
      const failed = (error: NodeJS.ErrnoException): void => resolve(error.code ?? error.message);
      request({ host: '127.0.0.1', port, agent, ...options }, (answer) => {
        let text = '';
        answer
          .setEncoding('utf8')
          .on('data', (part) => {
            text += part;
          })
          .on('error', failed)
          .on('end', () =>
            resolve(text.includes(holding) ? String(answer.statusCode) : `${answer.statusCode}: ${text}`),
          );
      })
        .on('error', failed)
        .end();
    });
  const client = async (): Promise<void> => {
    while (!isOver) {
      const result = await once();
      results.set(result, (results.get(result) ?? 0) + 1);
      // As fast as they can, they would keep those that start from the processor.
      await pause(BETWEEN);
    }
  };
  const all = Promise.all(Array.from({ length: clients }, client));
  return {
    results,
    /** Resolves once so many were answered. */
    answered: (count: number) =>
      expect
        .poll(() => [...results.values()].reduce((sum, each) => sum + each, 0), { timeout: 30_000 })
        .toBeGreaterThan(count),
    async stop() {
      isOver = true;
      await all;
      agent.destroy();
      return results;
    },
  };
};

// Only Linux says by a file which processes one has started.
describe.runIf(platform === 'linux')('oriel serve with several workers', () => {
  it('starts as many as were asked for, each a server of its own, and shows one link for the first administrator', async () => {
    const served = await serveBy(3);
    await served.server.saying('"event":"workers-serving"');
    served.server.child.kill('SIGTERM');
    const { code, out, err } = await served.server.ended;
    expect(code).toBe(0);
    expect(out.match(/"msg":"ready"/g)).toHaveLength(3);
    expect(err.match(/first one; it works once/g)).toHaveLength(1);
  });

  it('starts a worker again that was killed, while the other goes on', async () => {
    const served = await serveBy(2);
    const [first = 0, second = 0] = await ready(served, 2);
    process.kill(first, 'SIGKILL');
    await served.server.saying('"event":"worker-ended"');
    const again = await ready(served, 2);
    expect(again).toContain(second);
    expect(again).not.toContain(first);
  });

  it('replaces all at SIGUSR2 without losing a request, of kept-alive connections or of new ones', async () => {
    const { gocd } = loopback(0).hosts;
    const hosts = { gocd: { ...gocd, key: { algorithm: 'HS256', secret: HOST_SECRET } } };
    const served = await serveBy(2, { hosts });
    const before = await ready(served, 2);
    const { port } = served;
    const frame = httpFrame({
      gadgetOrigin: `http://127.0.0.1:${port}`,
      siteOrigin: `http://localhost:${port}`,
    });
    const token = await signHostToken({ aud: `http://127.0.0.1:${port}` });
    const page = await frame.launch('gocd', 'mingle-cards', { token, 'p.project': 'apollo' });
    const [style = ''] = /\/assets\/frame-[^"]+\.css/.exec(page.text) ?? [];
    const authorization = `Bearer ${frameData(page.text).bearer}`;
    // A rendering of the gadget, of what the database has of its viewer, and a file.
    const content = { path: '/frame/content', headers: { authorization }, holding: 'Connect' };
    const file = { path: style, holding: '}' };
    const all = [
      asking(port, 4),
      asking(port, 2, content),
      asking(port, 2, { ...content, keepAlive: false }),
      asking(port, 2, file),
      asking(port, 2, { ...file, keepAlive: false }),
    ];
    await Promise.all(all.map((each) => each.answered(10)));
    served.server.child.kill('SIGUSR2');
    await served.server.saying('"event":"workers-replaced"');
    const results = await Promise.all(all.map((each) => each.stop()));
    expect(results.map((each) => [...each.keys()])).toEqual([[REFUSED], ['200'], ['200'], ['200'], ['200']]);
    const after = await ready(served, 2);
    expect(after.filter((each) => before.includes(each))).toEqual([]);
  });

  it('reads its configuration again in each at SIGHUP, also one that came from standard input', async () => {
    const served = await serveBy(2, {}, true);
    await ready(served, 2);
    served.server.child.kill('SIGHUP');
    await served.server.saying('"event":"configuration-reloaded"');
    served.server.child.kill('SIGTERM');
    const { code, out } = await served.server.ended;
    expect(code).toBe(0);
    expect(out.match(/"event":"configuration-reloaded"/g)?.length).toBeGreaterThanOrEqual(1);
  });

  it('ends with what a worker said that cannot start, and leaves none behind', async () => {
    const other = await serveBy(1);
    await other.server.saying('"msg":"ready"');
    const served = await serveBy(2, { listen: { port: other.port } });
    const { code, err } = await served.server.ended;
    expect(code).toBe(1);
    expect(err).toContain(String(other.port));
  });

  it('ends with its first process, however that ends', async () => {
    const served = await serveBy(2);
    const [first = 0] = await ready(served, 2);
    served.server.child.kill('SIGKILL');
    await served.server.ended;
    // The process that adopts it may leave it as a zombie.
    await expect.poll(() => stateOf(first), { timeout: 10_000 }).toMatch(/^[ZX]?$/);
  });
});

describe.runIf(platform === 'linux')('oriel serve with two workers and metrics', () => {
  let metrics: number;
  let served: Served;
  beforeAll(async () => {
    metrics = await freePort();
    served = await serveBy(2, { metrics: { listen: { port: metrics } } });
    // What each test starts, it ends; this one goes on to the next.
    running.pop();
    await served.server.saying('"event":"workers-serving"');
  });
  afterAll(async () => {
    served.server.child.kill('SIGTERM');
    await served.server.ended;
  });

  it('adds up what its workers counted, for Prometheus', async () => {
    await ready(served, 2);
    const clients = asking(served.port, 4);
    await clients.answered(40);
    const asked = [...(await clients.stop()).values()].reduce((sum, each) => sum + each, 0);
    const scraped = async () => (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
    const counted = async () =>
      Number(
        /oriel_request_duration_seconds_count\{[^}]*status="4xx"[^}]*\} (\d+)/.exec(await scraped())?.[1],
      );
    // The second may still be starting when the first answers.
    await expect.poll(counted, { timeout: 10_000 }).toBe(asked);
    expect((await scraped()).match(/^oriel_build_info\{.*\} 1$/gm)).toHaveLength(1);
    // To Prometheus a sum that falls is a restart, and all that is left of it new.
    served.server.child.kill('SIGUSR2');
    await served.server.saying('"event":"workers-replaced"');
    expect(await counted()).toBe(asked);
    const [first = 0] = childrenOf(served.server.child.pid);
    process.kill(first, 'SIGKILL');
    await served.server.saying('"event":"worker-ended"');
    expect(await counted()).toBe(asked);
    expect(await scraped()).toMatch(/^nodejs_version_info/m);
  });

  it('shows the lag of the slowest worker', async () => {
    const [first = 0] = await ready(served, 2);
    const lag = async () => {
      const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
      return Number(/^nodejs_eventloop_lag_p99_seconds (\S+)/m.exec(text)?.[1]);
    };
    // It is measured from one scrape to the next.
    await expect.poll(lag, { timeout: 10_000 }).toBeLessThan(0.1);
    const lagOfStop = async () => {
      process.kill(first, 'SIGSTOP');
      await pause(500);
      process.kill(first, 'SIGCONT');
      // Asked before it has noticed that it stood still, it starts its measure again.
      await pause(100);
      return lag();
    };
    await expect.poll(lagOfStop, { timeout: 30_000 }).toBeGreaterThan(0.4);
  });

  it('keeps the workers it has where a new one does not start, and ends with all of them', async () => {
    const before = await ready(served, 2);
    folder.write(`${served.port}.yaml`, 'gadgetOrigin: nonsense');
    served.server.child.kill('SIGUSR2');
    await served.server.saying('"event":"worker-not-replaced"');
    expect(await ready(served, 2)).toEqual(before);
    const scraped = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
    expect(scraped).toContain('oriel_build_info');
    served.server.child.kill('SIGTERM');
    expect((await served.server.ended).code).toBe(0);
    expect(before.map(stateOf)).toEqual(['', '']);
  });
});
