import { ownerOf } from '../domain/connection.js';
import type { ReportMisplaced } from '../domain/misplaced.js';
import type { Reach } from '../net/address-guard.js';
import type { HttpClient } from '../net/http-client.js';
import { bindToken } from '../providers/binding.js';
import type { Provider } from '../providers/provider.js';
import { type CleanImage, cleanImage, type ImageBounds } from './clean-image.js';
import { isStorable } from './remembered-answers.js';
import { isBelow, redirectedUrl } from './send-request.js';
import type { Access } from './upstream-call.js';

/** A picture, or the stable code of why there is none, and whether that may be remembered for the person it was fetched for. */
export interface FetchedImage {
  readonly image: CleanImage | string;
  readonly mayKeep: boolean;
}

const ACCEPT = 'image/png, image/jpeg, image/gif, image/webp';

/** Hosts of pictures are no providers: none has certificates of its own. By record, since a guard is remembered by the reach it was made for. */
const elsewhere = new WeakMap<Provider, Reach>();

const reachOf = (provider: Provider, url: URL): Reach => {
  if (url.origin === new URL(provider.api).origin) return provider;
  const known = elsewhere.get(provider);
  if (known !== undefined) return known;
  const reach = { allowAddresses: provider.allowAddresses, certificates: [] };
  elsewhere.set(provider, reach);
  return reach;
};

/** Whether a picture is part of a provider's API, whose token it is then asked for with. */
export const isOfApi = ({ api }: Pick<Provider, 'api'>, url: URL): boolean => {
  const base = new URL(api);
  return isBelow(url, base, base.pathname);
};

/**
 * Fetches a picture: with `access` as its viewer, from the provider's API alone; without, so that nothing says who asks. Never throws for what
 * a server does. Redirects are followed as for answers: within the origin, and with a token within the API.
 */
export async function fetchImage(
  { calls, misplaced }: { readonly calls: Pick<HttpClient, 'send'>; readonly misplaced: ReportMisplaced },
  provider: Provider,
  access: Access | null,
  url: URL,
  { userAgent, ...bounds }: ImageBounds & { readonly userAgent: string },
): Promise<FetchedImage> {
  const owner = access === null ? null : ownerOf(access.connection);
  const authorization = access === null || !isOfApi(provider, url) ? null : bindToken(access, provider, url);
  if (access !== null && authorization === null) {
    misplaced('origin', owner);
    return { image: 'origin-refused', mayKeep: false };
  }
  const prefix = access === null ? '/' : new URL(provider.api).pathname;
  const isKept = owner !== null && provider.keepAlive !== false;
  const answer = await calls.send({
    url,
    body: null,
    headers: { accept: ACCEPT, 'user-agent': userAgent, ...authorization },
    reach: reachOf(provider, url),
    owner: isKept ? JSON.stringify([owner.connection, owner.generation]) : null,
    redirected: (from, location) => redirectedUrl(url, from, location, prefix),
  });
  if (answer.kind !== 'answer') return { image: answer.code, mayKeep: true };
  const mayKeep = isStorable(answer);
  if (answer.status !== 200) return { image: `status-${answer.status}`, mayKeep };
  return { image: await cleanImage(answer.body, bounds), mayKeep };
}
