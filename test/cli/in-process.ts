import { vi } from 'vitest';
import { runProgram } from '../../src/cli/program.js';
import type { Ended } from './command-line.js';

class Exit extends Error {}

interface Surroundings {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The program's own folder, where it is not the repository. */
  readonly root?: string;
}

/**
 * Runs commands in this process, one after the other: their output and their code, without the second that starting another process
 * costs. A command's environment holds nothing but what is given. One that serves, is killed or streams needs a process of its own.
 */
export const commandsIn =
  ({ cwd, env, root }: Surroundings = {}) =>
  async (...args: readonly string[]): Promise<Ended> => {
    const { env: ownEnv } = process;
    const ownFolder = process.cwd();
    try {
      if (env !== undefined || cwd !== undefined) process.env = { PATH: ownEnv.PATH, ...env };
      if (cwd !== undefined) process.chdir(cwd);
      return await captured(args, root);
    } finally {
      process.env = ownEnv;
      process.chdir(ownFolder);
    }
  };

const captured = async (args: readonly string[], root?: string): Promise<Ended> => {
  const printed = { out: '', err: '' };
  const to = (stream: keyof typeof printed) => (text: unknown) => {
    printed[stream] += String(text);
    return true;
  };
  const line = (stream: keyof typeof printed) => (text: unknown) => void to(stream)(`${text}\n`);
  const spies = [
    vi.spyOn(console, 'log').mockImplementation(line('out')),
    vi.spyOn(console, 'error').mockImplementation(line('err')),
    vi.spyOn(process.stdout, 'write').mockImplementation(to('out')),
    vi.spyOn(process.stderr, 'write').mockImplementation(to('err')),
    vi.spyOn(process, 'exit').mockImplementation((code) => {
      process.exitCode = code ?? 0;
      throw new Exit();
    }),
  ];
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    await runProgram(args, root);
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  const code = Number(process.exitCode ?? 0);
  process.exitCode = before;
  return { code, ...printed };
};

/** As `commandsIn` in this folder, for commands that get every path as an option. */
export const runHere = commandsIn();
