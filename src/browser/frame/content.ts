import type { Api } from './api.js';
import { textIn } from './api.js';
import { words } from './words.js';

/** The answer to the frame's request for its content. */
export type Content =
  | {
      readonly kind: 'content';
      readonly html: string;
      readonly state: string;
      readonly etag: string | null;
      readonly fetchedAt: string | null;
      readonly requestId: string | null;
      readonly standing: string | null;
    }
  | {
      readonly kind: 'unchanged';
      readonly fetchedAt: string | null;
      readonly requestId: string | null;
      readonly standing: string | null;
    }
  /** Still being rendered; ask again after this many milliseconds. */
  | { readonly kind: 'rendering'; readonly after: number }
  | { readonly kind: 'expired' }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'unreachable' };

/** Requests the content, or whether the content with this ETag is still current. */
export const askContent = async (api: Api, etag: string | null): Promise<Content> => {
  const answer = await api.get('/frame/content', etag === null ? {} : { 'If-None-Match': etag });
  if (answer === null || answer.status >= 500 || answer.status === 429) return { kind: 'unreachable' };
  const { headers, status } = answer;
  const requestId = headers.get('X-Request-Id');
  const fetchedAt = headers.get('X-Oriel-Fetched-At');
  const standing = headers.get('X-Oriel-Standing');
  if (status === 200)
    return {
      kind: 'content',
      html: answer.text,
      state: headers.get('X-Oriel-State') ?? 'content',
      etag: headers.get('ETag'),
      fetchedAt,
      requestId,
      standing,
    };
  if (status === 304) return { kind: 'unchanged', fetchedAt, requestId, standing };
  if (status === 202) {
    const seconds = Number(headers.get('Retry-After') ?? '1');
    return { kind: 'rendering', after: (Number.isFinite(seconds) ? seconds : 1) * 1000 };
  }
  if (status === 401) return { kind: 'expired' };
  return {
    kind: 'refused',
    code: textIn(answer, 'code') ?? 'internal',
    message: textIn(answer, 'detail') ?? words('cannotShow'),
  };
};
