import type { Theme } from '../shared/messages.js';
import { schemeOf } from './surroundings.js';

type Colour = readonly [red: number, green: number, blue: number];

/** The ground of each theme, as the gadget's own styles have it, and the faintest of what is written on it. */
const GROUNDS: Readonly<Record<Theme, string>> = { light: '#ffffff', dark: '#151a21' };
const FAINTEST: Readonly<Record<Theme, Colour>> = { light: [86, 97, 115], dark: [165, 175, 191] };
/** WCAG 2.2, success criterion 1.4.3. */
const READABLE = 4.5;

const CHANNELS =
  /^rgba?\((\d+(?:\.\d+)?)[, ]+(\d+(?:\.\d+)?)[, ]+(\d+(?:\.\d+)?)(?:[,/ ]+(\d*(?:\.\d+)?)%?)?\)$/;

const luminance = (colour: Colour): number => {
  const [red, green, blue] = colour.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

const contrast = (one: Colour, other: Colour): number => {
  const [first, second] = [luminance(one), luminance(other)];
  return (Math.max(first, second) + 0.05) / (Math.min(first, second) + 0.05);
};

/** Opaque colours alone; null for what shines through, `undefined` for what cannot be told. */
const colourOf = (text: string): Colour | null | undefined => {
  const [, red, green, blue, alpha] = CHANNELS.exec(text) ?? [];
  if (red === undefined) return undefined;
  if (alpha !== undefined && Number(alpha) === 0) return null;
  return alpha === undefined || Number(alpha) === 1 ? [Number(red), Number(green), Number(blue)] : undefined;
};

const around = (element: Element): Element | null =>
  element.parentElement ?? (element.getRootNode() as { host?: Element }).host ?? null;

/** The colour behind an element; null where it cannot be told, as over a picture. */
const backdropOf = (element: Element): Colour | null => {
  for (let each: Element | null = element; each !== null; each = around(each)) {
    const { backgroundColor, backgroundImage } = getComputedStyle(each);
    if (backgroundImage !== 'none') return null;
    const colour = colourOf(backgroundColor);
    if (colour !== null) return colour ?? null;
  }
  // What no page paints, the browser does, by the page's colour scheme.
  return schemeOf(document.documentElement) === 'dark' ? [18, 18, 18] : [255, 255, 255];
};

/**
 * What the frame is laid on, as a CSS colour. The attribute `ground` decides where it is there: `transparent`, `opaque`, or a colour.
 * Else it is the colour of the host page behind it wherever the gadget's text can be read on that, and the theme's own ground where not.
 * A colour, though nothing at all would look the same: Chromium at times takes a frame for one of another colour scheme than its
 * document's, and lays black or white behind what is transparent.
 */
export const groundOf = (element: Element, theme: Theme): string => {
  const wanted = element.getAttribute('ground')?.trim() ?? '';
  if (wanted === 'opaque') return GROUNDS[theme];
  if (wanted !== '' && CSS.supports('background-color', wanted)) return wanted;
  const backdrop = backdropOf(element);
  return backdrop !== null && contrast(backdrop, FAINTEST[theme]) >= READABLE
    ? `rgb(${backdrop.join(', ')})`
    : GROUNDS[theme];
};
