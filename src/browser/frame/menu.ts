const OPEN = 'details.oriel-menu[open]';

const openMenu = (): HTMLDetailsElement | null => document.querySelector<HTMLDetailsElement>(OPEN);

const close = (menu: HTMLDetailsElement, giveFocusBack: boolean): void => {
  menu.open = false;
  if (giveFocusBack) menu.querySelector('summary')?.focus();
};

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

const step = (menu: HTMLDetailsElement, by: number): void => {
  const items = Array.from(menu.querySelectorAll<HTMLElement>('summary, a[href], button'));
  const place = items.indexOf(document.activeElement as HTMLElement);
  items[(place + by + items.length) % items.length]?.focus();
};

/** The gadget's menu is a `<details>`: Escape and a click elsewhere close it, the arrow keys move through it. */
export const keyboardMenu = (): void => {
  document.addEventListener('keydown', (event) => {
    const menu = openMenu();
    if (menu === null) return;
    const by = STEPS[event.key];
    if (event.key === 'Escape') close(menu, true);
    else if (by !== undefined && menu.contains(document.activeElement)) {
      event.preventDefault();
      step(menu, by);
    }
  });
  document.addEventListener('click', ({ target }) => {
    const menu = openMenu();
    if (menu === null || !(target instanceof Element)) return;
    const inside = menu.contains(target);
    if (!inside || target.closest('[data-oriel-action], a[href]')) close(menu, inside);
  });
};
