import type { Theme } from '../shared/messages.js';

const darkPreferred = (): MediaQueryList => matchMedia('(prefers-color-scheme: dark)');

/** The color scheme of the page at this element, in this browser. */
export const schemeOf = (element: Element): Theme => {
  const schemes = getComputedStyle(element).colorScheme.split(' ');
  if (!schemes.includes('dark')) return 'light';
  return schemes.includes('light') && !darkPreferred().matches ? 'light' : 'dark';
};

/**
 * The theme to show: the attribute, otherwise the host page's color scheme. A page without `color-scheme` is light, whatever the person
 * prefers.
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
