import { takeData } from './data.js';

/** The sentences of this frame's script; see `frame` in the catalogue. */
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
  | 'cannotShow'
  | 'shown';

/** The sentences in the viewer's language, sent with the page. */
const sentences = takeData<Readonly<Record<Said, string>>>('oriel-words');

export const words = (name: Said): string => sentences?.[name] ?? '';
