import type { Owned, Owner } from '../domain/connection.js';
import type { Data } from '../domain/data.js';
import type { Answer } from '../net/http-client.js';
import type { Result } from './outcome.js';
import { type Body, readBody } from './readers/parse.js';
import type { UpstreamOutcome } from './upstream-call.js';

/** A refusal is never shown for longer than this without asking again, in milliseconds. */
const MOST_REFUSED = 30_000;

/** What a validator says of a representation (RFC 9110 §8.8). */
interface Validators {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** Where its `Link` header leads, which pages are read along. */
interface Linked {
  readonly link: string | null;
}

interface Dated extends Owned {
  /** When the call was sent, to be shown: the provider decided no earlier. */
  readonly fetchedAt: number;
  /** The same moment by the monotonic clock, for how long it may be used. */
  readonly sentAt: number;
  /** Milliseconds for which it may be shown without asking, whatever longer time a request allows. */
  readonly reuse: number;
  /** Bytes that it takes in memory, roughly. */
  readonly memoryBytes: number;
}

/**
 * Data as it was read, or the body to read it from again. The body is kept where reading it is quick: it takes a third of the memory, and
 * the garbage collector need not walk through it.
 */
export type AnswerContent = { readonly data: Data } | { readonly body: Body };

/** What the provider last said to one question; `bytes` is how long the answer was. A refusal takes the place of the data that was there before it. */
export type Answered =
  | (Dated &
      Validators &
      Linked & { readonly kind: 'data'; readonly content: AnswerContent; readonly bytes: number })
  | (Dated & { readonly kind: 'refusal'; readonly outcome: UpstreamOutcome });

/** How a call ended: with an answer of the provider, or without one (network fault, 5xx, 429). */
export type FlightOutcome =
  | {
      readonly kind: 'answered';
      readonly answered: Answered;
      /** What may be remembered of it, even for the person it was given to. */
      readonly kept: Answered | null;
    }
  | {
      readonly kind: 'unanswered';
      readonly outcome: Extract<UpstreamOutcome, { kind: 'down' | 'rate-limited' }>;
    };

const first = (value: string | string[] | undefined): string | null =>
  (Array.isArray(value) ? value[0] : value) ?? null;

const NONE: ReadonlySet<string> = new Set();

const directives = ({ headers }: Answer): ReadonlySet<string> => {
  const control = headers['cache-control'];
  if (control === undefined) return NONE;
  return new Set(
    String(control)
      .toLowerCase()
      .split(',')
      .map((directive) => directive.trim().split('=')[0] ?? ''),
  );
};

/**
 * Whether an answer may be remembered, even for the person it was given to (RFC 9111 §3, §4.1). Whatever else it varies on is
 * the same in all our requests or part of the key.
 */
export const isStorable = (answer: Answer): boolean =>
  !directives(answer).has('no-store') &&
  !String(answer.headers.vary ?? '')
    .split(',')
    .some((name) => name.trim() === '*');

/** Bytes of memory for each byte of an answer, once it is parsed. Measured: 1.1 for text, 1.5 for XML, 3.3 for JSON of small records. */
const ROOM = 3.5;

/** The data of an answer. */
export const dataOf = (content: AnswerContent): Data => {
  if ('data' in content) return content.data;
  const { format, contentType, bytes } = content.body;
  const read = readBody(format, contentType, bytes);
  if ('code' in read) throw new Error(`an answer that could be read cannot be read again: ${read.code}`);
  return read.data;
};

/** Bytes that are theirs alone: a small buffer may be a part of a large one, which it would keep. */
const apart = (bytes: Uint8Array): Uint8Array =>
  bytes.buffer.byteLength === bytes.byteLength ? bytes : new Uint8Array(bytes);

/** Dates what `owner`'s call came to. `known` is what its conditional headers named, if any. */
export const toFlightOutcome = (
  owner: Owner,
  answer: Answer | null,
  result: Result,
  known: Extract<Answered, { kind: 'data' }> | null,
  { fetchedAt, sentAt }: Pick<Dated, 'fetchedAt' | 'sentAt'>,
): FlightOutcome => {
  if (result.kind === 'down' || result.kind === 'rate-limited')
    return { kind: 'unanswered', outcome: result };
  const storable = answer === null || isStorable(answer);
  const landed = (answered: Answered, kept = answered): FlightOutcome => ({
    kind: 'answered',
    answered,
    kept: storable ? kept : null,
  });
  const reuse = answer !== null && directives(answer).has('no-cache') ? 0 : Number.POSITIVE_INFINITY;
  const bytes = answer?.body.length ?? 0;
  const memoryBytes = bytes * ROOM;
  if (result.kind === 'fetched') {
    const etag = first(answer?.headers.etag);
    const lastModified = first(answer?.headers['last-modified']);
    const { data, body } = result;
    const link = first(answer?.headers.link);
    const content = { data };
    const answered = {
      kind: 'data',
      owner,
      fetchedAt,
      sentAt,
      reuse,
      memoryBytes,
      etag,
      lastModified,
      link,
      bytes,
      content,
    } as const;
    if (body === null) return landed(answered);
    const kept = { body: { ...body, bytes: apart(body.bytes) } };
    return landed(answered, { ...answered, content: kept, memoryBytes: body.bytes.length });
  }
  if (result.kind === 'unchanged') {
    if (known !== null) return landed({ ...known, owner, fetchedAt, sentAt, reuse });
    const outcome = { kind: 'unusable', code: 'status-304', detail: null } as const;
    return landed({ kind: 'refusal', owner, outcome, fetchedAt, sentAt, reuse: 0, memoryBytes });
  }
  const lasts = result.kind === 'forbidden' || result.kind === 'not-found';
  return landed({
    kind: 'refusal',
    owner,
    outcome: result,
    fetchedAt,
    sentAt,
    reuse: lasts ? Math.min(reuse, MOST_REFUSED) : 0,
    memoryBytes,
  });
};
