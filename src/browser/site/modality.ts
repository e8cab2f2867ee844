const KEPT = 'oriel-keyboard';

const remember = (keyboard: boolean): void => {
  document.documentElement.toggleAttribute('data-keyboard', keyboard);
  try {
    if (keyboard) sessionStorage.setItem(KEPT, '1');
    else sessionStorage.removeItem(KEPT);
  } catch {
    // Without storage each page finds out for itself.
  }
};

/**
 * Marks the page as used by keyboard, from page to page: a heading that is focused so that reading begins there has its box for
 * keyboards alone. Browsers show one whenever a script or `autofocus` moves the focus on a page that was not touched yet.
 */
export const watchModality = (): void => {
  try {
    if (sessionStorage.getItem(KEPT) === '1') remember(true);
  } catch {
    // As above.
  }
  addEventListener('keydown', () => remember(true), true);
  addEventListener('pointerdown', () => remember(false), true);
};
