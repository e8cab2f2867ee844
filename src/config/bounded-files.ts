import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Surroundings } from './interpolate.js';

/** No configuration, key or certificate is larger; whatever is, was named by mistake. */
const MAX_BYTES = 1024 * 1024;

type Bytes = { readonly bytes: Uint8Array } | { readonly problem: string; readonly missing: boolean };

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'code' in error;

/** Reads a regular file of at most 1 MB. Never throws: what the system refuses becomes a sentence. */
export const readBytes = (path: string): Bytes => {
  let descriptor: number | null = null;
  try {
    // Without blocking: a pipe named by mistake must not hold the start up for ever.
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const about = fstatSync(descriptor);
    if (!about.isFile()) return { problem: 'this is no regular file', missing: false };
    if (about.size > MAX_BYTES) return { problem: 'this file is larger than 1 MB', missing: false };
    return { bytes: readFileSync(descriptor) };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code === 'ENOENT') return { problem: 'there is no such file', missing: true };
    return { problem: `the file cannot be read (${error.code})`, missing: false };
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
};

const STDIN = 0;
/** Between two looks at an input that has nothing yet, ms. */
const PAUSE = 10;

let input: Bytes | null = null;

const readInput = (): Bytes => {
  const chunks: Buffer[] = [];
  const chunk = Buffer.alloc(64 * 1024);
  for (let size = 0; size <= MAX_BYTES; ) {
    try {
      const count = readSync(STDIN, chunk);
      if (count === 0) return { bytes: Buffer.concat(chunks) };
      chunks.push(Buffer.from(chunk.subarray(0, count)));
      size += count;
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (error.code === 'EOF') return { bytes: Buffer.concat(chunks) };
      if (error.code !== 'EAGAIN')
        return { problem: `standard input cannot be read (${error.code})`, missing: false };
      // Another process may have made the pipe one that does not wait.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    }
  }
  return { problem: 'this is larger than 1 MB', missing: false };
};

/** Standard input to its end, at most 1 MB. It can be read once: a reload finds the same again. */
export const readStandardInput = (): Bytes => {
  input ??= readInput();
  return input;
};

/** Text of UTF-8 bytes without a byte order mark; null when they are anything else. */
export const readUtf8 = (bytes: Uint8Array): string | null => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
};

/** Reads `${file:path}`: relative to the configuration's folder, one newline at the end trimmed. */
export const fileReader =
  (configFile: string): Surroundings['readFile'] =>
  (path) => {
    const read = readBytes(resolve(dirname(configFile), path));
    if ('problem' in read) return { problem: `${path}: ${read.problem}` };
    const text = readUtf8(read.bytes);
    return text === null
      ? { problem: `${path}: the file is not UTF-8 text` }
      : { text: text.replace(/\r?\n$/, '') };
  };
