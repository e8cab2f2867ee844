const KEPT = 'oriel-keyboard';

const remember = (keyboard: boolean): void => {
  document.documentElement.toggleAttribute('data-keyboard', keyboard);
  try {
    if (keyboard) sessionStorage.setItem(KEPT, '1');
    else sessionStorage.removeItem(KEPT);
  } catch {
    // Without storage, each page finds out on its own.
  }
};

/**
 * Marks the page as used by keyboard, and remembers it for the next page: a heading that is focused for screen readers shows its focus
 * ring for keyboard users only. Browsers show one whenever a script or `autofocus` moves the focus before the first interaction.
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
