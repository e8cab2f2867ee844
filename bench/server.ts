import { type ChildProcess, fork } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

/** Processor time in microseconds and resident bytes, as the process itself counts them. */
export interface Usage {
  readonly cpu: number;
  readonly rss: number;
}

export interface Server {
  readonly pid: number;
  readonly startMs: number;
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

/** What runs just now: where the bench fails, it leaves none behind. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const probe = fileURLToPath(new URL('./probe.js', import.meta.url));

const untilReady = async (child: ChildProcess, url: string): Promise<void> => {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    const answer = await fetch(url).catch(() => null);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

/** Starts a script as a process of its own and waits until `readyUrl` answers 200. What it prints, links among it, is shown only if it does not start. */
export const startServer = async (
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  readyUrl: string,
  execArgv: readonly string[] = [],
): Promise<Server> => {
  const started = performance.now();
  const child = fork(script, args, {
    env: { ...process.env, ...env, NODE_ENV: 'production' },
    execArgv: ['--import', probe, ...execArgv],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let printed = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  await untilReady(child, readyUrl).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${printed}`);
  });
  return {
    pid: child.pid ?? 0,
    startMs: performance.now() - started,
    usage: () =>
      new Promise((resolve) => {
        child.once('message', (message) => resolve((message as { usage: Usage }).usage));
        child.send('usage');
      }),
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  };
};
