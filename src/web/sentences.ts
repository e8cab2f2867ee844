import type { Disconnection } from '../connect/ending/disconnect.js';
import type { AppError } from '../domain/errors.js';
import type { FlowFailure } from '../domain/flow.js';
import type { Sentences } from '../views/view-models.js';

/** Why a request was refused, in this locale; what only administrators and developers meet is in English. */
export const refusalSentence = (sentences: Sentences, locale: string, { said, message }: AppError): string =>
  said === null ? message : sentences.say(locale, `errors.${said.as}`, said.values);

/** As `refusalSentence`, for a page: what only developers meet has a sentence for viewers too, and stands below it. */
export const pageRefusal = (
  sentences: Sentences,
  locale: string,
  error: AppError,
): { readonly message: string; readonly detail: string | null } => {
  const key = `errors.${error.code}`;
  return error.said === null && sentences.hasSentence(key)
    ? { message: sentences.say(locale, key), detail: error.message }
    : { message: refusalSentence(sentences, locale, error), detail: null };
};

/** Why a flow ended without a Connection. */
export const failureSentence = (sentences: Sentences, locale: string, failure: FlowFailure): string => {
  const { code, as = code, values = {}, said } = failure;
  const key = `failures.${as}`;
  const why = sentences.say(locale, sentences.hasSentence(key) ? key : 'failures.other', values);
  if (said === undefined) return why;
  return `${why} ${sentences.say(locale, 'failures.said', { ...values, words: said })}`;
};

/** What Disconnect did. */
export const disconnectionSentence = (
  sentences: Sentences,
  locale: string,
  { revoked, name, accountPage }: Disconnection,
): string => {
  const paged = `disconnected.${revoked}Page`;
  const key = accountPage !== null && sentences.hasSentence(paged) ? paged : `disconnected.${revoked}`;
  return sentences.say(locale, key, { provider: name, page: accountPage });
};
