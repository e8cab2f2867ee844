import type { Rendered } from '../domain/rendering.js';
import type { Digest } from '../domain/system.js';
import type { Views } from '../views/view-models.js';
import type { ImageAddresses } from './image-addresses.js';
import type { RenderResult } from './render-result.js';

export interface HtmlDeps {
  /** Absent where no pictures are shown. */
  readonly images?: Pick<ImageAddresses, 'namerFor'>;
  readonly views: Pick<Views, 'content' | 'state'>;
  readonly digest: Digest;
}

const encoder = new TextEncoder();

/** The HTML surface: a result as the bytes of one fragment, and their ETag. Throws `TooMuchToShow` as the views do. */
export function toHtml({ views, digest, images }: HtmlDeps, result: RenderResult): Rendered {
  const { state, times, failed } = result;
  const body = encoder.encode(
    result.state === 'content'
      ? views.content(result.model, images?.namerFor(result.model.gadget, result.sources))
      : views.state(result.model),
  );
  return {
    state,
    body,
    etag: `"${digest.sha256(body)}"`,
    fetchedAt: times.fetchedAt,
    stale: times.stale,
    ...(failed.length > 0 && { failed }),
  };
}
