import type { Theme } from '../shared/messages.js';

const darkPreferred = (): MediaQueryList => matchMedia('(prefers-color-scheme: dark)');

/** The color scheme of the page at this element, in this browser. */
export const schemeOf = (element: Element): Theme => {
  const { colorScheme } = getComputedStyle(element);
  const inHead = document.querySelector<HTMLMetaElement>('meta[name="color-scheme"]')?.content ?? '';
  const schemes = (colorScheme === 'normal' ? inHead : colorScheme).split(' ');
  if (!schemes.includes('dark')) return 'light';
  return schemes.includes('light') && !darkPreferred().matches ? 'light' : 'dark';
};

/**
 * The theme to show: the attribute, otherwise the host page's color scheme. A page without `color-scheme`, in its styles or as a
 * `<meta>`, is light, whatever the person prefers.
 */
export const themeOf = (element: Element): Theme => {
  const wanted = element.getAttribute('theme');
  return wanted === 'light' || wanted === 'dark' ? wanted : schemeOf(element);
};

/** Calls back when the host page or the person may have changed the theme. Returns a function that stops it. */
export const watchTheme = (changed: () => void): (() => void) => {
  const preference = darkPreferred();
  preference.addEventListener('change', changed);
  const page = new MutationObserver(changed);
  for (const node of [document.documentElement, document.body])
    page.observe(node, { attributes: true, attributeFilter: ['class', 'style', 'data-theme'] });
  return () => {
    preference.removeEventListener('change', changed);
    page.disconnect();
  };
};

/** BCP 47 tag: the attribute, the nearest `lang`, or the browser's. */
export const localeOf = (element: Element): string =>
  element.getAttribute('locale') ||
  element.closest('[lang]:not([lang=""])')?.getAttribute('lang') ||
  navigator.language;

/** IANA name: the attribute, or the browser's. */
export const timeZoneOf = (element: Element): string =>
  element.getAttribute('time-zone') || Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

type Color = readonly [red: number, green: number, blue: number];

/** The background of each theme in the gadget's own styles, and its text color with the least contrast. */
const GROUNDS: Readonly<Record<Theme, string>> = { light: '#ffffff', dark: '#151a21' };
const FAINTEST: Readonly<Record<Theme, Color>> = { light: [86, 97, 115], dark: [165, 175, 191] };
/** WCAG 2.2, success criterion 1.4.3. */
const READABLE = 4.5;

const CHANNELS =
  /^rgba?\((\d+(?:\.\d+)?)[, ]+(\d+(?:\.\d+)?)[, ]+(\d+(?:\.\d+)?)(?:[,/ ]+(\d*(?:\.\d+)?)%?)?\)$/;

const luminance = (color: Color): number => {
  const [red, green, blue] = color.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

const contrast = (one: Color, other: Color): number => {
  const [first, second] = [luminance(one), luminance(other)];
  return (Math.max(first, second) + 0.05) / (Math.min(first, second) + 0.05);
};

/** An opaque color; null for a transparent one, `undefined` for anything else. */
const colorOf = (text: string): Color | null | undefined => {
  const [, red, green, blue, alpha] = CHANNELS.exec(text) ?? [];
  if (red === undefined) return undefined;
  if (alpha !== undefined && Number(alpha) === 0) return null;
  return alpha === undefined || Number(alpha) === 1 ? [Number(red), Number(green), Number(blue)] : undefined;
};

const around = (element: Element): Element | null =>
  element.parentElement ?? (element.getRootNode() as { host?: Element }).host ?? null;

/** The color behind an element; null if it can't be determined, such as over a picture. */
const backdropOf = (element: Element): Color | null => {
  for (let each: Element | null = element; each !== null; each = around(each)) {
    const { backgroundColor, backgroundImage } = getComputedStyle(each);
    if (backgroundImage !== 'none') return null;
    const color = colorOf(backgroundColor);
    if (color !== null) return color ?? null;
  }
  // Without a background, the browser paints one by the page's color scheme.
  return schemeOf(document.documentElement) === 'dark' ? [18, 18, 18] : [255, 255, 255];
};

/**
 * The frame's background, as a CSS color. The attribute `ground` decides if present: `transparent`, `opaque`, or a color. Otherwise it is
 * the color of the host page behind the frame if the gadget's text is readable on it, or else the theme's own background. A color,
 * although transparent would look the same: Chromium sometimes assumes another color scheme for a frame than its document's, and paints
 * black or white behind a transparent one.
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
