import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** A person at a terminal. */
interface Terminal {
  say(text: string): void;
  /** What they typed, without spaces around it; `usual` where they only pressed Enter. Throws when they leave. */
  ask(question: string, usual?: string): Promise<string>;
  /** The same for a secret, which is not shown. */
  askSecret(question: string): Promise<string>;
}

/** Whether someone sits there who can be asked. */
export const isAtTerminal = (): boolean => process.stdin.isTTY === true && process.stdout.isTTY === true;

/** Lets `work` ask the person at the terminal. When they leave, by Ctrl-C or Ctrl-D, it throws an Error with `leaving` as its sentence. */
export const atTerminal = async <T>(
  leaving: string,
  work: (terminal: Terminal) => Promise<T>,
): Promise<T> => {
  let isSecret = false;
  const output = new Writable({
    write(chunk, _encoding, done) {
      if (!isSecret) process.stdout.write(chunk);
      done();
    },
  });
  const lines = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
  const left = new AbortController();
  lines.once('close', () => left.abort());
  lines.once('SIGINT', () => lines.close());
  const typed = async (prompt: string): Promise<string> => {
    try {
      return (await lines.question(prompt, { signal: left.signal })).trim();
    } catch {
      process.stdout.write('\n');
      throw new Error(leaving);
    }
  };
  try {
    return await work({
      say: (text) => console.log(text),
      ask: async (question, usual = '') =>
        (await typed(`${question}${usual === '' ? '' : ` [${usual}]`}: `)) || usual,
      async askSecret(question) {
        process.stdout.write(`${question} (not shown): `);
        isSecret = true;
        try {
          return await typed('');
        } finally {
          isSecret = false;
          process.stdout.write('\n');
        }
      },
    });
  } finally {
    lines.close();
  }
};
