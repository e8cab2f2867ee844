import { escapeHtml, html, textOf } from '../html.js';
import type { ImageNamer } from '../view-models.js';

/** What names the pictures of the content that is being made; null where it shows none. */
export interface CurrentImages {
  namer: ImageNamer | null;
}

/** The steps of naming a picture, which is an HMAC. */
const OF_AN_ADDRESS = 10;

const NARROWEST = 16;
const WIDEST = 1200;

const sideOf = (value: unknown, usual: number): number => {
  const number = Math.round(Number(textOf(value)));
  return number >= 1 ? Math.min(WIDEST, Math.max(NARROWEST, number)) : usual;
};

/** Where a picture is shown: as wide and high as it says before there is one, and after. */
export const frameOf = (address: string, words: string, width: number, height: number): object =>
  html(
    `<span class="oriel-image"${words === '' ? ' aria-hidden="true"' : ` role="img" aria-label="${escapeHtml(words)}"`} data-oriel-image="${escapeHtml(address)}"><svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" aria-hidden="true"></svg><span>${escapeHtml(words)}</span></span>`,
  );

/** Filters of pictures; `looked` is called with the steps they take. */
export const imageFilters = (images: CurrentImages, looked: (steps: number) => void) => {
  const addressOf = (value: unknown): string => {
    const written = textOf(value);
    if (images.namer === null || written === '') return '';
    looked(OF_AN_ADDRESS);
    return images.namer(written) ?? '';
  };
  return {
    _image: addressOf,
    /** A place of that size for a picture that may be shown; otherwise its words, or nothing. */
    _framed(value: unknown, words: string, width: unknown, height: unknown): object {
      const address = addressOf(value);
      return address === ''
        ? html(escapeHtml(words))
        : frameOf(address, words, sideOf(width, 160), sideOf(height, 90));
    },
  };
};
