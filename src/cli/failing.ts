import { ConfigFaults, describeFaults } from '../config/config-faults.js';
import { AppError } from '../domain/errors.js';
import type { Fault } from '../domain/fault.js';
import { InvalidRecord } from '../domain/invalid-record.js';
import { DatabaseTrouble } from '../store/database-trouble.js';

const LISTEN_SENTENCES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else is already listening there; stop it, or change `listen`',
  EADDRNOTAVAIL: 'this machine does not have that address; change `listen.host`',
  EACCES: 'permission denied; choose a port from 1024 up',
};

/** What the system says of an address that cannot be listened on, as a sentence; null of anything else. */
const listenSentence = (error: Error): string | null => {
  const { code, address, port }: Readonly<Record<string, unknown>> = { ...error };
  const sentence = LISTEN_SENTENCES[String(code)];
  return sentence === undefined || address === undefined
    ? null
    : `The server can’t listen on ${address}:${port}: ${sentence}.`;
};

const FILE_SENTENCES: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EEXIST: 'it already exists',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'it would be larger than files may be here',
  EIO: 'the disk reports an error',
  EISDIR: 'it is a folder',
  ENOENT: 'no such file or folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is not a folder',
  EROFS: 'it is read-only',
};

/** What the system says of a file that was named, or of standard output, as a sentence; null of anything else. */
const fileSentence = (error: Error): string | null => {
  const { code, path, dest, syscall }: Readonly<Record<string, unknown>> = { ...error };
  const sentence = FILE_SENTENCES[String(code)];
  if (sentence === undefined) return null;
  if (path !== undefined) return `The file ${dest ?? path} can’t be used: ${sentence}.`;
  return syscall === 'write' ? `The output can’t be written: ${sentence}.` : null;
};

/** The one mistake, where it is a file as a whole, such as one that is not there: nothing in it is wrong then. */
const wholeFile = ({ faults: [fault, ...others] }: ConfigFaults): Fault | null =>
  fault !== undefined && others.length === 0 && fault.path === '' && fault.line === null ? fault : null;

const countOf = ({ faults }: ConfigFaults): string =>
  `The configuration has ${faults.length === 1 ? 'one mistake' : `${faults.length} mistakes`}`;

const sentenceOfFaults = (error: ConfigFaults): string =>
  wholeFile(error) === null ? `${countOf(error)}:\n${error.message}` : error.message;

const detailOf = (error: ConfigFaults): string => {
  const fault = wholeFile(error);
  return `${fault === null ? countOf(error) : `${fault.file}: ${fault.problem}`}.`;
};

/** What was thrown that is no refusal, nothing the system said, and no sentence of ours. */
const isBug = (error: unknown): boolean =>
  !(error instanceof Error) ||
  (!(error instanceof AppError) &&
    !(error instanceof ConfigFaults) &&
    (listenSentence(error) ?? fileSentence(error)) === null &&
    error.name !== 'Error');

/** A failure as one sentence for the person at the terminal; for a bug, which has none, the stack. */
export const sentenceOf = (error: unknown): string => {
  if (error instanceof ConfigFaults) return sentenceOfFaults(error);
  if (error instanceof InvalidRecord) return `${error.message}\n${describeFaults(error.faults)}`;
  // The person at the terminal can do something about it.
  if (error instanceof DatabaseTrouble) return error.reason ?? error.message;
  if (error instanceof AppError) return [error.message, error.reason].filter(Boolean).join('\n');
  if (!(error instanceof Error)) return 'It failed for an unknown reason.';
  return (
    listenSentence(error) ??
    fileSentence(error) ??
    (isBug(error) ? (error.stack ?? error.message) : error.message)
  );
};

/** A failure for programs, named as in the API's problem documents; `code` is null where there is none. */
const problemOf = (error: unknown): object => {
  if (error instanceof ConfigFaults)
    return { code: 'configuration_invalid', detail: detailOf(error), faults: error.faults };
  if (error instanceof DatabaseTrouble) return { code: error.faultCode, detail: sentenceOf(error) };
  if (error instanceof AppError)
    return {
      code: error.code,
      detail: error.message,
      ...(error.reason !== null && { reason: error.reason }),
      ...(error instanceof InvalidRecord && { faults: error.faults }),
    };
  return isBug(error)
    ? { code: 'internal', detail: 'Something went wrong on our side; see standard error.' }
    : { code: null, detail: sentenceOf(error) };
};

/** Failures of standard output that were printed already: a command may wait for the same. */
const reported = new WeakSet<Error>();
const isReported = (error: unknown): boolean => error instanceof Error && reported.has(error);

/**
 * Runs a command. What it throws is printed as a sentence on standard error, or with `json` as JSON on standard output, and the
 * process ends with 1.
 */
export const failing = async (command: () => void | Promise<void>, json = false): Promise<void> => {
  try {
    await command();
  } catch (error) {
    if (json) console.log(JSON.stringify({ ok: false, ...problemOf(error) }));
    if ((!json || isBug(error)) && !isReported(error)) console.error(sentenceOf(error));
    // Nothing that was opened before may keep a server running that does not serve.
    process.exit(1);
  }
};

/** Lets the process end with 1, and say why, where what it prints cannot be written, as on a full disk. A reader that has seen enough is none. */
export const reportLostOutput = (output: NodeJS.WritableStream): void => {
  let isKnown = false;
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || isKnown) return;
    isKnown = true;
    process.exitCode = 1;
    reported.add(error);
    console.error(sentenceOf(error));
  });
};
