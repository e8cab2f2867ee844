import { keyboardMenu } from './frame/actions.js';
import { reportHeight } from './frame/height.js';
import { ages, stage } from './frame/stage.js';
import { type CellContent, isCellContent } from './workshop/messages.js';

/*
 * What a frame's script does, for a document of the workshop: it is sent its content, and nothing in it is connected. The document is sandboxed
 * and has no origin of its own.
 */

const writers = new Map<string, () => void>();
let writeAges = (): void => undefined;
const frame = stage(() => writeAges(), 'en');

const report = (message: object): void => parent.postMessage({ workshop: 1, ...message }, location.origin);

/** The new style is there before the old one goes. */
const takeStyle = (address: string | null): void => {
  const before = document.querySelector<HTMLLinkElement>('link[data-gadget]');
  if ((before?.getAttribute('href') ?? null) === address) return;
  if (address === null) {
    before?.remove();
    return;
  }
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.dataset.gadget = '';
  link.href = address;
  link.addEventListener('load', () => before?.remove());
  document.head.append(link);
};

const show = ({ html, lang, dir, style, revision }: CellContent): void => {
  document.documentElement.lang = lang;
  document.documentElement.dir = dir;
  writeAges = writers.get(lang) ?? ages(lang);
  writers.set(lang, writeAges);
  takeStyle(style);
  frame.show(html);
  frame.setFetched(new Date().toISOString());
  report({ type: 'shown', revision });
};

addEventListener('message', ({ source, origin, data }) => {
  if (source === parent && origin === location.origin && isCellContent(data)) show(data);
});
document.addEventListener('click', ({ target }) => {
  const button = target instanceof Element ? target.closest('[data-oriel-action]') : null;
  if (button !== null) report({ type: 'pressed', label: button.textContent ?? '' });
});
reportHeight((height) => report({ type: 'height', height }));
keyboardMenu();
report({ type: 'ready' });
