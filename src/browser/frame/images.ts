import type { Api } from './api.js';

/** Fetched at the same time, so that the frame's own requests are not kept waiting. */
const AT_ONCE = 3;

const show = (place: Element, url: string): void => {
  const image = document.createElement('img');
  image.alt = '';
  // What the browser can't draw leaves the words that stand below it.
  image.addEventListener('error', () => image.remove());
  image.src = url;
  place.append(image);
};

/** Where content shows each picture, by its address. */
const placesIn = (content: HTMLElement): Map<string, Element[]> => {
  const places = new Map<string, Element[]>();
  for (const place of content.querySelectorAll<HTMLElement>('[data-oriel-image]')) {
    const address = place.dataset.orielImage ?? '';
    places.set(address, [...(places.get(address) ?? []), place]);
  }
  return places;
};

/**
 * Shows the pictures that content names (`data-oriel-image`) over what stands in their place: each is fetched with this frame's bearer once its
 * place comes into view, and held for as long as the content names it. Returns a function that takes new content.
 */
export const images = (api: Pick<Api, 'image'>): ((content: HTMLElement) => void) => {
  /** Object URLs by address; null where there is no picture. */
  const known = new Map<string, string | null>();
  const queue: string[] = [];
  let places = new Map<string, Element[]>();
  let running = 0;

  const load = async (address: string): Promise<void> => {
    const picture = await api.image(address);
    const wanted = places.get(address);
    if (wanted === undefined) {
      known.delete(address);
      return;
    }
    if (picture === null) return;
    const url = URL.createObjectURL(picture);
    known.set(address, url);
    for (const place of wanted) show(place, url);
  };

  const pump = (): void => {
    while (running < AT_ONCE) {
      const address = queue.shift();
      if (address === undefined) return;
      running += 1;
      void load(address).finally(() => {
        running -= 1;
        pump();
      });
    }
  };

  const want = (address: string): void => {
    if (known.has(address)) return;
    known.set(address, null);
    queue.push(address);
    pump();
  };

  const near = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      want((target as HTMLElement).dataset.orielImage ?? '');
    }
  });

  const drop = (address: string, url: string | null): void => {
    if (url !== null && places.has(address)) return;
    if (url !== null) URL.revokeObjectURL(url);
    // What could not be had is asked for again with new content.
    known.delete(address);
  };

  return (content) => {
    near.disconnect();
    queue.length = 0;
    places = placesIn(content);
    for (const [address, url] of known) drop(address, url);
    for (const [address, found] of places) {
      const url = known.get(address) ?? null;
      for (const place of found) {
        if (url === null) near.observe(place);
        else show(place, url);
      }
    }
  };
};
