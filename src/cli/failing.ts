import { ConfigFaults, describeFaults } from '../config/faults.js';
import { AppError } from '../domain/errors.js';
import { InvalidRecord } from '../domain/invalid-record.js';

const systemSentences: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there already; stop it, or change `listen`',
  EADDRNOTAVAIL: 'this machine does not have that address; change `listen.host`',
  EACCES: 'this user may not; choose a port from 1024 up',
};

/** What the system says of an address that cannot be listened on, as a sentence; null of anything else. */
const listenSentence = (error: Error): string | null => {
  const { code, address, port }: Readonly<Record<string, unknown>> = { ...error };
  const sentence = systemSentences[String(code)];
  return sentence === undefined || address === undefined
    ? null
    : `The server cannot listen on ${address}:${port}: ${sentence}.`;
};

/** A failure as one sentence for the person at the terminal; of a bug, which has none, the stack. */
export const sentenceOf = (error: unknown): string => {
  if (error instanceof ConfigFaults) {
    const count = error.faults.length === 1 ? 'one mistake' : `${error.faults.length} mistakes`;
    return `The configuration has ${count}:\n${error.message}`;
  }
  if (error instanceof InvalidRecord) return `${error.message}\n${describeFaults(error.faults)}`;
  if (error instanceof AppError) return [error.message, error.reason].filter(Boolean).join('\n');
  if (!(error instanceof Error)) return 'It failed for a reason that was not told.';
  const bug = error.name === 'Error' ? error.message : (error.stack ?? error.message);
  return listenSentence(error) ?? bug;
};

/** Runs a command. What it throws is printed as a sentence, and the process ends with 1. */
export const failing = async (command: () => void | Promise<void>): Promise<void> => {
  try {
    await command();
  } catch (error) {
    console.error(sentenceOf(error));
    // Whatever was opened on the way must not keep a server alive that does not serve.
    process.exit(1);
  }
};
