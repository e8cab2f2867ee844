import type { Format } from '../../domain/gadget.js';
import { readBody } from './parse.js';
import { cut, type Pieces } from './pieces.js';

/** What a worker thread is asked to read. */
export interface Reading {
  readonly format: Format;
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** The answer in pieces, or the stable name of what is wrong with it. */
export type ReadInWorker = Pieces | { readonly code: string };

/** Runs in a worker thread, under this name. */
export const readInWorker = ({ format, contentType, body }: Reading): ReadInWorker => {
  const parsed = readBody(format, contentType, body);
  return 'code' in parsed ? parsed : cut(parsed.data);
};
