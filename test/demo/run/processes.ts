import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';

export interface ProcessSpec {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly log: string;
  /** A URL that answers 200 once the process is ready; without one the process says so itself. */
  readonly readyUrl?: string;
}

export interface End {
  readonly name: string;
  readonly lastWords: string;
}

export interface Processes {
  /** Starts one and resolves when it is ready; rejects when it ends before that or takes too long. */
  start(spec: ProcessSpec): Promise<void>;
  /** Resolves when the first process ends, with its name and the end of its log. */
  readonly ended: Promise<End>;
  /** Asks all to end, and makes them end if they do not. */
  stop(): Promise<void>;
  kill(): void;
}

const readyWithin = 30_000;
const stopWithin = 12_000;
const lastLines = 15;

const tail = (log: string): string =>
  existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').slice(-lastLines).join('\n') : '';

/** Waits for so many milliseconds. */
export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const answers = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
};

const saysReady = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.once('message', () => resolve());
  });

const exit = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => {
        child.once('exit', () => resolve());
      });

/** The demo's processes, started and ended together; what they print goes to their logs. */
export const processes = (): Processes => {
  const children: ChildProcess[] = [];
  let reportEnd: (end: End) => void = () => {};
  const ended = new Promise<End>((resolve) => {
    reportEnd = resolve;
  });

  const answersAt = async (url: string, child: ChildProcess): Promise<void> => {
    while (child.exitCode === null && child.signalCode === null && !(await answers(url))) await pause(50);
  };

  return {
    ended,
    start: async ({ name, args, env, log, readyUrl }) => {
      const output = openSync(log, 'a', 0o600);
      const child = spawn(process.execPath, args, {
        env: { ...process.env, ...env },
        stdio: ['ignore', output, output, ...(readyUrl ? [] : ['ipc' as const])],
      });
      closeSync(output);
      children.push(child);
      void exit(child).then(() => reportEnd({ name, lastWords: tail(log) }));
      const outcome = await Promise.race([
        (readyUrl ? answersAt(readyUrl, child) : saysReady(child)).then(() => 'ready'),
        exit(child).then(() => 'ended'),
        pause(readyWithin).then(() => 'late'),
      ]);
      if (outcome === 'ready' && child.exitCode === null) return;
      const what = outcome === 'late' ? 'was not ready after 30 seconds' : 'ended before it was ready';
      throw new Error(`${name} ${what}. It said last:\n${tail(log)}`);
    },
    stop: async () => {
      for (const child of children) child.kill('SIGTERM');
      await Promise.race([Promise.all(children.map(exit)), pause(stopWithin)]);
      for (const child of children) child.kill('SIGKILL');
    },
    kill: () => {
      for (const child of children) child.kill('SIGKILL');
    },
  };
};
