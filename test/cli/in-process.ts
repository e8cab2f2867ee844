import { vi } from 'vitest';
import { runProgram } from '../../src/cli/program.js';
import type { Ended } from './command-line.js';

class Exit extends Error {}

/** Runs one command in this process: its output and its code, without the second that starting another process costs. */
export const runHere = async (...args: readonly string[]): Promise<Ended> => {
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
    await runProgram(args);
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  const code = Number(process.exitCode ?? 0);
  process.exitCode = before;
  return { code, ...printed };
};
