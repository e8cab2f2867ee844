import { takeData } from './data.js';

/** What this frame's script may have to say; see `frame` in the catalogue. */
type Said =
  | 'tryAgain'
  | 'popups'
  | 'reload'
  | 'noWindow'
  | 'notYet'
  | 'givenUp'
  | 'cancelled'
  | 'changed'
  | 'nothing'
  | 'nothingTryAgain'
  | 'unreachable'
  | 'noCode'
  | 'cannotShow';

/** The server's sentences in the viewer's language, which came with the page. */
const sentences = takeData<Readonly<Record<Said, string>>>('oriel-words');

export const words = (name: Said): string => sentences?.[name] ?? '';
