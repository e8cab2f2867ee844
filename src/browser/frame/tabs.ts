const made = <K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>>,
): HTMLElementTagNameMap[K] => {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  return element;
};

/** How far an arrow key goes among the tabs; null for any other key. */
const stepOf = (key: string, isRightToLeft: boolean): number | null => {
  if (key !== 'ArrowLeft' && key !== 'ArrowRight') return null;
  return (key === 'ArrowRight') === isRightToLeft ? -1 : 1;
};

/**
 * Makes tabs of the parts of each `[data-oriel-tabs]`, which without this stand one below the other (WAI-ARIA Authoring Practices, tabs that
 * are chosen as they are focused). A tab that was chosen stays so when the content is fetched again. `changed`: another part is shown.
 */
export const tabs = (changed: () => void): ((content: HTMLElement) => void) => {
  const chosen = new Map<number, number>();

  const dress = (group: HTMLElement, place: number): void => {
    const parts = [...group.querySelectorAll<HTMLElement>(':scope > .oriel-tab')];
    if (parts.length < 2) return;
    const list = made('div', { role: 'tablist', class: 'oriel-tablist' });
    const label = group.dataset.orielTabs ?? '';
    if (label !== '') list.setAttribute('aria-label', label);
    const buttons = parts.map((part, index) => {
      const [id, panel] = [`oriel-tab-${place}-${index}`, `oriel-part-${place}-${index}`];
      const button = made('button', { role: 'tab', type: 'button', id, 'aria-controls': panel });
      const heading = part.querySelector(':scope > h2');
      if (heading !== null) button.append(...heading.childNodes);
      heading?.remove();
      part.id = panel;
      part.setAttribute('role', 'tabpanel');
      part.setAttribute('aria-labelledby', id);
      part.tabIndex = 0;
      return button;
    });
    const choose = (index: number): void => {
      chosen.set(place, index);
      for (const [each, button] of buttons.entries()) {
        button.setAttribute('aria-selected', String(each === index));
        button.tabIndex = each === index ? 0 : -1;
        const part = parts[each];
        if (part) part.hidden = each !== index;
      }
    };
    list.append(...buttons);
    list.addEventListener('click', ({ target }) => {
      const index = buttons.findIndex((button) => target instanceof Node && button.contains(target));
      if (index === -1) return;
      choose(index);
      changed();
    });
    list.addEventListener('keydown', (event) => {
      const step = stepOf(event.key, getComputedStyle(list).direction === 'rtl');
      const from = buttons.indexOf(document.activeElement as HTMLButtonElement);
      if (step === null || from === -1) return;
      event.preventDefault();
      const to = (from + step + buttons.length) % buttons.length;
      choose(to);
      buttons[to]?.focus();
      changed();
    });
    choose(Math.min(chosen.get(place) ?? 0, parts.length - 1));
    group.prepend(list);
  };

  return (content) => {
    for (const [place, group] of content.querySelectorAll<HTMLElement>('[data-oriel-tabs]').entries())
      dress(group, place);
  };
};
